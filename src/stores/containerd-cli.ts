// containerd's own program on this machine, in one namespace: `ctr`, or k3s' where that is the one. Only root may ask it.
import { stat } from 'node:fs/promises';
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { createDockerCli, type DockerCli } from './docker-cli.js';

/** What a kubelet uses. */
export const kubeletNamespace = 'k8s.io';

/** Where containerd listens, the likeliest first; the second is that of k3s and RKE2. */
const sockets = ['/run/containerd/containerd.sock', '/run/k3s/containerd/containerd.sock'];

/** Of this containerd, if there is any: CONTAINERD_ADDRESS, as `ctr` reads it, or where it is everywhere. */
export async function containerdSocket(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  const asked = env.CONTAINERD_ADDRESS;
  for (const socket of asked === undefined || asked === '' ? sockets : [asked]) {
    const found = await stat(socket).catch(() => undefined);
    // ctr would wait long for one that is not there.
    if (found?.isSocket() === true) return socket;
  }
  return undefined;
}

export interface ContainerdCli extends DockerCli {
  readonly socket: string;
  /** What each of its commands begins with. */
  readonly words: readonly string[];
}

/** @throws {AirgapError} ENGINE_UNREACHABLE where there is no socket */
export async function openContainerdCli(
  host: Host,
  { env, namespace }: { readonly env: NodeJS.ProcessEnv; readonly namespace: string },
): Promise<ContainerdCli> {
  const socket = await containerdSocket(env);
  if (socket === undefined) {
    const detail = `no socket ${env.CONTAINERD_ADDRESS || sockets.join(', ')}`;
    throw new AirgapError('ENGINE_UNREACHABLE', { engine: 'containerd', detail });
  }
  // k3s and RKE2 bring their own, and often no other is there.
  const ctr = socket === sockets[1] ? await ownCtr(env) : ['ctr'];
  const [program = 'ctr', ...before] = ctr;
  const cli = createDockerCli(host, program, 'containerd');
  const words = [...before, '--address', socket, '--connect-timeout', '10s', '--namespace', namespace];
  return {
    program: 'containerd',
    socket,
    words: [program, ...words],
    run: (args, options) => cli.run([...words, ...args], options),
    stream: (args, use, options) => cli.stream([...words, ...args], use, options),
  };
}

const rke2Ctr = '/var/lib/rancher/rke2/bin/ctr';

async function ownCtr(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  if (await hasK3s(env)) return ['k3s', 'ctr'];
  return (await stat(rke2Ctr).catch(() => undefined)) === undefined ? ['ctr'] : [rke2Ctr];
}

async function hasK3s({ PATH = '' }: NodeJS.ProcessEnv): Promise<boolean> {
  const places = PATH.split(':').map((folder) => stat(`${folder}/k3s`).catch(() => undefined));
  return (await Promise.all(places)).some((found) => found !== undefined);
}
