// A daemon inside a box: started with its output in a log file, ended by its PID, never by its name.
import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Box } from './box.js';

export type Daemon = {
  /** Everything it wrote, both streams. */
  log(): Promise<string>;
  isRunning(): boolean;
  /** Waits for its end, at most that long; tells whether it ended. */
  ended(timeoutMs: number): Promise<boolean>;
};

/** Starts argv inside the box. Its PID in there is its own affair (a PID file). */
export function startDaemon(box: Box, argv: readonly string[], logFile: string): Daemon {
  const [program = '', ...args] = box.enter(argv);
  const log = openSync(logFile, 'w');
  const child = spawn(program, args, { stdio: ['ignore', log, log], detached: true, cwd: '/' });
  closeSync(log);
  let running = true;
  const end = new Promise<void>((resolve) => {
    const over = (): void => {
      running = false;
      resolve();
    };
    child.once('exit', over);
    child.once('error', over);
  });
  return {
    log: () => readFile(logFile, 'utf8'),
    isRunning: () => running,
    ended: async (timeoutMs) => {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, timeoutMs);
      });
      await Promise.race([end, late]);
      clearTimeout(timer);
      return !running;
    },
  };
}
