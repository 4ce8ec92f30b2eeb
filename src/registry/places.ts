// Where docker, podman and this system say how registries are reached and who one is there. Later folders and files count more
// where it says so; nothing is read here.
import { homedir } from 'node:os';
import path from 'node:path';

/** What a folder for HOST[:PORT] below those of certificates may be called: the port that goes without saying may be said. */
export const certificateNames = (host: string): readonly string[] =>
  /:\d+$/.test(host) ? [host] : [host, `${host}:443`];

export interface Places {
  readonly env: NodeJS.ProcessEnv;
  /** Each may hold a folder HOST[:PORT]. */
  readonly certificateFolders: readonly string[];
  /** daemon.json of dockerd; that of a rootless one after the system's. */
  readonly daemonFiles: readonly string[];
  /** registries.conf: the first that is there. */
  readonly registriesFiles: readonly string[];
  /** Folders of *.conf; a later one wins. */
  readonly registriesFolders: readonly string[];
  /** Where logins are looked for, in this order. */
  readonly loginFiles: readonly LoginFile[];
}

export interface LoginFile {
  readonly path: string;
  /** docker's own knows no repositories in its keys, and is where a login of ours goes. */
  readonly kind: 'docker' | 'containers';
  /** In a folder that may be closed to this user, who then has none there: nobody has named it. */
  readonly isOptional?: boolean;
}

/** What of this machine decides beside the environment. */
export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly uid: number | undefined;
  readonly runFolder: string;
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  uid: process.getuid?.(),
  runFolder: '/run',
});

/** @see containers-auth.json(5), containers-registries.conf(5), containers-certs.d(5), docker's config.json */
export function readPlaces(env: NodeJS.ProcessEnv, machine: Machine = thisMachine()): Places {
  const home = env.HOME || homedir();
  const config = env.XDG_CONFIG_HOME || path.join(home, '.config');
  const named = env.CONTAINERS_REGISTRIES_CONF;
  const asked = env.REGISTRY_AUTH_FILE;
  const docker: LoginFile = {
    path: path.join(env.DOCKER_CONFIG || path.join(home, '.docker'), 'config.json'),
    kind: 'docker',
  };
  return {
    env,
    certificateFolders: [
      '/etc/docker/certs.d',
      '/etc/containers/certs.d',
      path.join(config, 'docker', 'certs.d'),
      path.join(config, 'containers', 'certs.d'),
    ],
    daemonFiles: ['/etc/docker/daemon.json', path.join(config, 'docker', 'daemon.json')],
    registriesFiles: named
      ? [named]
      : [path.join(config, 'containers', 'registries.conf'), '/etc/containers/registries.conf'],
    registriesFolders: named
      ? []
      : ['/etc/containers/registries.conf.d', path.join(config, 'containers', 'registries.conf.d')],
    loginFiles: asked
      ? [containers(asked)]
      : [
          ...podmanFile(env.XDG_RUNTIME_DIR, machine),
          containers(path.join(config, 'containers', 'auth.json')),
          docker,
        ],
  };
}

const containers = (file: string): LoginFile => ({ path: file, kind: 'containers' });

/** Where `podman login` keeps them: without a session, as under sudo, cron and SSH, below the user's number. */
function podmanFile(session: string | undefined, { platform, uid, runFolder }: Machine): LoginFile[] {
  if (session) return [containers(path.join(session, 'containers', 'auth.json'))];
  if (platform !== 'linux' || uid === undefined) return [];
  return [{ ...containers(path.join(runFolder, 'containers', `${uid}`, 'auth.json')), isOptional: true }];
}
