// The bin entry: argv → CLI or TUI, and the only process.exit. Heavy modules are loaded when they are needed.
import { enableCompileCache } from 'node:module';
import { fileURLToPath } from 'node:url';
import { toolVersion } from './version.js';

const argv = process.argv.slice(2);
if (argv.length === 1 && (argv[0] === '--version' || argv[0] === '-V')) {
  process.stdout.write(`airgap ${toolVersion()}\n`);
} else {
  // What V8 makes of the built program is kept beside it, where that folder may be written: made once, not at every start.
  if (import.meta.url.endsWith('.js')) enableCompileCache(fileURLToPath(new URL('./cache', import.meta.url)));
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
