// Who is measured: airgap, the pipes that people type, and podman's own command.
import { resolve } from 'node:path';
import { ask, run } from './command.js';
import { changedShop, shop } from './corpus.js';
import type { LinkName } from './options.js';
import { farHost, type World } from './world.js';

export interface Contestant {
  readonly name: string;
  /** What a person would type. */
  readonly title: string;
  /** Pipes are what airgap is compared with. */
  readonly isPipe: boolean;
  readonly extraEnv?: Readonly<Record<string, string>>;
  /** Once before the first round. Returns why it cannot take part, if so. */
  prepare?(world: World): Promise<string | undefined>;
  /** A bash command line. */
  command(world: World, link: LinkName, image: string): string;
  /** Undone before the chain of a round begins, besides World.makeEmpty(). */
  makeEmpty?(world: World): Promise<void>;
  /** The image's id on the far side, if not docker's; undefined when it is not there. */
  farId?(world: World, image: string): Promise<string | undefined>;
  /** Gives the far side this image without any link, if not to docker: the state from which a re-send starts. */
  plant?(world: World, image: string): Promise<void>;
}

const launcher = resolve(import.meta.dirname, '..', 'bin', 'airgap');
const gcm = '-c aes128-gcm@openssh.com';

function pipe(name: string, options: { pack?: string; unpack?: string; ssh?: string }): Contestant {
  const { pack, unpack, ssh } = options;
  const far = unpack === undefined ? 'docker load' : `'${unpack} | docker load'`;
  const near = pack === undefined ? '' : `${pack} | `;
  const flags = ssh === undefined ? '' : `${ssh} `;
  return {
    name,
    title: `docker save | ${near}ssh ${flags}${far}`,
    isPipe: true,
    command: (world, link, image) =>
      `docker save ${image} | ${near}ssh -F ${world.sshConfig(link)} ${flags}${farHost} ${far}`,
  };
}

/** In the order in which each round runs them. */
export function allContestants(nodeOptions?: string): readonly Contestant[] {
  return [
    {
      name: 'airgap',
      title: 'airgap send',
      isPipe: false,
      ...(nodeOptions === undefined ? {} : { extraEnv: { NODE_OPTIONS: nodeOptions } }),
      command: (world, link, image) =>
        `${launcher} send -F ${world.sshConfig(link)} --spool ${world.spool} --yes --json ${farHost} ${image}`,
    },
    pipe('zstd-pipe', { pack: 'zstd -T0 -3', unpack: 'zstd -dc' }),
    pipe('plain-pipe', {}),
    pipe('plain-pipe-gcm', { ssh: gcm }),
    pipe('gzip-pipe', { pack: 'gzip', unpack: 'gunzip' }),
    podmanScp,
  ];
}

const podmanScp: Contestant = {
  name: 'podman-scp',
  title: 'podman image scp',
  isPipe: false,
  async prepare(world) {
    const env = world.nearEnv;
    if ((await ask('sh', ['-c', 'command -v podman'])) === undefined) return 'podman is not installed';
    try {
      for (const image of [shop, changedShop]) await podmanLoad(env, image, env);
      for (const link of ['loopback', 'wan'] as const) {
        const uri = `ssh://root@127.0.0.1:${world.sshPort(link)}/run/podman/podman.sock`;
        const args = ['system', 'connection', 'add', '--identity', world.keyPath, `bench-${link}`, uri];
        await run('podman', args, { env });
      }
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    return undefined;
  },
  command: (_world, link, image) => `podman image scp ${podmanName(image)} bench-${link}::`,
  async makeEmpty(world) {
    await run('podman', ['image', 'rm', '--all', '--force'], { env: world.farEnv });
  },
  async farId(world, image) {
    const args = ['image', 'inspect', '--format', 'sha256:{{.Id}}', podmanName(image)];
    return (await ask('podman', args, { env: world.farEnv }))?.trim();
  },
  plant: (world, image) => podmanLoad(world.nearEnv, image, world.farEnv),
};

/** From the near docker into a podman storage, without any link. */
async function podmanLoad(
  docker: NodeJS.ProcessEnv,
  image: string,
  podman: NodeJS.ProcessEnv,
): Promise<void> {
  const load = `docker save ${image} | CONTAINERS_STORAGE_CONF=${podman.CONTAINERS_STORAGE_CONF} podman load --quiet`;
  await run('bash', ['-o', 'pipefail', '-c', load], { env: docker });
}

function podmanName(image: string): string {
  return `docker.io/${image}`;
}
