// A box: a mount and PID namespace that is a machine of its own. It dies with this process, whatever ends it.
import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { run, until } from './command.js';
import type { Ran, RunOptions } from './types.js';

export type BoxOptions = {
  /** Part of the folder's name, for whoever looks at the machine. */
  readonly name: string;
  /** `/`, or a chroot that the box sees read-only. */
  readonly root: string;
  /** Locked as long as the box lives, so that a chroot in use is not replaced. */
  readonly lockFile?: string;
  /** Size of a tmpfs put on `work/data`. */
  readonly dataBytes?: number;
};

export type Box = {
  /** The box's own folder: the same path inside and outside, removed with it. `root` and `home` in it are the box's /root and /home. */
  readonly work: string;
  /** argv that runs a command as root inside. */
  enter(argv: readonly string[]): readonly string[];
  run(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** A path in there, as this process sees it. */
  seen(path: string): string;
  /** Ends every process inside, drops its mounts, removes `work`. May be called twice. */
  stop(): Promise<void>;
};

/** Where chroots and boxes live: outside the tree, on a real file system, `AIRGAP_RIG_DIR` or /var/tmp/airgap-rig. */
export const rigFolder = process.env.AIRGAP_RIG_DIR ?? '/var/tmp/airgap-rig';

const script = fileURLToPath(new URL('box.sh', import.meta.url));

// The outer shell survives this process: when the pipe on its stdin closes, the box ends and the folder goes.
const outer = `work=$1; lock=$2; shift 2
[ -z "$lock" ] || { exec 9<"$lock"; flock -s 9; }
unshare --mount --pid --fork --kill-child --propagation private "$@"
# sleeps between tries: the kernel is still taking the last processes and their mounts down
for _ in 1 2 3 4 5 6 7 8 9 10; do rm -rf --one-file-system "$work" 2>/dev/null && break; sleep 0.3; done`;

/** Opens a box. Needs root and unshare(1). */
export async function openBox(options: BoxOptions): Promise<Box> {
  await mkdir(rigFolder, { recursive: true, mode: 0o755 });
  const work = await mkdtemp(join(rigFolder, `run-${options.name}-`));
  await chmod(work, 0o755);
  const size = options.dataBytes === undefined ? [] : [String(options.dataBytes)];
  const argv = ['-c', outer, 'sh', work, options.lockFile ?? '', 'sh', script, options.root, work, ...size];
  // detached: Ctrl-C in a terminal must reach this process only, the box then ends by its closed stdin
  const child = spawn('sh', argv, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  let output = '';
  let ended = false;
  const end = new Promise<void>((resolve) => {
    child.once('close', () => {
      ended = true;
      resolve();
    });
    child.once('error', (error) => {
      output += error.message;
      ended = true;
      resolve();
    });
  });
  const keep = (chunk: Buffer): void => {
    output += chunk.toString('utf8');
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  child.stdin.on('error', () => {});

  const stop = async (): Promise<void> => {
    child.stdin.end();
    await end;
    await rm(work, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    const pid = await until(`box ${options.name}`, () => {
      if (ended) throw new Error(`box ${options.name} did not start: ${output.trim()}`);
      return /^ready (\d+)$/m.exec(output)?.[1];
    });
    const enter = (inner: readonly string[]): readonly string[] => [
      'nsenter',
      '--target',
      pid,
      '--mount',
      '--pid',
      '--root',
      '--wd',
      ...inner,
    ];
    return {
      work,
      enter,
      stop,
      seen: (path) => `/proc/${pid}/root${path}`,
      run: (inner, runOptions) => run(enter(inner), runOptions),
    };
  } catch (cause) {
    await stop();
    throw cause;
  }
}
