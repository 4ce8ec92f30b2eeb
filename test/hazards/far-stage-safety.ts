// Folders in which somebody else could put another program or stage in place of ours.
import { chmod, chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Shell, shellNames, withFar } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';

const { serial: test } = needing('root', 'linux');

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-open-'));
  try {
    await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const opened = (shell: Shell, stage: string): Promise<void> =>
  withFar(shell, async () => undefined, { stage });

for (const shell of shellNames) {
  test(`a stage that its group may write, or that is a link, is refused (${shell})`, (t) =>
    withFolder(async (folder) => {
      const stage = path.join(folder, 'stage');
      await mkdir(stage);
      await chmod(stage, 0o2775);
      t.like(await t.throwsAsync(opened(shell, stage)), {
        code: 'STAGE_DENIED',
        facts: { detail: 'its group may write it' },
      });
      await chmod(stage, 0o755);
      await symlink(stage, path.join(folder, 'link'));
      const linked = await t.throwsAsync(opened(shell, path.join(folder, 'link')));
      t.like(linked, { code: 'STAGE_DENIED', facts: { detail: 'it is a link' } });
      t.deepEqual(await readdir(stage), []);
      await t.notThrowsAsync(opened(shell, stage));
    }));

  test(`a stage that others may replace from the folder above is refused (${shell})`, (t) =>
    withFolder(async (folder) => {
      const above = path.join(folder, 'above');
      const stage = path.join(above, 'deep', 'stage');
      await mkdir(stage, { recursive: true });
      await chmod(above, 0o777);
      await t.throwsAsync(opened(shell, stage), { code: 'STAGE_DENIED' });
      await chmod(above, 0o1777);
      await t.notThrowsAsync(opened(shell, stage), 'the sticky bit keeps others out');
      await chmod(above, 0o755);
      await chown(above, 12_345, 0);
      await t.throwsAsync(opened(shell, stage), { code: 'STAGE_DENIED' });
    }));

  test(`a program that arrived half on a machine that died goes with the rest (${shell})`, (t) =>
    withFar(shell, async ({ far, stage }) => {
      await writeFile(path.join(stage, '.far-0123456789ab.sh.4711'), 'half a program');
      await far.clean({ all: true });
      await t.throwsAsync(readdir(stage), { code: 'ENOENT' });
    }));
}
