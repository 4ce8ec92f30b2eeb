// Runs a small program of this machine to its end, with an answer that has a limit.
import type { Host } from '../hosts/host.js';
import { readUpTo } from '../streams/read-up-to.js';

export interface ProgramAnswer {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  /** One line, cut. */
  readonly complaint: string;
  /** There was more than the limit. */
  readonly isCut: boolean;
}

const maxComplaintLength = 300;

/** `maxBytes`: of stdout that are kept; the rest is read and dropped. @throws {AirgapError} PROGRAM_MISSING */
export async function runProgram(
  host: Host,
  argv: readonly string[],
  options: { readonly maxBytes: number; readonly signal?: AbortSignal },
): Promise<ProgramAnswer> {
  const { maxBytes, signal } = options;
  const exec = await host.exec(argv, signal === undefined ? {} : { signal });
  exec.stdin.on('error', () => undefined);
  exec.stdin.end();
  const [stdout, stderr, { exitCode }] = await Promise.all([
    readUpTo(exec.stdout, maxBytes),
    readUpTo(exec.stderr, 64 * 1024),
    exec.exit,
  ]);
  signal?.throwIfAborted();
  const lines = stderr.bytes.toString('utf8').split('\n');
  const complaint = (lines.findLast((line) => line.trim() !== '') ?? '').trim().slice(0, maxComplaintLength);
  return { exitCode, stdout: stdout.bytes.toString('utf8'), complaint, isCut: stdout.isCut };
}
