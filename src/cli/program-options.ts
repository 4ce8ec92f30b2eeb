// Options that several commands share, or that are many: each with its words from text.
import { type Command, Option } from 'commander';
import { text } from '../text/text.js';

/** Of an option that may be repeated. */
export const collect = (value: string, previous: readonly string[] | undefined): readonly string[] => [
  ...(previous ?? []),
  value,
];

/** How a host is reached. */
export function connectOptions(command: Command): Command {
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

function commitOptions(command: Command): Command {
  const { options } = text().words.commands;
  return command
    .option('--no-pause', options.noPause)
    .option('--author <TEXT>', options.author)
    .option('--message <TEXT>', options.message)
    .option('--change <INSTRUCTION>', options.change, collect);
}

function fileOptions(command: Command): Command {
  const { options } = text().words.commands;
  return command
    .option('--file <SRC:DEST[:MODE]>', options.file, collect)
    .option('--repo <FILE>', options.repo, collect)
    .option('--daemon-key <KEY=JSON>', options.daemonKey, collect)
    .option('--allow-dir <DIR>', options.allowDir, collect);
}

/** All of send and plan but the connection. */
export function sendOptions(command: Command, name: 'send' | 'plan'): Command {
  const { options } = text().words.commands;
  commitOptions(command)
    .option('--limit <RATE>', options.limit)
    .option('--platform <OS/ARCH>', options.platform)
    .option('--as <NAME>', options.as)
    .option('--engine <ENGINE>', options.engine)
    .option('--stage <DIR>', options.stage)
    .option('--spool <DIR>', options.spool)
    .option('--compress <HOW>', options.compress)
    .option('--channels <N>', options.channels)
    .option('--no-clobber', options.noClobber)
    .option('--through-registry <REGISTRY>', options.throughRegistry)
    .option('--through <HOST>', options.through);
  fileOptions(command).option('--reload', options.reload);
  if (name === 'send') command.option('--dry-run', options.dryRun);
  command.option('--json', options.json).option('--quiet', options.quiet);
  // A plan is a send that sends nothing: what stands in a script for one must do for the other.
  command.addOption(new Option('--yes', options.yes).hideHelp(name === 'plan'));
  return command;
}

/** All of import. */
export function importOptions(command: Command): void {
  const { options } = text().words.commands;
  connectOptions(command)
    .option('--to <HOST>', options.importTo)
    .option('--only <NAME>', options.only, collect)
    .option('--platform <OS/ARCH>', options.platformHere)
    .option('--images-only', options.imagesOnly)
    .option('--files-only', options.filesOnly)
    .option('--install-packages', options.installPackages)
    .option('--allow-dir <DIR>', options.allowDir, collect)
    .option('--reload', options.reload)
    .option('--engine <ENGINE>', options.engine)
    .option('--stage <DIR>', options.stage)
    .option('--spool <DIR>', options.spool)
    .option('--no-clobber', options.noClobber)
    .option('--allowed-signers <FILE>', options.allowedSigners)
    .option('--require-signature', options.requireSignature)
    .option('--dry-run', options.dryRun)
    .option('--json', options.json)
    .option('--quiet', options.quiet)
    .option('--yes', options.yes);
}

/** All of push but what names its spec. */
export function pushOptions(command: Command): void {
  const { options } = text().words.commands;
  commitOptions(connectOptions(command))
    .option('--as <NAME>', options.asThere)
    .option('--prefix <PATH>', options.prefix)
    .option('--through <HOST>', options.through)
    .option('--with-referrers', options.withReferrers)
    .option('--platform <OS/ARCH>', options.platformHere)
    .option('--limit <RATE>', options.limitAll)
    .option('--no-clobber', options.noClobber)
    .option('--dry-run', options.dryRun)
    .option('--json', options.json)
    .option('--quiet', options.quiet);
}

/** All of export but what names its spec. */
export function exportOptions(command: Command): void {
  const { options } = text().words.commands;
  fileOptions(commitOptions(command))
    .option('--packages <DIR>', options.packages, collect)
    .option('--name <NAME>', options.bundleName)
    .option('--platform <OS/ARCH,…|all>', options.platformsTaken)
    .option('--with-referrers', options.withReferrers)
    .option('--as <NAME>', options.as)
    .option('--compress <HOW>', options.compress)
    .option('--split <SIZE>', options.split)
    .option('--for <FILE>', options.passport, collect)
    .option('--base <FOLDER>', options.base, collect)
    .option('--sign <KEY>', options.sign)
    .option('--replace', options.replace)
    .option('--no-read-back', options.noReadBack)
    .option('--dry-run', options.dryRunExport)
    .option('--json', options.json)
    .option('--quiet', options.quiet);
}
