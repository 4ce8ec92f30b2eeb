// The options of the commands that a screen starts, read off the tree that the command line itself is parsed with: what the line
// learns, the screen offers.
import { createCommands } from './parse-command.js';
import { collect } from './program-options.js';

/** Commands that do something to targets. */
export type StartedCommand = 'send' | 'export' | 'import' | 'push';

export interface KnownOption {
  /** `--limit`, or `-i` where there is no longer one. */
  readonly flag: string;
  /** What stands behind it, as help names it: `RATE`. Undefined for one that is on or off. */
  readonly takes: string | undefined;
  readonly repeats: boolean;
  readonly about: string;
  readonly of: readonly StartedCommand[];
}

/** Each option once, in the order of help. */
export function knownOptions(): readonly KnownOption[] {
  const known = new Map<string, KnownOption>();
  const program = createCommands(() => undefined);
  for (const name of ['export', 'send', 'import', 'push'] as const) {
    for (const option of program.commands.find((one) => one.name() === name)?.options ?? []) {
      const flag = option.long ?? option.short ?? '';
      const before = known.get(flag);
      const takes = /<(.+)>/.exec(option.flags)?.[1];
      const repeats = option.parseArg === collect;
      const about = before?.about ?? option.description;
      if (!option.hidden) known.set(flag, { flag, takes, repeats, about, of: [...(before?.of ?? []), name] });
    }
  }
  return [...known.values()];
}
