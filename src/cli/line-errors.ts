// What commander found wrong with a line, told in our words.
import { CommanderError } from 'commander';
import type { AirgapError } from '../errors.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import { usage } from './parse-options.js';
import { nestedCommands } from './program.js';

/** What went wrong with the line, as a usage error of ours. Undefined when help was all that was asked for. */
export function translateParseError(
  error: unknown,
  command: string | undefined,
  argv: readonly string[] = [],
): AirgapError | undefined {
  if (!(error instanceof CommanderError)) return undefined;
  const { wrong } = text().words.commands;
  const quoted = /'([^']*)'/.exec(error.message)?.[1] ?? '';
  const near = /\(Did you mean (?:one of )?([^?]+)\?\)/.exec(error.message)?.[1];
  switch (error.code) {
    case 'commander.unknownCommand':
      return usage(wrong.command(quoted, near), command);
    case 'commander.unknownOption':
      return usage(wrong.option(quoted, near), command);
    case 'commander.optionMissingArgument':
      return usage(wrong.optionValue(quoted), command);
    case 'commander.missingArgument':
      return usage(wrong.argument(command ?? '', quoted), command);
    case 'commander.excessArguments': {
      // Of a command with commands of its own, a word that is too many is one of those, misspelt.
      const children = command === undefined ? undefined : nestedCommands[command];
      const word = argv.slice(1).find((one) => !one.startsWith('-'));
      if (command === undefined || children === undefined || word === undefined)
        return usage(wrong.tooMany(command ?? ''), command);
      const child = children.find((one) => isSlipOf(word, one));
      const meant = child === undefined ? undefined : `${command} ${child}`;
      return usage(wrong.command(`${command} ${word.slice(0, 100)}`, meant), command);
    }
    default:
      return usage(printable(error.message.replace(/^error: /, '')), command);
  }
}

/** Help was printed; nothing is wrong. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

/** Whether a slip or two of the hand make one of the other: letters left out, doubled, swapped or next to it. */
function isSlipOf(word: string, meant: string): boolean {
  const rest = [...meant];
  let strange = 0;
  for (const letter of word) {
    const at = rest.indexOf(letter);
    if (at < 0) strange += 1;
    else rest.splice(at, 1);
  }
  return strange + rest.length <= 2;
}
