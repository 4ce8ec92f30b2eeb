// What is remembered of pushes: an upload that was cut is gone on with, but never one that another run is busy with.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { openPushMemory } from '../../src/runs/push-memory.js';
import { formatOwner, parseOwner, thisOwner } from '../../src/streams/owner.js';
import { withTempDir } from '../helpers/tmp.js';

test('stolen-upload: an upload of a run that goes on is left to it, and taken when that has ended', async (t) => {
  await withTempDir(async (folder) => {
    const digest = digestOf('a blob');
    const place = new URL('http://registry.lan/v2/app/blobs/uploads/1');
    const { uploads } = await openPushMemory(folder, 'registry.lan');
    await uploads.keep('app', digest, place);
    const kept = path.join(folder, 'push/uploads');
    const [name = ''] = await readdir(kept);
    const file = path.join(kept, name);
    const row = JSON.parse(await readFile(file, 'utf8'));
    t.is(parseOwner(row.owner)?.pid, process.pid);
    const other = spawn('sleep', ['600']);
    await once(other, 'spawn');
    const stat = await readFile(`/proc/${other.pid}/stat`, 'latin1');
    const startedAt = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '';
    const owner = formatOwner({ ...thisOwner(), pid: other.pid ?? 0, startedAt });
    await writeFile(file, JSON.stringify({ ...row, owner }));
    t.is(await uploads.take('app', digest), undefined);
    t.deepEqual(await readdir(kept), [name]);
    other.kill('SIGKILL');
    await once(other, 'exit');
    t.is((await uploads.take('app', digest))?.href, place.href);
    t.deepEqual(await readdir(kept), []);
  });
});
