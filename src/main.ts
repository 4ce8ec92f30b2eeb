// The bin entry: argv → CLI or TUI, and the only process.exit. Heavy modules are loaded when they are needed.
import { toolVersion } from './version.js';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`airgap ${toolVersion()}\n`);
} else {
  const { runOnProcess } = await import('./cli/start-process.js');
  const exitCode = await runOnProcess({
    argv,
    process,
    leave: (code) => process.exit(code),
    openCore: async () => (await import('./core.js')).createCore(process.env),
    openScreen: async (world, doors) => (await importScreen()).startScreen(world, doors),
  });
  // Nothing of a finished command may keep the process: an agent's socket, a terminal that was asked on.
  process.exit(exitCode);
}

/** React decides while it is loaded whether it checks its users, which costs time at the first frame and at each one after. */
async function importScreen(): Promise<typeof import('../ui/start.js')> {
  const before = process.env.NODE_ENV;
  process.env.NODE_ENV = 'production';
  try {
    return await import('../ui/start.js');
  } finally {
    // What airgap starts gets the environment as it was.
    if (before === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = before;
  }
}
