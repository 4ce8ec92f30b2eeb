// The clipboard of the terminal that a person sits at, also over SSH: OSC 52, and what tmux and GNU screen need to let it pass.
// Spec: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Operating-System-Commands, tmux(1) load-buffer
import { execFile } from 'node:child_process';

/** Who was handed the text. No terminal says whether it has a clipboard, or lets programs write to it. */
export type CopiedTo = 'terminal' | 'screen' | 'tmux' | 'old-tmux';

export interface Clipboard {
  readonly env: NodeJS.ProcessEnv;
  /** Writes to the terminal. */
  readonly raw: (bytes: string) => void;
}

/** Hands the text over. Never rejects. */
export async function copyText(text: string, { env, raw }: Clipboard): Promise<CopiedTo> {
  const code = `\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`;
  if (env.TMUX !== undefined && env.TMUX !== '') {
    // Its own buffer, and by its own hand the clipboard of the terminal outside; before 3.2 it knows no -w.
    if (await loadBuffer(text, env, '-w')) return 'tmux';
    const isLoaded = await loadBuffer(text, env);
    raw(throughTmux(code));
    return isLoaded ? 'old-tmux' : 'terminal';
  }
  if (env.STY !== undefined && env.STY !== '') {
    raw(throughScreen(code));
    return 'screen';
  }
  // One of them may lie between, on the machine that this one was reached from: whichever it is not for swallows it.
  const { TERM: term = '' } = env;
  const between = term.startsWith('screen')
    ? throughScreen(code)
    : term.startsWith('tmux')
      ? throughTmux(code)
      : '';
  raw(code + between);
  return 'terminal';
}

const throughTmux = (code: string): string => `\x1bPtmux;${code.replaceAll('\x1b', '\x1b\x1b')}\x1b\\`;

// GNU screen hands on what stands in a string of its own, and old ones take no more than 256 bytes of one.
const longestString = 240;

function throughScreen(code: string): string {
  const parts = code.match(new RegExp(`[\\s\\S]{1,${longestString}}`, 'g')) ?? [];
  return parts.map((part) => `\x1bP${part}\x1b\\`).join('');
}

// tmux answers at once; one that hangs must not hold the screen.
const tmuxMs = 2000;

function loadBuffer(text: string, env: NodeJS.ProcessEnv, ...options: string[]): Promise<boolean> {
  return new Promise((resolve) => {
    const child = execFile('tmux', ['load-buffer', ...options, '-'], { env, timeout: tmuxMs }, (error) =>
      resolve(error === null),
    );
    // A tmux that is not there has no stdin.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(text);
  });
}
