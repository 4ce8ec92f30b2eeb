// Receipts in files that somebody carried: the same limits and schema as the store's own, and an error that says what is wrong.
import { execFile } from 'node:child_process';
import { readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { isReceiptFile, readReceiptFile } from '../../src/receipt/receipt-file.js';
import { airgap } from '../helpers/command-line.js';
import { sampleReceipt } from '../helpers/samples.js';
import { withTempDir } from '../helpers/tmp.js';

const home = { ...sampleReceipt('edge1'), tool: 'airgap 9', address: 'local:' };

test('numbers and IDs are no files; what has a slash or ends in .json is one', (t) => {
  for (const word of ['1', '5f20aa93', home.id, '']) t.false(isReceiptFile(word), word);
  for (const word of ['./1', '/media/usb/x', 'edge1-receipt.json']) t.true(isReceiptFile(word), word);
});

test('receipts show takes the path of a file, as lines, as JSON and as a page', (t) =>
  withTempDir(async (folder) => {
    const file = path.join(folder, '20260301T140509Z-edge1-receipt.json');
    await writeFile(file, JSON.stringify(home));
    const lines = await airgap(['receipts', 'show', file]);
    t.is(lines.exitCode, 0, lines.stderr);
    t.true(lines.stdout.includes('edge1') && lines.stdout.includes('airgap 9'));
    t.deepEqual(JSON.parse((await airgap(['receipts', 'show', file, '--json'])).stdout).receipt, home);
    const page = path.join(folder, 'receipt.html');
    t.is((await airgap(['receipts', 'show', file, '--html', '--output', page])).exitCode, 0);
    t.true((await readFile(page, 'utf8')).includes('Receipt: delivered to edge1'));
    // Named by its owner: a link is as good as the file.
    await symlink(file, path.join(folder, 'link.json'));
    t.deepEqual(await readReceiptFile(path.join(folder, 'link.json')), home);
  }));

test('files that are no receipts are refused with the reason: absent, a folder, a pipe, too large, cut, of another form', (t) =>
  withTempDir(async (folder) => {
    const at = (name: string): string => path.join(folder, name);
    await promisify(execFile)('mkfifo', [at('pipe.json')]);
    await writeFile(at('large.json'), '');
    await truncate(at('large.json'), 16 * 1024 * 1024 + 1);
    await writeFile(at('cut.json'), JSON.stringify(home).slice(0, -9));
    await writeFile(at('bytes.json'), Buffer.from([0x22, 0xff, 0x22]));
    await writeFile(
      at('form.json'),
      JSON.stringify({ ...home, images: [{ ...home.images[0], proof: 'trust me' }] }),
    );
    await writeFile(at('list.json'), '[]');
    for (const [name, problem, detail] of [
      ['none.json', 'no-file', undefined],
      ['.', 'not-a-file', ''],
      ['pipe.json', 'not-a-file', ''],
      ['large.json', 'too-large', ''],
      ['cut.json', 'not-json', ''],
      ['bytes.json', 'not-json', ''],
      ['form.json', 'form', 'images.0.proof'],
      ['list.json', 'form', ''],
    ] as const) {
      const error = await t.throwsAsync(readReceiptFile(at(name)), { code: 'RECEIPT_INVALID' }, name);
      t.like(error, { facts: { problem, ...(detail === undefined ? {} : { detail }) } }, name);
    }
    const ended = await airgap(['receipts', 'show', at('form.json'), '--html']);
    t.is(ended.exitCode, 2);
    t.is(ended.stdout, '');
    t.regex(ended.stderr, /is not a receipt: images\.0\.proof is not as expected/);
  }));
