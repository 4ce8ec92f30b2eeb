import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { client, type FarBox, otherShells, withFar } from '../helpers/far-box.js';
import { cut, farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { run } from '../rig/command.js';

const { serial: test } = needing('root', 'linux');
const diffId = parseDiffId(digestOf('full'), 'test');

/** A file system of a few MiB. */
async function withSmallDisk(mebibytes: number, use: (disk: string) => Promise<void>): Promise<void> {
  const disk = await mkdtemp(path.join(tmpdir(), 'airgap-small-'));
  await run(['mount', '-t', 'tmpfs', '-o', `size=${mebibytes}m,mode=700`, 'airgap-test', disk]);
  try {
    await use(disk);
  } finally {
    await run(['umount', '-l', disk]);
    await rm(disk, { recursive: true, force: true });
  }
}

for (const shell of otherShells) {
  test(`a stage that fills up is told as full, keeps what arrived and goes on after room is made (${shell})`, (t) =>
    withSmallDisk(3, (disk) =>
      withFar(
        shell,
        async ({ far, stage }) => {
          const segments = cut(randomBytes(5_000_000), diffId, { size: 1_000_000 });
          const error = await t.throwsAsync(putAll(far, segments));
          t.like(error, { code: 'TARGET_FULL', facts: { path: stage } });
          const staged = await far.staged([diffId]);
          t.is(staged.filter(({ whole }) => whole).length, 3);
          await far.forget([diffId]);
          await putAll(far, segments.slice(3));
          t.is((await far.check([diffId])).filter(({ whole }) => whole).length, 2);
        },
        { stage: path.join(disk, 'stage') },
      ),
    ));

  test(`names are taken back on a disk that is full to the last byte (${shell})`, (t) =>
    withSmallDisk(2, async (disk) => {
      const bin = await mkdtemp(path.join(tmpdir(), 'airgap-bin-'));
      try {
        const docker = `#!/bin/sh\ncase $* in 'image inspect'*) echo sha256:1 ;; 'image rm '*) echo "$3" >>"${bin}/removed" ;; esac\n`;
        await writeFile(path.join(bin, 'docker'), docker, { mode: 0o755 });
        const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
        const use = async ({ far }: FarBox): Promise<void> => {
          await writeFile(path.join(disk, 'filler'), randomBytes(2 << 20)).catch(() => undefined);
          const name = 'airgap.local/loading:test-1';
          await far.unname({ engine: 'docker', sudo: 'no' }, [name]);
          t.is(await readFile(path.join(bin, 'removed'), 'utf8'), `${name}\n`);
          const left = await readdir('/dev/shm').catch(() => []);
          t.deepEqual(
            left.filter((entry) => entry.includes(client)),
            [],
          );
        };
        await withFar(shell, use, { stage: path.join(disk, 'stage'), env });
      } finally {
        await rm(bin, { recursive: true, force: true });
      }
    }));

  test(`a stage without room for the program is told as full (${shell})`, (t) =>
    withSmallDisk(1, async (disk) => {
      await mkdir(path.join(disk, 'stage'));
      await writeFile(path.join(disk, 'filler'), randomBytes(1 << 20)).catch(() => undefined);
      const opening = withFar(shell, async () => undefined, { stage: path.join(disk, 'stage') });
      t.like(await t.throwsAsync(opening), { code: 'TARGET_FULL' });
      t.deepEqual(await readdir(path.join(disk, 'stage')), [], 'nothing half is left');
    }));

  test(`a layout that fills up is told as full and left as it was (${shell})`, (t) =>
    withSmallDisk(3, (disk) =>
      withFar(shell, async ({ far }) => {
        const call = { engine: `layout:${disk}/out`, sudo: 'no' } as const;
        const image = farImage({ storeKind: 'layout', name: 'docker.io/library/x:1', layers: [6_000_000] });
        await putAll(far, image.segments);
        const play = await far.openPlay(call, 'airgap.local/loading:test-1');
        const error = await t.throwsAsync(async () => {
          for (const line of image.recipe) await play.line(line);
          await play.loaded;
        });
        t.like(error, { code: 'TARGET_FULL' });
        t.deepEqual(await readdir(`${disk}/out`), []);
      }),
    ));
}
