// Tells a person who looks elsewhere that a run has ended: the bell, and a notification where the terminal is known to show them.
import { printable } from '../../src/text/format.js';

const longest = 120;

/**
 * The bytes that ring. Unknown OSC sequences are swallowed by most terminals and printed by some (old consoles), so only
 * those that say who they are get one; inside of tmux and screen it would not arrive.
 */
export function ringOf(env: NodeJS.ProcessEnv, message: string): string {
  const bell = '\x07';
  // A semicolon would begin the next field.
  const said = printable(message).replaceAll(';', ',').slice(0, longest);
  const { TERM: term = '', TERM_PROGRAM: program = '' } = env;
  if (env.TMUX !== undefined || /^(?:tmux|screen|linux|dumb)/.test(term)) return bell;
  // OSC 9 of a number means other things (ConEmu): what is said begins with a word.
  if (['iTerm.app', 'WezTerm', 'ghostty'].includes(program) || term === 'xterm-kitty')
    return `\x1b]9;airgap: ${said}\x1b\\${bell}`;
  if (/^(?:foot|rxvt-unicode)/.test(term)) return `\x1b]777;notify;airgap;${said}\x1b\\${bell}`;
  return bell;
}
