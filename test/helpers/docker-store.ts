// A docker store over a real engine, and images put into it the way users do: docker load.
import { buffer } from 'node:stream/consumers';
import type { Host } from '../../src/hosts/host.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { createDockerStore } from '../../src/stores/docker.js';
import type { Store } from '../../src/stores/store.js';

export interface DockerUnderTest {
  readonly store: Store;
  readonly host: Host;
  /** argv of every command that the store has run. */
  readonly commands: readonly (readonly string[])[];
  /** Commands of the store that run now. */
  runningCount(): number;
  load(archive: Buffer): Promise<void>;
  docker(...args: readonly string[]): Promise<string>;
}

/** Lends a store over the engine at `dockerHost`. */
export async function withDockerStore(
  options: { readonly dockerHost: string; readonly cacheDirectory?: string; readonly program?: string },
  fn: (made: DockerUnderTest) => Promise<void>,
): Promise<void> {
  const local = createLocalHost({ ...process.env, DOCKER_HOST: options.dockerHost });
  const commands: (readonly string[])[] = [];
  let running = 0;
  const host: Host = {
    ...local,
    async exec(argv, execOptions) {
      commands.push(argv);
      const exec = await local.exec(argv, execOptions);
      running += 1;
      const ended = (): void => {
        running -= 1;
      };
      exec.exit.then(ended, ended);
      return exec;
    },
  };
  const docker = async (stdin: Buffer, args: readonly string[]): Promise<string> => {
    const exec = await local.exec(['docker', ...args]);
    exec.stdin.end(stdin);
    const [stdout, stderr, { exitCode }] = await Promise.all([
      buffer(exec.stdout),
      buffer(exec.stderr),
      exec.exit,
    ]);
    if (exitCode !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr.toString()}`);
    return stdout.toString();
  };
  const { cacheDirectory, program } = options;
  const store = createDockerStore({
    host,
    ...(program === undefined ? {} : { program }),
    ...(cacheDirectory === undefined ? {} : { cacheDirectory }),
  });
  try {
    await fn({
      store,
      host,
      commands,
      runningCount: () => running,
      load: async (archive) => void (await docker(archive, ['load', '--quiet'])),
      docker: (...args) => docker(Buffer.alloc(0), args),
    });
  } finally {
    await store.close();
    await local.close();
  }
}
