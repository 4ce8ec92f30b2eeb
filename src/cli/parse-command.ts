// A command line as what the core takes, without running it: the screen makes the very line that a person could type, and
// starts what the command line would have started.
import type { Command } from 'commander';
import type { ExportOptions, ImportOptions, SendOptions } from '../runs/api.js';
import type { PushOptions } from '../runs/push-options.js';
import { text } from '../text/text.js';
import { type Flags, readExport, readImport, readSend } from './flags.js';
import { translateParseError } from './line-errors.js';
import { usage } from './parse-options.js';
import { type Actions, createProgram } from './program.js';
import { readPush } from './push-flags.js';

export type ParsedCommand =
  | { readonly command: 'send'; readonly options: SendOptions }
  | { readonly command: 'export'; readonly options: ExportOptions }
  | { readonly command: 'import'; readonly options: ImportOptions }
  | { readonly command: 'push'; readonly options: PushOptions };

/** `argv` begins with `send`, `export`, `import` or `push`. @throws {AirgapError} USAGE and what the options' own readers throw */
export async function parseCommand(argv: readonly string[]): Promise<ParsedCommand> {
  let parsed: ParsedCommand | undefined;
  const program = createCommands((command) => {
    parsed = command;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
  } catch (error) {
    throw translateParseError(error, argv[0], argv) ?? error;
  }
  if (parsed === undefined) throw usage(text().words.commands.wrong.command(argv[0] ?? '', undefined));
  return parsed;
}

/** The command line's own tree, with commands that only say what they were asked for. */
export function createCommands(found: (command: ParsedCommand | undefined) => void): Command {
  const known: Partial<Record<string, (args: readonly string[], flags: Flags) => ParsedCommand>> = {
    send: (args, flags) => ({ command: 'send', options: readSend(args, flags, 'send') }),
    export: (args, flags) => ({ command: 'export', options: readExport(args, flags) }),
    import: (args, flags) => ({ command: 'import', options: readImport(args, flags) }),
    push: (args, flags) => ({ command: 'push', options: readPush(args, flags) }),
  };
  const names = Object.keys(text().words.commands.help);
  const actions = Object.fromEntries(
    names.map((name) => [
      name,
      async (args: readonly string[], flags: Flags): Promise<number> => {
        found(known[name]?.(args, flags));
        return 0;
      },
    ]),
  ) as unknown as Actions;
  return createProgram(actions, { write: () => undefined, columns: 80 }, () => undefined);
}
