// The docker program on a host: runs it, reads bounded answers, and says its complaints in our codes. DOCKER_HOST and contexts
// are the program's own business.
import type { Readable } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Exec, Host } from '../hosts/host.js';

/** `docker image inspect` of a batch: some 10 KiB an image. */
const maxAnswerBytes = 64 * 1024 * 1024;
const maxStderrBytes = 64 * 1024;
const maxDetailLength = 500;

export interface DockerCli {
  /** `docker`, for messages. */
  readonly program: string;
  /**
   * Runs a command to its end. With `lenient` an exit code other than 0 is no error as long as the engine answers: what was
   * printed is what could be told.
   * @throws {AirgapError} ENGINE_MISSING, ENGINE_UNREACHABLE, ENGINE_DENIED, ENGINE_ANSWER, IMAGE_UNKNOWN (no near names yet)
   */
  run(args: readonly string[], options?: RunOptions): Promise<string>;
  /**
   * Runs a command whose output `use` reads; it may stop early by returning before the end: the command is ended then.
   * Whatever happens, nothing runs any more when this settles. An error of `use` counts, unless the command itself failed.
   * @throws {AirgapError} as run, SOURCE_GONE when the output ends too early
   */
  stream(
    args: readonly string[],
    use: (stdout: Readable) => Promise<'done' | 'stop'>,
    options?: RunOptions,
  ): Promise<void>;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly lenient?: boolean;
  /** As `ExecOptions` has it. */
  readonly ownSession?: boolean;
}

/** The program `program` of `host`; messages call it `engine`. */
export function createDockerCli(host: Host, program: string, engine = program): DockerCli {
  const start = async (
    args: readonly string[],
    { signal, ownSession = false }: RunOptions,
  ): Promise<Exec> => {
    signal?.throwIfAborted();
    try {
      const exec = await host.exec([program, ...args], {
        ...(signal === undefined ? {} : { signal }),
        ownSession,
      });
      exec.stdin.on('error', () => undefined);
      exec.stdin.end();
      return exec;
    } catch (error) {
      if (!isAirgapError(error, 'PROGRAM_MISSING')) throw error;
      throw new AirgapError('ENGINE_MISSING', { engine }, { cause: error });
    }
  };
  /** The exit code; a lost connection keeps its own words. */
  const ended = async (exec: Exec, isKilled: () => boolean): Promise<number | undefined> => {
    try {
      return (await exec.exit).exitCode;
    } catch (error) {
      if (isAirgapError(error) && !isKilled()) throw error;
      return undefined;
    }
  };

  return {
    program,
    async run(args, { signal, lenient = false, ownSession = false } = {}) {
      const exec = await start(args, { signal, ownSession });
      const [stdout, stderr, status] = await Promise.all([
        readBounded(exec.stdout, maxAnswerBytes),
        readBounded(exec.stderr, maxStderrBytes),
        ended(exec, () => signal?.aborted === true),
      ]);
      signal?.throwIfAborted();
      if (stdout.cut) {
        throw new AirgapError('ENGINE_ANSWER', {
          engine,
          command: commandText(program, args),
          detail: 'too long',
        });
      }
      if (status !== 0) {
        const error = translate({ program, engine, args, stderr: stderr.text, status });
        if (!lenient || (error.code !== 'ENGINE_ANSWER' && error.code !== 'IMAGE_UNKNOWN')) throw error;
      }
      return stdout.text;
    },
    async stream(args, use, { signal } = {}) {
      const exec = await start(args, { signal });
      const complaint = readBounded(exec.stderr, maxStderrBytes);
      exec.stdout.on('error', () => undefined);
      let outcome: 'done' | 'stop' | undefined;
      let failure: unknown;
      try {
        outcome = await use(exec.stdout);
      } catch (error) {
        failure = error;
      }
      // An output cut short may mean that the program is failing just now: its own words say more than ours.
      const cut = isAirgapError(failure, 'ARCHIVE_TRUNCATED') || isAirgapError(failure, 'ARCHIVE_INVALID');
      const isKilled = outcome !== 'done' && !cut;
      if (isKilled) exec.kill();
      exec.stdout.resume();
      const [stderr, status] = await Promise.all([
        complaint,
        ended(exec, () => isKilled || signal?.aborted === true),
      ]);
      exec.stdout.destroy();
      signal?.throwIfAborted();
      if (outcome === 'stop') return;
      if (status !== 0 && (outcome === 'done' || cut)) {
        throw translate({ program, engine, args, stderr: stderr.text, status }, failure);
      }
      if (failure === undefined) return;
      if (!isAirgapError(failure, 'ARCHIVE_TRUNCATED')) throw failure;
      const source = commandText(program, args);
      throw new AirgapError('SOURCE_GONE', { source, detail: failure.message }, { cause: failure });
    },
  };
}

interface Complaint {
  readonly program: string;
  readonly engine: string;
  readonly args: readonly string[];
  readonly stderr: string;
  readonly status: number | undefined;
}

function translate({ program, engine, args, stderr, status }: Complaint, cause?: unknown): AirgapError {
  // podman 5 warns of old cgroups with every call.
  const lines = stderr
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => !line.includes(' level=warning '));
  const said = (pattern: RegExp): string | undefined =>
    lines.find((line) => pattern.test(line))?.slice(0, maxDetailLength);
  if (status === 127) return new AirgapError('ENGINE_MISSING', { engine }, { cause });
  const denied = said(
    /permission denied.*(docker|podman).*\.sock|permission denied while trying to connect|containerd\.sock.*permission denied/i,
  );
  if (denied !== undefined) return new AirgapError('ENGINE_DENIED', { engine, detail: denied }, { cause });
  const unreachable = said(
    /cannot connect to|error during connect|failed to (connect|dial)|transport: error while dialing|connection refused|is the docker daemon running|unable to resolve docker endpoint|context .* (not found|does not exist)|no such host|i\/o timeout/i,
  );
  if (unreachable !== undefined)
    return new AirgapError('ENGINE_UNREACHABLE', { engine, detail: unreachable }, { cause });
  if (said(/no such (image|object)|image not known|reference does not exist/i) !== undefined) {
    return new AirgapError('IMAGE_UNKNOWN', { image: args.at(-1) ?? '', store: engine, near: [] }, { cause });
  }
  const detail = said(/./) ?? (status === undefined ? 'ended by a signal' : `exit code ${status}`);
  return new AirgapError('ENGINE_ANSWER', { engine, command: commandText(program, args), detail }, { cause });
}

/** The command as a person would read it; long lists of IDs are cut. */
function commandText(program: string, args: readonly string[]): string {
  const text = [program, ...args].join(' ');
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

async function readBounded(
  stream: Readable,
  limitBytes: number,
): Promise<{ readonly text: string; readonly cut: boolean }> {
  const chunks: Buffer[] = [];
  let count = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      count += chunk.byteLength;
      if (count <= limitBytes) chunks.push(chunk);
    }
  } catch {
    // A lost connection shows in the exit status.
  }
  return { text: Buffer.concat(chunks).toString('utf8'), cut: count > limitBytes };
}
