// Questions on a terminal, one at a time. Secrets are not echoed. Where nobody can answer, the answer is undefined.
import { openSync } from 'node:fs';
import { ReadStream } from 'node:tty';
import type { Prompt } from '../events.js';
import { text } from '../text/text.js';
import { displayWidth } from '../text/width.js';
import { isSecret, understood } from '../views/answer.js';
import { span } from '../views/line.js';
import type { Output } from './output.js';

/** Answers questions. `signal` withdraws a question that nobody needs answered any more. */
export type Prompter = (prompt: Prompt, signal: AbortSignal) => Promise<string | undefined>;

interface PrompterOptions {
  readonly stdin: NodeJS.ReadStream;
  readonly stderr: Output;
  /** Whether stderr is a terminal, so that a question can be seen. */
  readonly visible: boolean;
  /** `--yes`: what `confirm` asks is granted. */
  readonly yes: boolean;
  /** Ctrl-C while a question stands: the terminal is in raw mode, so no signal comes. */
  readonly onInterrupt: () => void;
}

/** Questions are asked in the order they come, also when several hosts ask at once. */
export function createPrompter(options: PrompterOptions): Prompter {
  let last: Promise<unknown> = Promise.resolve();
  return (prompt, signal) => {
    if (prompt.kind === 'confirm' && options.yes) return Promise.resolve('yes');
    const answer = last.then(() => ask(prompt, signal, options));
    last = answer.catch(() => undefined);
    return answer;
  };
}

async function ask(
  prompt: Prompt,
  signal: AbortSignal,
  options: PrompterOptions,
): Promise<string | undefined> {
  if (signal.aborted || !options.visible) return undefined;
  const terminal = openTerminal(options.stdin);
  if (terminal === undefined) return undefined;
  try {
    const { questions } = text().words;
    options.stderr.lines(questions.before(prompt));
    options.stderr.lines([[span('strong', questions.ask(prompt))]]);
    options.stderr.raw('> ');
    const line = await readLine(terminal.stream, {
      signal,
      echo: isSecret(prompt) ? undefined : (typed) => options.stderr.raw(typed),
      onInterrupt: options.onInterrupt,
    });
    options.stderr.raw('\n');
    return understood(prompt, line);
  } finally {
    terminal.close();
  }
}

interface Terminal {
  readonly stream: ReadStream;
  close(): void;
}

/** stdin if it is a terminal, else the terminal of this process, if it has one. */
function openTerminal(stdin: NodeJS.ReadStream): Terminal | undefined {
  if (stdin.isTTY) return { stream: stdin, close: () => stdin.pause() };
  try {
    const stream = new ReadStream(openSync('/dev/tty', 'r'));
    return { stream, close: () => stream.destroy() };
  } catch {
    // ENXIO: no terminal at all, as under cron or in CI.
    return undefined;
  }
}

// Far more than any passphrase; what comes beyond is a paste gone wrong.
const longestLine = 4096;

/** Takes back what was echoed, by its columns. */
const erase = (echoed: string): string => '\b \b'.repeat(displayWidth(echoed));

type Edited =
  | { readonly type: 'typing'; readonly line: string; readonly echo: string }
  | { readonly type: 'enter' | 'interrupt' | 'end' };

/** What one character does to a line. Ctrl-D on an empty line ends it, elsewhere it does nothing. */
export function editLine(line: string, character: string): Edited {
  const typing = (next: string, echo: string): Edited => ({ type: 'typing', line: next, echo });
  switch (character) {
    case '\r':
    case '\n':
      return { type: 'enter' };
    case '\x03':
      return { type: 'interrupt' };
    case '\x04':
      return line === '' ? { type: 'end' } : typing(line, '');
    case '\x7f':
    case '\b':
      return line === ''
        ? typing(line, '')
        : typing([...line].slice(0, -1).join(''), erase([...line].at(-1) ?? ''));
    case '\x15':
      return typing('', erase(line));
    default:
      return character < ' ' || line.length >= longestLine
        ? typing(line, '')
        : typing(line + character, character);
  }
}

interface ReadLineOptions {
  readonly signal: AbortSignal;
  /** Shows what was typed; undefined for secrets. */
  readonly echo: ((typed: string) => void) | undefined;
  readonly onInterrupt: () => void;
}

/** One line typed on a terminal in raw mode; undefined for Ctrl-C, Ctrl-D on an empty line, hang-up and abort. */
function readLine(stream: ReadStream, options: ReadLineOptions): Promise<string | undefined> {
  return new Promise((resolve) => {
    let line = '';
    const settle = (value: string | undefined): void => {
      stream.off('data', onData);
      stream.off('end', onEnd);
      stream.off('error', onEnd);
      options.signal.removeEventListener('abort', onEnd);
      stream.setRawMode(false);
      stream.pause();
      resolve(value);
    };
    const onEnd = (): void => settle(undefined);
    const onData = (chunk: Buffer | string): void => {
      const typed = chunk.toString('utf8');
      // Keys that send escape sequences (arrows) mean nothing here.
      if (typed.startsWith('\x1b')) return;
      for (const character of typed) {
        const edited = editLine(line, character);
        if (edited.type !== 'typing') {
          settle(edited.type === 'enter' ? line : undefined);
          if (edited.type === 'interrupt') options.onInterrupt();
          return;
        }
        line = edited.line;
        options.echo?.(edited.echo);
      }
    };
    stream.setRawMode(true);
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('error', onEnd);
    options.signal.addEventListener('abort', onEnd);
    stream.resume();
  });
}
