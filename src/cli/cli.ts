// argv in, exit code out: builds the tree, runs one command, tells its error. Never ends the process itself.
import type { Command } from 'commander';
import { toolVersion } from '../version.js';
import { isHelpShown, translateParseError } from './line-errors.js';
import { exitCodeOf, printError } from './print-error.js';
import { type Actions, createProgram, nestedCommands } from './program.js';
import type { World } from './world.js';

/** Runs one command line (without node and script). Never rejects. */
export async function runCli(argv: readonly string[], world: World): Promise<number> {
  let exitCode = 0;
  // `airgap help send` is what people try who come from other tools.
  // `--no-mouse` alone is for the screen, which this terminal cannot show.
  const asksHelp = argv.every((word) => word === '--no-mouse') || argv[0] === 'help';
  const asked = asksHelp ? [...argv.slice(1), '--help'] : [...argv];
  // main.ts answers where it stands alone; behind --lang it comes here.
  if (asked.length === 1 && /^(?:-V|--version)$/.test(asked[0] ?? '')) {
    world.stdout.raw(`airgap ${toolVersion()}\n`);
    return 0;
  }
  const program = createProgram(
    actionsOf(world),
    { write: (help) => world.stdout.raw(help), columns: world.stdout.columns() },
    (code) => {
      exitCode = code;
    },
  );
  try {
    await program.parseAsync(asked, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (isHelpShown(error)) return 0;
    const failure = translateParseError(error, commandIn(program, asked), asked) ?? error;
    printError(failure, world, { json: argv.includes('--json'), told: false });
    return exitCodeOf(failure, world);
  }
}

// Each command's file is loaded when it runs: help and typos cost none of them.
function actionsOf(world: World): Actions {
  return {
    send: async (args, flags) => (await import('./commands/send.js')).send(world, args, flags, 'send'),
    plan: async (args, flags) => (await import('./commands/send.js')).send(world, args, flags, 'plan'),
    export: async (args, flags) => (await import('./commands/export.js')).exportBundle(world, args, flags),
    import: async (args, flags) => (await import('./commands/import.js')).importBundle(world, args, flags),
    push: async (args, flags) => (await import('./commands/push.js')).push(world, args, flags),
    mirrorConfig: async (args, flags) =>
      (await import('./commands/mirror-config.js')).mirrorConfig(world, args, flags),
    images: async (_args, flags) => (await import('./commands/images.js')).images(world, flags),
    inspect: async (args, flags) => (await import('./commands/images.js')).inspect(world, args, flags),
    doctor: async (args, flags) => (await import('./commands/hosts.js')).doctor(world, args, flags),
    clean: async (args, flags) => (await import('./commands/hosts.js')).clean(world, args, flags),
    hosts: async (_args, flags) => (await import('./commands/hosts.js')).hosts(world, flags),
    hostsAdd: async (args) => (await import('./commands/targets.js')).addTarget(world, args),
    hostsForget: async (args) => (await import('./commands/targets.js')).forgetTarget(world, args),
    spool: async (_args, flags) => (await import('./commands/spool.js')).spool(world, flags),
    prune: async (_args, flags) => (await import('./commands/spool.js')).prune(world, flags),
    receipts: async (_args, flags) => (await import('./commands/receipts.js')).receipts(world, flags),
    show: async (args, flags) => (await import('./commands/receipts.js')).showReceipt(world, args, flags),
    verify: async (args, flags) => (await import('./commands/bundles.js')).verify(world, args, flags),
    showBundle: async (args, flags) => (await import('./commands/bundles.js')).showBundle(world, args, flags),
    passport: async (args, flags) => (await import('./commands/passport.js')).passport(world, args, flags),
    rollback: async (args, flags) => (await import('./commands/rollback.js')).rollback(world, args, flags),
    login: async (args, flags) => (await import('./commands/logins.js')).login(world, args, flags),
    logout: async (args, flags) => (await import('./commands/logins.js')).logout(world, args, flags),
    demo: async (_args, flags) => (await import('./commands/demo.js')).demo(world, flags),
    completion: async (args) => (await import('./commands/completion.js')).completion(world, args),
  };
}

/** The command that a line is about, for the hint of a usage error. */
function commandIn(program: Command, argv: readonly string[]): string | undefined {
  const [first, second] = argv;
  if (first === undefined || !program.commands.some((one) => one.name() === first)) return undefined;
  return second !== undefined && nestedCommands[first]?.includes(second) ? `${first} ${second}` : first;
}
