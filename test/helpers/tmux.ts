// A real terminal: a tmux server of its own per test, one window, keys in, rows out.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
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
  /** The rows as they are seen, with their colours. */
  coloured(): Promise<string[]>;
  /** Waits until the screen holds this; fails with the screen as it is. */
  until(pattern: RegExp): Promise<string>;
  isCursorShown(): Promise<boolean>;
  /** What programs have switched on: the other screen, reports of the mouse. */
  modes(): Promise<{ readonly otherScreen: boolean; readonly mouse: boolean; readonly cursor: boolean }>;
  /** What tmux would paste. */
  buffer(): Promise<string>;
  /** Sends bytes as the terminal itself would: reports of the mouse. */
  report(bytes: string): Promise<void>;
  /** The program that runs in the terminal's shell. */
  pid(): Promise<number>;
  /** The terminal goes away, as a window that is closed. */
  hangUp(): Promise<void>;
}

interface TmuxOptions {
  readonly scene: string;
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly env?: Readonly<Record<string, string>>;
  /** Shell words after the command, such as a redirection. */
  readonly after?: string;
  /** Runs in a shell that a person works with, so that there is Ctrl-Z and `fg`. */
  readonly jobs?: boolean;
  /** Runs this instead of the test double. */
  readonly program?: string;
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
  const command = `trap : INT HUP; env -u FORCE_COLOR ${assignments.join(' ')} ${options.program ?? `'${process.execPath}' --import=./test/helpers/typescript.mjs test/helpers/fake-main.ts`} ${words} ${options.after ?? ''}; echo "ended with $?"${options.jobs === true ? '' : '; exec cat'}`;
  const { columns = 80, rows = 24 } = options;
  const shell = options.jobs === true ? ['bash', '--norc', '--noprofile'] : ['sh', '-c', command];
  await tmux('new-session', '-d', '-x', String(columns), '-y', String(rows), '-c', root, ...shell);
  const session = (await tmux('display-message', '-p', '#{pane_pid}')).trim();
  if (options.jobs === true) await tmux('send-keys', '-l', `PS1='ready> '; clear; ${command}\n`);
  // -J: rows that the terminal wrapped are one line again.
  const screen = async (...history: string[]): Promise<string[]> =>
    (await tmux('capture-pane', '-p', '-J', ...history)).split('\n').map((row) => row.trimEnd());
  try {
    await use({
      async keys(...keys) {
        const [first] = keys;
        if (first === '-l') return void (await tmux('send-keys', ...keys));
        // One by one: what is read at once is one paste to a program.
        for (const [at, key] of keys.entries()) {
          if (at > 0) await sleep(100);
          await tmux('send-keys', key);
        }
      },
      resize: async (width, height) =>
        void (await tmux('resize-window', '-x', String(width), '-y', String(height))),
      rows: () => screen(),
      coloured: async () => (await tmux('capture-pane', '-p', '-e')).split('\n'),
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
      async modes() {
        const asked = '#{alternate_on} #{mouse_any_flag} #{cursor_flag}';
        const flags = (await tmux('display-message', '-p', asked)).trim().split(' ');
        const [otherScreen = false, mouse = false, cursor = false] = flags.map((flag) => flag === '1');
        return { otherScreen, mouse, cursor };
      },
      buffer: () => tmux('show-buffer'),
      report: async (bytes) => void (await tmux('send-keys', '-l', bytes)),
      async pid() {
        const pane = (await tmux('display-message', '-p', '#{pane_pid}')).trim();
        return Number((await readFile(`/proc/${pane}/task/${pane}/children`, 'utf8')).trim().split(' ')[0]);
      },
      hangUp: async () => void (await tmux('kill-server').catch(() => undefined)),
    });
  } finally {
    await tmux('kill-server').catch(() => undefined);
    // The shell outlives its terminal by its trap, and so would whatever it runs.
    await run('pkill', ['-KILL', '-s', session]).catch(() => undefined);
  }
}
