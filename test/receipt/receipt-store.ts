import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import anyTest, { type TestFn } from 'ava';
import type { Receipt } from '../../src/receipt/receipt.js';
import { createReceiptStore } from '../../src/receipt/receipt-store.js';
import { sampleReceipt } from '../helpers/samples.js';

const test = anyTest as TestFn<{ folder: string; directory: string }>;

test.beforeEach(async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-receipts-'));
  t.context = { folder, directory: path.join(folder, 'state', 'receipts') };
});
test.afterEach.always(async (t) => {
  await rm(t.context.folder, { recursive: true, force: true });
});

const receipt = (n: number, change: Partial<Receipt> = {}): Receipt => ({
  ...sampleReceipt('web1'),
  id: `${n.toString(16).padStart(8, '0')}-c6be-4a1f-9d6f-2b7e3c1d0a99`,
  startedAt: new Date(Date.UTC(2026, 2, 1, 12, 0, n)).toISOString(),
  ...change,
});

test('a receipt is read back as it was written', async (t) => {
  const store = createReceiptStore(t.context.directory);
  await store.write(receipt(1));
  t.deepEqual(await store.list(), { receipts: [receipt(1)], damaged: 0 });
});

test('receipts are for their owner only, and nothing but whole files is left', async (t) => {
  const file = await createReceiptStore(t.context.directory).write(receipt(1));
  t.is((await stat(file)).mode & 0o777, 0o600);
  t.is((await stat(t.context.directory)).mode & 0o777, 0o700);
  t.deepEqual(await readdir(t.context.directory), ['20260301T120001000Z-00000001.json']);
});

test('the newest comes first, whatever order they were written in', async (t) => {
  const store = createReceiptStore(t.context.directory);
  await Promise.all([3, 1, 2].map((n) => store.write(receipt(n))));
  const { receipts } = await store.list();
  t.deepEqual(
    receipts.map((one) => one.startedAt),
    [3, 2, 1].map((n) => receipt(n).startedAt),
  );
});

test('a receipt is found by its number or by the start of its ID', async (t) => {
  const store = createReceiptStore(t.context.directory);
  for (const n of [0xaaaa_1111, 0xaaaa_2222]) await store.write(receipt(n & 0x3f, { id: receipt(n).id }));
  const newest = (await store.list()).receipts[0];
  t.deepEqual(await store.find('1'), newest);
  t.is((await store.find('aaaa1'))?.id, receipt(0xaaaa_1111).id);
  t.is((await store.find('AAAA1111'))?.id, receipt(0xaaaa_1111).id);
  for (const unknown of ['3', '0', '-1', 'aaaa', 'aaa', '', 'ffff', '../..', '1e0']) {
    t.is(await store.find(unknown), undefined, unknown);
  }
});

test('an absent folder holds no receipts', async (t) => {
  const store = createReceiptStore(t.context.directory);
  t.deepEqual(await store.list(), { receipts: [], damaged: 0 });
  t.is(await store.find('1'), undefined);
});

test('damaged, foreign and hostile files are counted and do not hide the good ones', async (t) => {
  const { directory } = t.context;
  const store = createReceiptStore(directory);
  const good = await store.write(receipt(1));
  const at = (n: number): string => path.join(directory, `20260301T1300${n}000Z-0000000a.json`);
  await writeFile(at(10), (await readFile(good, 'utf8')).slice(0, 200));
  await writeFile(at(11), '');
  await writeFile(at(12), '{"version":2}');
  await writeFile(at(13), JSON.stringify({ ...receipt(1), id: '../../etc/passwd' }));
  await writeFile(
    at(14),
    JSON.stringify({ ...receipt(1), images: [{ ...receipt(1).images[0], imageId: 'sha256:x' }] }),
  );
  await symlink(good, at(15));
  await writeFile(at(16), '');
  await truncate(at(16), 40 * 1024 * 1024);
  await mkdir(at(17));
  await writeFile(path.join(directory, 'notes.txt'), 'not ours');
  t.deepEqual(await store.list(), { receipts: [receipt(1)], damaged: 8 });
});

test('fields of a later version are dropped, not refused', async (t) => {
  const { directory } = t.context;
  const store = createReceiptStore(directory);
  const file = await store.write(receipt(1));
  await writeFile(file, JSON.stringify({ ...receipt(1), signature: 'x' }));
  t.deepEqual((await store.list()).receipts, [receipt(1)]);
});

test('a write that cannot be finished leaves nothing behind', async (t) => {
  const { directory } = t.context;
  await mkdir(directory, { recursive: true });
  // A folder where the file should be: the rename fails, for root as well.
  await mkdir(path.join(directory, '20260301T120001000Z-00000001.json', 'x'), { recursive: true });
  await t.throwsAsync(createReceiptStore(directory).write(receipt(1)));
  t.deepEqual(await readdir(directory), ['20260301T120001000Z-00000001.json']);
  await chmod(directory, 0o700);
});
