// argv in, exit code out: builds the tree, runs one command, tells its error. Never ends the process itself.
import type { CommandName } from '../text/en-commands.js';
import { text } from '../text/text.js';
import { exitCodeOf, printError } from './print-error.js';
import { type Actions, createProgram, isHelpShown, translateParseError } from './program.js';
import type { World } from './world.js';

/** Runs one command line (without node and script). Never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  const program = createProgram(
    actionsOf(world),
    { write: (help) => world.stdout.raw(help), columns: world.stdout.columns() },
    (code) => {
      exitCode = code;
    },
  );
  try {
    await program.parseAsync(argv.length === 0 ? ['--help'] : [...argv], { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isHelpShown(error)) return 0;
    const failure = translateParseError(error, commandIn(argv)) ?? error;
    printError(failure, world, { json: argv.includes('--json'), told: false });
    return exitCodeOf(failure, world);
  }
}

// Each command's file is loaded when it runs: help and typos cost none of them.
function actionsOf(world: World): Actions {
  return {
    send: async (args, flags) => (await import('./commands/send.js')).send(world, args, flags, 'send'),
    plan: async (args, flags) => (await import('./commands/send.js')).send(world, args, flags, 'plan'),
    images: async (_args, flags) => (await import('./commands/images.js')).images(world, flags),
    inspect: async (args, flags) => (await import('./commands/images.js')).inspect(world, args, flags),
    doctor: async (args, flags) => (await import('./commands/hosts.js')).doctor(world, args, flags),
    clean: async (args, flags) => (await import('./commands/hosts.js')).clean(world, args, flags),
    hosts: async (_args, flags) => (await import('./commands/hosts.js')).hosts(world, flags),
    spool: async (_args, flags) => (await import('./commands/spool.js')).spool(world, flags),
    prune: async (_args, flags) => (await import('./commands/spool.js')).prune(world, flags),
    receipts: async (_args, flags) => (await import('./commands/receipts.js')).receipts(world, flags),
    show: async (args, flags) => (await import('./commands/receipts.js')).showReceipt(world, args, flags),
    rollback: async (args, flags) => (await import('./commands/rollback.js')).rollback(world, args, flags),
    demo: async (_args, flags) => (await import('./commands/demo.js')).demo(world, flags),
    completion: async (args) => (await import('./commands/completion.js')).completion(world, args),
  };
}

/** The command that a line is about, for the hint of a usage error. */
function commandIn(argv: readonly string[]): string | undefined {
  const known: readonly string[] = Object.keys(text().words.commands.help);
  const [first, second] = argv;
  if (first === undefined || !known.includes(first)) return undefined;
  const nested: Readonly<Record<string, CommandName>> = { spool: 'prune', receipts: 'show' };
  return second !== undefined && nested[first] === second ? `${first} ${second}` : first;
}
