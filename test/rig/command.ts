// Runs one program to its end for the rig: output kept, a bad exit code told with the end of stderr.
import { spawn } from 'node:child_process';
import { createReadStream, createWriteStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import type { Ran, RunOptions } from './types.js';

/** Runs argv and waits for its end and all its output. @throws {Error} on a code other than 0 without `mayFail`, and on a timeout always */
export async function run(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const [program = '', ...args] = argv;
  const { input, timeoutMs = 300_000 } = options;
  const child = spawn(program, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...options.env },
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, timeoutMs);
  try {
    const fed = child.stdin === null ? Promise.resolve() : feed(child.stdin, input ?? '');
    const [stdout, stderr, exitCode] = await Promise.all([
      collect(child.stdout, options.outputFile),
      collect(child.stderr),
      new Promise<number>((resolve, reject) => {
        child.once('error', reject);
        child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGKILL' ? 137 : 143)));
      }),
      fed,
    ]);
    if (timedOut) throw new Error(`${argv.join(' ')}: still running after ${timeoutMs} ms`);
    if (exitCode !== 0 && options.mayFail !== true) {
      throw new Error(`${argv.join(' ')}: exit code ${exitCode}: ${(stderr || stdout).trim().slice(-2000)}`);
    }
    return { stdout, stderr, exitCode };
  } finally {
    clearTimeout(timer);
  }
}

async function feed(stdin: NodeJS.WritableStream, input: NonNullable<RunOptions['input']>): Promise<void> {
  try {
    if (typeof input === 'object' && 'file' in input) {
      await pipeline(createReadStream(input.file, { highWaterMark: 1 << 20 }), stdin);
    } else {
      stdin.end(input);
      await finished(stdin);
    }
  } catch (cause) {
    // a program may end without reading all of its stdin; its exit code tells whether that was right
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
    if (code !== 'EPIPE' && code !== 'ERR_STREAM_PREMATURE_CLOSE') throw cause;
  }
}

async function collect(stream: Readable | null, file?: string): Promise<string> {
  if (stream === null) return '';
  if (file !== undefined) {
    await pipeline(stream, createWriteStream(file));
    return '';
  }
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks).toString('utf8');
}

/** Waits until check gives a value. An error of check ends the waiting. @throws {Error} `what: not within N ms` */
export async function until<T>(
  what: string,
  check: () => Promise<T | undefined> | T | undefined,
  timeoutMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > deadline) throw new Error(`${what}: not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
