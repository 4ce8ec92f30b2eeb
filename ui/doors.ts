// What the screen needs of the world: a core, the parser of the command line, a place to save to, the terminal's clipboard.
import type { Core, ExportOptions, SendOptions } from '../src/runs/api.js';
import type { CopiedTo } from './terminal/clipboard.js';

export type ParsedCommand =
  | { readonly command: 'send'; readonly options: SendOptions }
  | { readonly command: 'export'; readonly options: ExportOptions };

export interface Doors {
  /** On its way while the first frame is drawn. */
  readonly core: Promise<Core>;
  /** What the command line would have made of these words. @throws {AirgapError} USAGE … */
  readonly parse: (words: readonly string[]) => Promise<ParsedCommand>;
  /** Writes a file; `new`: tells false, and writes nothing, where there is one. @throws {AirgapError} */
  readonly save: (file: string, content: string, how: 'new' | 'over') => Promise<boolean>;
  /** Hands text to the terminal's clipboard, if it has one; tells through whom. Never rejects. */
  readonly copy: (text: string) => Promise<CopiedTo>;
  /** Says, to whoever looks elsewhere, that something has ended. */
  readonly ring: (message: string) => void;
  readonly now: () => number;
}
