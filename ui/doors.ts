// What the screen needs of the world: a core, the parser of the command line, a place to save to, the terminal's clipboard.
import type { KnownOption } from '../src/cli/known-options.js';
import type { ParsedCommand } from '../src/cli/parse-command.js';
import type { Core } from '../src/runs/api.js';
import type { CopiedTo } from './terminal/clipboard.js';

export interface Doors {
  /** On its way while the first frame is drawn. */
  readonly core: Promise<Core>;
  /** What the command line would have made of these words. @throws {AirgapError} USAGE … */
  readonly parse: (words: readonly string[]) => Promise<ParsedCommand>;
  /** What the commands that a screen starts can be told. */
  readonly knownOptions: () => Promise<readonly KnownOption[]>;
  /** Writes a file; `new`: tells false, and writes nothing, where there is one. @throws {AirgapError} */
  readonly save: (file: string, content: string, how: 'new' | 'over') => Promise<boolean>;
  /** Hands text to the terminal's clipboard, if it has one; tells through whom. Never rejects. */
  readonly copy: (text: string) => Promise<CopiedTo>;
  /** Says, to whoever looks elsewhere, that something has ended. */
  readonly ring: (message: string) => void;
  readonly now: () => number;
}
