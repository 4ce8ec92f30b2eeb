// A site with a registry for tests: a folder, a home without anybody's settings, real registries over one store, and a client.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RegistryNotice } from '../../src/registry/notices.js';
import { openRegistries, type Registries } from '../../src/registry/open-registries.js';
import { openRegistryRig, type RegistryRig, type RegistryRigOptions } from '../rig/registry.js';
import { openRegistryProxy, type ProxyOptions, type RegistryProxy } from '../rig/registry-proxy.js';
import { type Push, pushTo } from './push.js';
import { withTempDir } from './tmp.js';

export interface RegistrySite {
  readonly folder: string;
  /** Nothing of this machine's user in it. */
  readonly env: NodeJS.ProcessEnv;
  /** For everybody, without TLS. */
  readonly open: RegistryRig;
  readonly push: Push;
  /** Another one over the same store. */
  registry(options: Omit<RegistryRigOptions, 'folder'>): Promise<RegistryRig>;
  proxy(options: ProxyOptions): Promise<RegistryProxy>;
  /** A file below the home, such as `.docker/config.json`. */
  write(name: string, content: string | object): Promise<string>;
  /** A client as a new run has it; what it tells ends up in `notices`. */
  client(env?: NodeJS.ProcessEnv): Registries;
  readonly notices: RegistryNotice[];
}

/** Lends one, and ends all that was started. */
export async function withSite(use: (site: RegistrySite) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    const closes: (() => Promise<void> | void)[] = [];
    const home = path.join(folder, 'home');
    const env: NodeJS.ProcessEnv = {
      PATH: process.env.PATH,
      HOME: home,
      XDG_CACHE_HOME: path.join(folder, 'cache'),
      XDG_STATE_HOME: path.join(folder, 'state'),
      // Without one, podman's logins are looked for in this machine's own /run.
      XDG_RUNTIME_DIR: path.join(folder, 'run'),
      NO_COLOR: '1',
      AIRGAP_LANG: 'en',
    };
    const notices: RegistryNotice[] = [];
    const registry: RegistrySite['registry'] = async (options) => {
      const rig = await openRegistryRig({ folder: path.join(folder, 'registry'), ...options });
      closes.push(rig.close);
      return rig;
    };
    try {
      const open = await registry({});
      await use({
        folder,
        env,
        open,
        push: pushTo(open.origin),
        registry,
        proxy: async (options) => {
          const proxy = await openRegistryProxy(options);
          closes.push(proxy.close);
          return proxy;
        },
        write: async (name, content) => {
          const file = path.join(home, name);
          await mkdir(path.dirname(file), { recursive: true });
          await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
          return file;
        },
        client: (more = {}) => {
          const client = openRegistries({ ...env, ...more });
          client.listen((notice) => notices.push(notice));
          closes.push(client.close);
          return client;
        },
        notices,
      });
    } finally {
      for (const close of closes.reverse()) await close();
    }
  });
}

/** The `auth` of a login in a file. */
export function authOf({ user, password }: { readonly user: string; readonly password: string }): string {
  return Buffer.from(`${user}:${password}`).toString('base64');
}
