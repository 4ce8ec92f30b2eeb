// `podman image scp`: what it needs that others do not (an image in podman's own storage, an agent, SFTP, ~/.ssh/known_hosts).
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ask, run } from './command.js';
import type { Contestant } from './contestants.js';
import { changedShop, shop } from './corpus.js';
import type { World } from './world.js';

const links = ['loopback', 'wan'] as const;

export const podmanScp: Contestant = {
  name: 'podman-scp',
  title: 'podman image scp',
  isPipe: false,
  extraEnv: (world) => ({ SSH_AUTH_SOCK: agentSocket(world) }),
  async prepare(world) {
    if ((await ask('sh', ['-c', 'command -v podman'])) === undefined) return 'podman is not installed';
    try {
      await prepareNear(world);
      return undefined;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  },
  command: (_world, link, image) => `podman image scp ${localName(image)} bench-${link}::`,
  async makeEmpty(world) {
    await run('podman', ['image', 'rm', '--all', '--force'], { env: world.farEnv });
  },
  async farId(world, image) {
    const args = ['image', 'inspect', '--format', 'sha256:{{.Id}}', localName(image)];
    return (await ask('podman', args, { env: world.farEnv }))?.trim();
  },
  plant: (world, image) => load(world, image, world.farEnv),
};

async function prepareNear(world: World): Promise<void> {
  const env = world.nearEnv;
  // Both sides are one machine: the far podman is told its storage by a variable; `image scp` starts podman again without
  // it, so the near storage lies where podman looks by itself. Seen only in the bench's own mount namespace.
  const place = '/var/lib/containers';
  const storage = join(world.directory, 'near', 'containers');
  for (const folder of [storage, place]) await mkdir(folder, { recursive: true });
  await run('mount', ['--bind', storage, place]);
  const ssh = join(world.home, '.ssh');
  await mkdir(ssh, { recursive: true, mode: 0o700 });
  await copyFile(world.knownHostsPath, join(ssh, 'known_hosts'));
  // podman 4.3 does not use the connection's identity for scp; the agent ends with the bench's process namespace
  await run('ssh-agent', ['-a', agentSocket(world)], { env });
  await run('ssh-add', ['-q', world.keyPath], { env: { ...env, SSH_AUTH_SOCK: agentSocket(world) } });
  for (const link of links) {
    const uri = `ssh://root@127.0.0.1:${world.sshPort(link)}/run/podman/podman.sock`;
    const args = ['system', 'connection', 'add', '--identity', world.keyPath, `bench-${link}`, uri];
    await run('podman', args, { env });
  }
  for (const image of [shop, changedShop]) await load(world, image, env);
}

/** Writes the far podman's storage.conf. */
export async function writeFarStorage(directory: string): Promise<string> {
  const path = join(directory, 'storage.conf');
  const places = [`graphroot = "${join(directory, 'containers')}"`, `runroot = "${join(directory, 'run')}"`];
  await writeFile(path, ['[storage]', 'driver = "overlay"', ...places, ''].join('\n'));
  return path;
}

/** From the near docker into a podman storage, without any link. */
async function load(world: World, image: string, podmanEnv: NodeJS.ProcessEnv): Promise<void> {
  const command = `docker -H ${world.near.socket} save ${image} | podman load --quiet`;
  await run('bash', ['-o', 'pipefail', '-c', command], { env: podmanEnv });
}

function agentSocket(world: World): string {
  return join(world.directory, 'agent.sock');
}

/** podman calls what it loads from a docker archive without a registry so. */
function localName(image: string): string {
  return `localhost/${image}`;
}
