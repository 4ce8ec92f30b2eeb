// What is asked of an engine on this machine beside its images: whether it is there, and what its containers run from.
import { isAirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import type { NearEngine } from '../runs/prepare-host.js';
import { containerdSocket, kubeletNamespace, openContainerdCli } from './containerd-cli.js';
import { type RunningImages, runningOfContainerd } from './containerd-running.js';
import { createDockerCli } from './docker-cli.js';
import { listRunningImages } from './docker-containers.js';
import type { Store } from './store.js';

/** Undefined where there is none; docker is always asked for. @throws {AirgapError} ENGINE_* */
export async function engineVersion(
  host: Host,
  env: NodeJS.ProcessEnv,
  engine: NearEngine['program'],
): Promise<string | undefined> {
  if (engine === 'containerd') {
    if ((await containerdSocket(env)) === undefined) return undefined;
    const cli = await openContainerdCli(host, { env, namespace: kubeletNamespace });
    const [, version] = /^Server:\s+Version:\s+(\S+)/m.exec(await cli.run(['version'])) ?? [];
    return version ?? '?';
  }
  try {
    const cli = createDockerCli(host, engine);
    // podman is a program, docker has a server.
    const asked = engine === 'podman' ? '{{.Client.Version}}' : '{{.Server.Version}}';
    return (await cli.run(['version', '--format', asked])).trim();
  } catch (error) {
    if (engine === 'podman' && isAirgapError(error, 'ENGINE_MISSING')) return undefined;
    throw error;
  }
}

/**
 * What the running containers were made from, each once: by the names that they were made with, or what else that image is called
 * where such a name stands for another since. @throws {AirgapError} ENGINE_*, USAGE
 */
export async function runningImages(
  host: Host,
  env: NodeJS.ProcessEnv,
  engine: NearEngine,
  containerd: (namespace?: string) => Store,
): Promise<RunningImages> {
  if (engine.program !== 'containerd')
    return { images: await listRunningImages(createDockerCli(host, engine.program)), supposed: [] };
  const cli = await openContainerdCli(host, { env, namespace: engine.namespace ?? kubeletNamespace });
  return await runningOfContainerd(cli, containerd(engine.namespace));
}
