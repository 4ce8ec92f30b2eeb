import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { cleanHost } from '../../src/runs/clean.js';
import { client, withFar } from '../helpers/far-box.js';

test('nothing-to-clean: nobody is asked, nothing is claimed and nothing stays', (t) =>
  withFar('dash', async ({ far, stage }) => {
    const ask = async (): Promise<string | undefined> => t.fail('asked');
    t.deepEqual(await cleanHost(far, { host: 'box', client, all: false, ask }), []);
    await t.throwsAsync(readdir(stage), { code: 'ENOENT' });
  }));

test('what is not of airgap keeps the folder', (t) =>
  withFar('dash', async ({ far, stage }) => {
    await writeFile(path.join(stage, 'notes.txt'), 'mine');
    t.deepEqual(await cleanHost(far, { host: 'box', client, all: true, ask: async () => 'yes' }), []);
    t.deepEqual(await readdir(stage), ['notes.txt']);
  }));
