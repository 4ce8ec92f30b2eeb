// The command line on a real process, with the test double as its core: FAKE_SCENE says what happens.
import { runOnProcess } from '../../src/cli/start-process.js';
import { createFakeCore, type Scene } from './fake-core.js';

const scene = (process.env.FAKE_SCENE ?? 'works') as Scene;
process.exit(
  await runOnProcess({
    argv: process.argv.slice(2),
    process,
    leave: (exitCode) => process.exit(exitCode),
    openCore: async () => createFakeCore(scene),
    openScreen: async (world, doors) => (await import('../../ui/start.js')).startScreen(world, doors),
  }),
);
