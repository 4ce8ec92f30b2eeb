import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { encode } from 'uqr';
import { digestOf } from '../../src/oci/digest.js';
import { receiptPage } from '../../src/views/receipt-page.js';
import { airgap } from '../helpers/command-line.js';
import { sampleReceipt } from '../helpers/samples.js';
import { withTempDir } from '../helpers/tmp.js';

/** The dark squares of the drawing, row by row. */
function squaresOf(page: string): Set<string> {
  const [, drawn = ''] = /<path d="([^"]+)"/.exec(page) ?? [];
  return new Set([...drawn.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => `${x} ${y}`));
}

test('the page holds what is signed for: host, images, whole digests, proof, sizes', (t) => {
  const receipt = sampleReceipt('web1');
  const page = receiptPage(receipt);
  for (const { reference, imageId, diffIds } of receipt.images)
    for (const word of [reference, imageId, ...diffIds]) t.true(page.includes(word), word);
  for (const word of [receipt.id, 'web1', '10.0.0.7', '45.1 MB', receipt.startedAt, 'loaded and proved'])
    t.true(page.includes(word), word);
});

const files = [
  { to: '/etc/yum.repos.d/docker-ce.repo', previous: null },
  { to: '/etc/docker/daemon.json', previous: digestOf('old') },
  { to: '/opt/app/app.env', previous: digestOf('/opt/app/app.env') },
].map(({ to, previous }) => ({ to, previous, digest: digestOf(to), mode: '0640', backup: null }));

test('the page holds the bundle, who signed it, and every file with its digest, its mode and what lay there', (t) => {
  const bundle = { name: 'edge-stack', digest: digestOf('bundle') };
  const signer = { name: 'alice@site', fingerprint: 'SHA256:Zk0k2Y9yLrJp0q8b1e9o3Pz3u3dUo5a9YpVbT7n2s4E' };
  const page = receiptPage({ ...sampleReceipt('web1'), bundle, signer, files });
  for (const word of ['edge-stack', bundle.digest, 'alice@site', signer.fingerprint, '0640', digestOf('old')])
    t.true(page.includes(word), word);
  for (const { to, digest } of files) for (const word of [to, digest]) t.true(page.includes(word), word);
  t.true(page.includes('nothing lay there') && page.includes('the same file'));
  const nameless = receiptPage({ ...sampleReceipt('web1'), bundle, signer: { fingerprint: 'SHA256:abc' } });
  t.true(nameless.includes('<dd>SHA256:abc</dd>'));
  t.false(nameless.includes('<h2>Files</h2>'));
});

test('files that could not be put there are told with the reason, not left out', (t) => {
  const filesFailed = { code: 'FILE_CHANGED', message: 'daemon.json has <changed>' };
  const page = receiptPage({ ...sampleReceipt('web1'), images: [], files: [], filesFailed });
  t.true(page.includes('No file was changed: daemon.json has &lt;changed&gt;'));
  t.false(page.includes('<h2>Images</h2>'));
});

test('the page needs nothing but itself, and runs nothing', (t) => {
  const page = receiptPage(sampleReceipt('web1'));
  t.regex(page, /^<!doctype html>\n<html lang="en">/);
  t.notRegex(page, /<(script|link|img|iframe|object|form)\b|@import|\bsrc=|\bhref=|url\(|\bon[a-z]+=/i);
  t.deepEqual([...page.matchAll(/https?:\/\/[^"]*/g)].map(String), ['http://www.w3.org/2000/svg']);
  t.regex(page, /default-src 'none'/);
});

test('names that are markup, or would move a terminal, stay text', (t) => {
  const receipt = sampleReceipt('web1');
  const evil = `"><script>alert(1)</script>'&\u001b[31m\u202e`;
  const images = receipt.images.map((image) => ({ ...image, reference: evil, source: evil, farId: evil }));
  const bundle = { name: evil, digest: digestOf('x') };
  const signer = { name: evil, fingerprint: evil };
  const file = { to: evil, digest: digestOf('x'), previous: null, mode: '0644', backup: null };
  const own = { host: evil, address: evil, tool: evil, images, bundle, signer, files: [file] };
  const page = receiptPage({ ...receipt, ...own });
  for (const bad of ['<script', '\u001b', '\u202e']) t.false(page.includes(bad));
  t.true(page.includes('&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;\\u{1b}[31m\\u{202e}'));
});

test('the QR code is that of the bundle’s digest, or of the receipt where there is no bundle', (t) => {
  const receipt = sampleReceipt('web1');
  const digest = digestOf('bundle');
  for (const [page, value] of [
    [receiptPage(receipt), receipt.id],
    [receiptPage({ ...receipt, bundle: { name: 'edge-stack', digest } }), digest],
  ] as const) {
    const { data: modules } = encode(value, { ecc: 'M', border: 4 });
    const want = modules.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`${x} ${y}`] : [])));
    t.deepEqual([...squaresOf(page)].sort(), want.sort());
    // Seven by seven, in three corners: what readers look for first.
    t.true(squaresOf(page).has('4 4') && squaresOf(page).has('10 10') && !squaresOf(page).has('5 5'));
  }
});

test('receipts show --html prints the page, or writes it to a file', (t) =>
  withTempDir(async (folder) => {
    const { stdout, exitCode } = await airgap(['receipts', 'show', '1', '--html']);
    t.is(exitCode, 0);
    t.is(stdout, receiptPage(sampleReceipt('web1')));
    const file = path.join(folder, 'receipt.html');
    const written = await airgap(['receipts', 'show', '1', '--html', '--output', file]);
    t.is(written.stdout, '');
    t.is(await readFile(file, 'utf8'), stdout);
    const nowhere = await airgap(['receipts', 'show', '1', '--html', '--output', path.join(folder, 'no/x')]);
    t.is(nowhere.exitCode, 26);
    t.is((await airgap(['receipts', 'show', '1', '--output', file])).exitCode, 2);
  }));
