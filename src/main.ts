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
    openScreen: async (world, doors) => (await import('../ui/start.js')).startScreen(world, doors),
  });
  // Nothing of a finished command may keep the process: an agent's socket, a terminal that was asked on.
  process.exit(exitCode);
}
