// A box lets nobody in before it is a machine of its own: who came sooner would be root of the machine that tests run on.
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { needing } from './helpers/needs.js';
import { openBox } from './rig/box.js';
import { chrootFolder, ensureChroot, expectChrootEngine } from './rig/chroot.js';
import { run } from './rig/command.js';
import { needsOf } from './rig/rig.js';

const test = needing(...needsOf('d28c'));

test.serial('a box that is slow to enter its chroot is not entered at the machine’s own root', async (t) => {
  const { root, lockFile } = await ensureChroot('forky');
  const slow = await mkdtemp(join(tmpdir(), 'airgap-test-'));
  const usualPath = process.env.PATH ?? '';
  t.teardown(async () => {
    process.env.PATH = usualPath;
    await rm(slow, { recursive: true, force: true });
  });
  const real = (await run(['sh', '-c', 'command -v chroot'])).stdout.trim();
  await writeFile(join(slow, 'chroot'), `#!/bin/sh\nsleep 1\nexec ${real} "$@"\n`);
  await chmod(join(slow, 'chroot'), 0o755);
  process.env.PATH = `${slow}${delimiter}${usualPath}`;
  const box = await openBox({ name: 'slow', root, lockFile });
  process.env.PATH = usualPath;
  try {
    const seen = await box.run(['cat', '/var/lib/dpkg/status']);
    t.true(seen.stdout === (await readFile(join(root, 'var/lib/dpkg/status'), 'utf8')), 'another root');
  } finally {
    await box.stop();
  }
});

test('an engine of another version than the chroot’s package is refused', async (t) => {
  const admin = join(chrootFolder('forky'), 'var/lib/dpkg');
  const { stdout } = await run(['dpkg-query', `--admindir=${admin}`, '--show', 'docker.io']);
  const packaged = stdout.trim().split('\t')[1] ?? '';
  await t.notThrowsAsync(expectChrootEngine('forky', 'docker.io', packaged.replace(/\+.*$/, '')));
  await t.throwsAsync(expectChrootEngine('forky', 'docker.io', '20.10.24'), { message: /20\.10\.24/ });
});
