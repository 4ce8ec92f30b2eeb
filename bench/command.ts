// Runs programs that are not measured: waits, bounds them in time, and says what they wrote when they fail.
import { execFile } from 'node:child_process';

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly timeoutMs?: number;
}

const defaultTimeoutMs = 10 * 60_000;
const maxOutputBytes = 16 * 2 ** 20;

/** What the program printed on stdout. @throws {Error} with the end of its stderr when it fails */
export function run(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(
      program,
      [...args],
      {
        env: options.env ?? process.env,
        timeout: options.timeoutMs ?? defaultTimeoutMs,
        killSignal: 'SIGKILL',
        maxBuffer: maxOutputBytes,
        ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      },
      (error, stdout, stderr) => {
        if (error === null) resolve(stdout);
        else
          reject(new Error(`${program} ${args.join(' ')} failed: ${stderr.slice(-2000)}`, { cause: error }));
      },
    );
  });
}

/** As run(), but undefined when it fails: for questions whose answer may be no. */
export async function ask(program: string, args: readonly string[], options: CommandOptions = {}) {
  return await run(program, args, options).catch(() => undefined);
}
