// A real terminal: a tmux server of its own per test, one window, keys in, rows out.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { root } from './command-line.js';

const run = promisify(execFile);

export interface TmuxTerminal {
  /** Types these keys as tmux names them: `C-c`, `Enter`, or text. */
  keys(...keys: string[]): Promise<void>;
  resize(columns: number, rows: number): Promise<void>;
  /** The rows of the screen, without trailing blanks. */
  rows(): Promise<string[]>;
  /** Waits until the screen holds this; fails with the screen as it is. */
  until(pattern: RegExp): Promise<string>;
  isCursorShown(): Promise<boolean>;
}

interface TmuxOptions {
  readonly scene: string;
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Shell words after the command, such as a redirection. */
  readonly after?: string;
}

/** Runs the command line with the test double in a terminal; when it has ended, the screen says `ended with CODE`. */
export async function withTmux(
  options: TmuxOptions,
  use: (terminal: TmuxTerminal) => Promise<void>,
): Promise<void> {
  const socket = `airgap-test-${process.pid}-${randomBytes(4).toString('hex')}`;
  const tmux = async (...args: string[]): Promise<string> =>
    (await run('tmux', ['-L', socket, '-f', '/dev/null', ...args])).stdout;
  const env = { FAKE_SCENE: options.scene, NO_COLOR: '1', ...options.env };
  const assignments = Object.entries(env).map(([key, value]) => `${key}='${value}'`);
  const words = options.args.map((word) => `'${word}'`).join(' ');
  // The trap keeps the shell when Ctrl-C goes to all that runs in the terminal.
  const command = `trap : INT; env -u FORCE_COLOR ${assignments.join(' ')} '${process.execPath}' --import=tsx test/helpers/fake-main.ts ${words} ${options.after ?? ''}; echo "ended with $?"; exec cat`;
  const { columns = 80, rows = 24 } = options;
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', root, 'sh', '-c', command);
  // -J: rows that the terminal wrapped are one line again.
  const screen = async (...history: string[]): Promise<string[]> =>
    (await tmux('capture-pane', '-p', '-J', ...history)).split('\n').map((row) => row.trimEnd());
  try {
    await use({
      keys: async (...keys) => void (await tmux('send-keys', ...keys)),
      resize: async (width, height) =>
        void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
      rows: () => screen(),
      async until(pattern) {
        // A busy machine is slow to start Node; what never comes is an error after a minute and a half.
        for (let tries = 0; tries < 900; tries += 1) {
          const text = (await screen('-S', '-500')).join('\n');
          if (pattern.test(text)) return text;
          await sleep(100);
        }
        throw new Error(`never shown: ${pattern}\n${(await screen()).join('\n')}`);
      },
      isCursorShown: async () => (await tmux('display-message', '-p', '#{cursor_flag}')).trim() === '1',
    });
  } finally {
    await tmux('kill-server').catch(() => undefined);
  }
}
