import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { outcome, testHost } from '../contract/host.js';

testHost({
  test,
  name: 'local',
  open: async () => ({ host: createLocalHost(), done: async () => undefined }),
  countsBytes: false,
});

test('a program that is not there is named', async (t) => {
  const error = await t.throwsAsync(createLocalHost().exec(['no-such-program-anywhere']), {
    instanceOf: AirgapError,
  });
  t.is(error?.code, 'PROGRAM_MISSING');
  t.deepEqual(error?.facts, { program: 'no-such-program-anywhere' });
});

test('commands see the environment given to the host and no other', async (t) => {
  const host = createLocalHost({ PATH: process.env.PATH, MARK: 'here' });
  t.is((await outcome(await host.exec(['sh', '-c', 'echo "$MARK-$HOME"']))).stdout, 'here-\n');
});

test('closing ends what still runs', async (t) => {
  const host = createLocalHost();
  const exec = await host.exec(['sleep', '1000']);
  await host.close();
  t.is((await exec.exit).exitCode, undefined);
});
