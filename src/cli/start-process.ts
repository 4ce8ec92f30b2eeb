// Binds the command line to a process: its streams, its signals, its terminal. main.ts says what the core is.
import type { Core } from '../runs/api.js';
import { chosenLanguage, withoutLanguage } from '../text/language.js';
import { setLanguage } from '../text/text.js';
import type { KnownOption } from './known-options.js';
import { createOutput } from './output.js';
import type { ParsedCommand } from './parse-command.js';
import { createStop, stopExitCodes } from './stop.js';
import type { World } from './world.js';

interface ProcessOptions {
  readonly argv: readonly string[];
  readonly process: NodeJS.Process;
  /** Ends the process at once. */
  readonly leave: (exitCode: number) => void;
  readonly openCore: () => Promise<Core>;
  /** The screen shown on a terminal when there is no command. @returns the exit code */
  readonly openScreen: (world: World, doors: ScreenDoors) => Promise<number>;
}

/** What the screen does by way of the command line: what it starts is what a person could have typed. */
interface ScreenDoors {
  /** Whether the terminal is asked for clicks and the wheel. */
  readonly mouse: boolean;
  /** Rejects with what nothing has caught; whoever shows a screen must give the terminal back before it is told. */
  readonly crashed: Promise<never>;
  readonly parse: (words: readonly string[]) => Promise<ParsedCommand>;
  readonly knownOptions: () => Promise<readonly KnownOption[]>;
  readonly save: (file: string, content: string, how: 'new' | 'over') => Promise<boolean>;
}

const doors: Pick<ScreenDoors, 'parse' | 'knownOptions' | 'save'> = {
  parse: async (words) => (await import('./parse-command.js')).parseCommand(words),
  knownOptions: async () => (await import('./known-options.js')).knownOptions(),
  save: async (file, content, how) => (await import('./write-output.js')).saveOutput(file, content, how),
};

// 128 + SIGPIPE: what any program that writes into `head` ends with.
const pipeExitCode = 141;

/** Runs one command line on a process. @returns the exit code, when all output has left */
export async function runOnProcess(options: ProcessOptions): Promise<number> {
  const { process, leave } = options;
  // Before the first text is made. `airgap --lang zh` without a command is `airgap`.
  await setLanguage(chosenLanguage(options.argv, process.env));
  const argv = withoutLanguage(options.argv);
  const atExit = new Set<() => void>();
  process.on('exit', () => {
    for (const giveBack of atExit) giveBack();
  });
  const stdout = createOutput(process.stdout, process.env, () => leave(pipeExitCode));
  const stderr = createOutput(process.stderr, process.env);
  const world: World = {
    env: process.env,
    stdin: process.stdin,
    stdout,
    stderr,
    stderrIsTty: process.stderr.isTTY === true,
    stop: createStop(process, leave),
    atExit,
    openCore: options.openCore,
  };
  const isScreen = withoutLanguage(argv.filter((word) => word !== '--no-mouse')).length === 0;
  const exitCode =
    isScreen && process.stdin.isTTY === true && stdout.isLive
      ? await runScreen(options, world)
      : await (await import('./cli.js')).runCli(argv, world);
  await Promise.all([stdout.flush(), stderr.flush()]);
  return exitCode;
}

async function runScreen({ argv, process, openScreen }: ProcessOptions, world: World): Promise<number> {
  const crash = Promise.withResolvers<never>();
  crash.promise.catch(() => undefined);
  process.on('uncaughtException', crash.reject);
  try {
    const mouse = !argv.includes('--no-mouse');
    const exitCode = await openScreen(world, { ...doors, mouse, crashed: crash.promise });
    const { received } = world.stop;
    return received === undefined ? exitCode : stopExitCodes[received];
  } catch (error) {
    const { exitCodeOf, printError } = await import('./print-error.js');
    printError(error, world, { json: false, told: false });
    return exitCodeOf(error, world);
  } finally {
    process.off('uncaughtException', crash.reject);
  }
}
