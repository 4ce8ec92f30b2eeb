// The command line as a tree: every command, argument and option, with its words from text. Help, typos and
// completion all come from this tree. Actions load what they need when they run.
import { Command, Option } from 'commander';
import type { CommandName } from '../text/en-commands.js';
import { text } from '../text/text.js';
import { displayWidth, wrap } from '../text/width.js';
import { parseLanguage } from './parse-options.js';
import { connectOptions, exportOptions, importOptions, pushOptions, sendOptions } from './program-options.js';

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
    .option('--no-mouse', options.noMouse)
    // Options belong to the command they stand behind: `spool prune --json` is prune's.
    .enablePositionalOptions()
    .helpCommand(false);

  // `word`: what is typed, where two commands of different parents have the same name.
  const add = (name: keyof Actions, parent: Command = program, word: string = name): Command =>
    dress(parent.command(word), name).action(async (...given: unknown[]) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) return;
      onExit(await actions[name](command.args, command.opts<Record<string, unknown>>()));
    });

  const { args } = text().words.commands;
  for (const name of ['send', 'plan'] as const) {
    const command = add(name)
      .usage('[options] [-f FILE] HOST[,HOST…] IMAGE[=NAME]…')
      // What must be there hangs on -f.
      .argument('[HOST]', args.hosts)
      .argument('[IMAGE...]', args.images)
      .option('-f <FILE>', options.spec);
    sendOptions(connectOptions(command), name);
  }
  const exporting = add('export')
    .usage('[options] [-f FILE] DEST IMAGE[=NAME]…')
    .argument('<DEST>', args.destination)
    // What must be there hangs on -f and on what travels beside images.
    .argument('[IMAGE...]', args.images)
    .option('-f <FILE>', options.specExport)
    .option('--locked', options.locked);
  exportOptions(exporting);
  importOptions(add('import').usage('[options] BUNDLE [MORE…]').argument('<BUNDLE...>', args.bundle));
  pushOptions(
    add('push')
      .usage('[options] [-f FILE] BUNDLE|IMAGE[=NAME]… REGISTRY[/PREFIX]')
      .argument('<IMAGE...>', args.pushed)
      .option('-f <FILE>', options.specPush),
  );
  add('mirrorConfig', program, 'mirror-config')
    .argument('<REGISTRY>', args.siteRegistry)
    .option('--for <NAME>', options.mirrorFor)
    .option('--of <REGISTRY>', options.mirrorOf)
    .option('--write <DIR>', options.mirrorWrite)
    .option('--json', options.json);
  add('images').option('--json', options.json).addOption(new Option('--names', options.names).hideHelp());
  add('inspect')
    .argument('<IMAGE>', args.image)
    .option('--files [LAYER]', options.layerFiles)
    .option('--platform <OS/ARCH>', options.platformHere)
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
  const hosts = add('hosts')
    .option('-F <FILE>', options.configFile)
    .option('--json', options.json)
    .addOption(new Option('--names', options.names).hideHelp());
  add('hostsAdd', hosts, 'add').argument('<HOST>', args.target);
  add('hostsForget', hosts, 'forget').argument('<HOST>', args.target);
  const receipts = add('receipts').option('--json', options.json);
  add('show', receipts)
    .argument('<N>', args.receipt)
    .option('--html', options.html)
    .option('--output <FILE>', options.output)
    .option('--json', options.json);
  add('verify')
    .argument('<BUNDLE...>', args.bundle)
    .option('--deep', options.deep)
    .option('--allowed-signers <FILE>', options.allowedSigners)
    .option('--require-signature', options.requireSignature)
    .option('--json', options.json);
  add('showBundle', program, 'show').argument('<BUNDLE...>', args.bundle).option('--json', options.json);
  connectOptions(add('passport').argument('[HOST]', args.hostOrHere))
    .option('--engine <ENGINE>', options.engineAsked)
    .option('--stage <DIR>', options.stage)
    .option('--output <FILE>', options.outputPassport);
  connectOptions(
    add('rollback').argument('[HOST]', args.hostOrHere).argument('[RECEIPT]', args.rollbackReceipt),
  )
    .option('--receipt <RECEIPT>', args.rollbackReceipt)
    .option('--stage <DIR>', options.stage)
    .option('--force', options.force)
    .option('--json', options.json);
  add('login')
    .argument('<REGISTRY>', args.registry)
    .option('-u <USER>', options.user)
    .option('--password-stdin', options.passwordStdin)
    .option('--json', options.json);
  add('logout').argument('<REGISTRY>', args.registry).option('--json', options.json);
  add('demo').option('--json', options.json).option('--quiet', options.quiet);
  add('completion').argument('<SHELL>', args.shell);
  languageOption(program);
  return program;
}

/** The commands below another, as they are typed, by the name of the upper. */
export const nestedCommands: Readonly<Record<string, readonly string[]>> = {
  spool: ['prune'],
  receipts: ['show'],
  hosts: ['add', 'forget'],
};

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
      displayWidth,
      boxWrap: (paragraphs, width) =>
        paragraphs
          .split('\n')
          .flatMap((one) => wrap(one, width))
          .join('\n'),
    })
    .addHelpText('after', () =>
      ['', headings.examples, ...words.examples.map((line) => `  ${line}`)].join('\n'),
    );
  return command;
}

/** At every command, the last before help. */
function languageOption(command: Command): void {
  command.option('--lang <LANG>', text().words.commands.options.lang, parseLanguage);
  command.commands.forEach(languageOption);
}
