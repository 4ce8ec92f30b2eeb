// The command line as a tree: every command, argument and option, with its words from text. Help, typos and
// completion all come from this tree. Actions load what they need when they run.
import { Command, CommanderError, Help, Option } from 'commander';
import type { AirgapError } from '../errors.js';
import type { CommandName } from '../text/en-commands.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import { usage } from './parse-options.js';

/** What a command does. Resolves to the exit code. */
export type Action = (args: readonly string[], flags: Readonly<Record<string, unknown>>) => Promise<number>;

/** One action per command. */
export type Actions = Readonly<Record<Exclude<CommandName, 'airgap'>, Action>>;

/** Where help is printed, and how wide. */
export interface HelpOutput {
  readonly write: (help: string) => void;
  readonly columns: number;
}

/** The tree, ready to parse. `onExit` is told the exit code of the command that ran. */
export function createProgram(
  actions: Actions,
  help: HelpOutput,
  onExit: (exitCode: number) => void,
): Command {
  const { options } = text().words.commands;
  const program = dress(new Command('airgap'), 'airgap')
    .exitOverride()
    .configureOutput({
      writeOut: help.write,
      writeErr: () => undefined,
      outputError: () => undefined,
      getOutHelpWidth: () => Math.min(100, help.columns),
      getOutHasColors: () => false,
    })
    .option('-V, --version', options.version)
    // Options belong to the command they stand behind: `spool prune --json` is prune's.
    .enablePositionalOptions()
    .helpCommand(false);

  const add = (name: keyof Actions, parent: Command = program): Command =>
    dress(parent.command(name), name).action(async (...given: unknown[]) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) return;
      onExit(await actions[name](command.args, command.opts<Record<string, unknown>>()));
    });

  const { args } = text().words.commands;
  for (const name of ['send', 'plan'] as const) {
    const command = add(name)
      .usage('[options] HOST[,HOST…] IMAGE[=NAME]…')
      .argument('<HOST>', args.hosts)
      .argument('[IMAGE...]', args.images);
    sendOptions(connectOptions(command), name);
  }
  add('images').option('--json', options.json).addOption(new Option('--names', options.names).hideHelp());
  add('inspect')
    .argument('<IMAGE>', args.image)
    .option('--platform <OS/ARCH>', options.platform)
    .option('--json', options.json);
  connectOptions(add('doctor').argument('[HOST]', args.host))
    .option('--engine <ENGINE>', options.engine)
    .option('--stage <DIR>', options.stage)
    .option('--spool <DIR>', options.spool)
    .option('--json', options.json);
  connectOptions(add('clean').argument('<HOST>', args.host))
    .option('--stage <DIR>', options.stage)
    .option('--all', options.allClients)
    .option('--yes', options.yes)
    .option('--json', options.json);
  const spool = add('spool').option('--spool <DIR>', options.spool).option('--json', options.json);
  add('prune', spool)
    .option('--all', options.all)
    .option('--spool <DIR>', options.spool)
    .option('--json', options.json);
  add('hosts')
    .option('-F <FILE>', options.configFile)
    .option('--json', options.json)
    .addOption(new Option('--names', options.names).hideHelp());
  const receipts = add('receipts').option('--json', options.json);
  add('show', receipts).argument('<N>', args.receipt).option('--json', options.json);
  connectOptions(
    add('rollback').argument('[HOST]', args.hostOrHere).argument('[RECEIPT]', args.rollbackReceipt),
  )
    .option('--stage <DIR>', options.stage)
    .option('--force', options.force)
    .option('--json', options.json);
  add('demo').option('--json', options.json).option('--quiet', options.quiet);
  add('completion').argument('<SHELL>', args.shell);
  return program;
}

/** What went wrong with the line, as a usage error of ours. Undefined when help was all that was asked for. */
export function translateParseError(error: unknown, command: string | undefined): AirgapError | undefined {
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
    case 'commander.excessArguments':
      return usage(wrong.tooMany(command ?? ''), command);
    default:
      return usage(printable(error.message.replace(/^error: /, '')), command);
  }
}

/** Help was printed; nothing is wrong. */
export function isHelpShown(error: unknown): boolean {
  return error instanceof CommanderError && error.exitCode === 0;
}

function dress(command: Command, name: CommandName): Command {
  const { help, headings, options } = text().words.commands;
  const words: { summary: string; more?: string; examples: readonly string[] } = help[name];
  command
    .description(words.more === undefined ? words.summary : `${words.summary}\n\n${words.more}`)
    .summary(words.summary)
    .helpOption('-h, --help', options.help)
    .allowExcessArguments(false)
    .configureHelp({
      styleTitle: (title) => headings[title.replace(/:$/, '') as keyof typeof headings] ?? title,
      subcommandTerm: (sub) => sub.name(),
      boxWrap: (paragraphs, width) =>
        paragraphs
          .split('\n')
          .map((one) => Help.prototype.boxWrap.call(new Help(), one, width))
          .join('\n'),
    })
    .addHelpText('after', () =>
      ['', headings.examples, ...words.examples.map((line) => `  ${line}`)].join('\n'),
    );
  return command;
}

const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

function connectOptions(command: Command): Command {
  const { options } = text().words.commands;
  return command
    .option('-F <FILE>', options.configFile)
    .option('-i <KEY>', options.identity, collect)
    .option('-p <PORT>', options.port)
    .option('-J <JUMP>', options.jump)
    .option('-o <KEY=VALUE>', options.sshOption, collect)
    .option('--ssh <CLIENT>', options.ssh)
    .option('--accept-new-host-key', options.acceptNew);
}

function sendOptions(command: Command, name: 'send' | 'plan'): Command {
  const { options } = text().words.commands;
  command
    .option('--limit <RATE>', options.limit)
    .option('--platform <OS/ARCH>', options.platform)
    .option('--as <NAME>', options.as)
    .option('--engine <ENGINE>', options.engine)
    .option('--stage <DIR>', options.stage)
    .option('--spool <DIR>', options.spool)
    .option('--compress <HOW>', options.compress)
    .option('--channels <N>', options.channels)
    .option('--no-clobber', options.noClobber)
    .option('--file <SRC:DEST[:MODE]>', options.file, collect)
    .option('--repo <FILE>', options.repo, collect)
    .option('--daemon-key <KEY=JSON>', options.daemonKey, collect)
    .option('--allow-dir <DIR>', options.allowDir, collect)
    .option('--reload', options.reload);
  if (name === 'send') command.option('--dry-run', options.dryRun);
  command.option('--json', options.json).option('--quiet', options.quiet);
  if (name === 'send') command.option('--yes', options.yes);
  return command;
}
