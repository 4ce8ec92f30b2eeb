import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { displayWidth } from '../../src/text/width.js';
import { viewImages } from '../../src/views/images.js';
import { type Line, plainLine, renderLine, span, wrapLine } from '../../src/views/line.js';
import { viewFindings } from '../../src/views/lists.js';
import { viewPlan } from '../../src/views/plan.js';
import { viewReceipt, viewReceipts, viewResult } from '../../src/views/receipt.js';
import { receiptPage } from '../../src/views/receipt-page.js';
import { record } from '../helpers/outputs.js';
import { samplePlan, sampleReceipt, sampleSummaries } from '../helpers/samples.js';

const shown = (lines: readonly Line[]): string => lines.map(plainLine).join('\n');

test('a plan tells routes, the wire against without airgap, room and moved names', (t) => {
  const text = shown(viewPlan(samplePlan('web1'), 80));
  t.true(
    text.startsWith(`Plan for web1: docker 28.0.1 (overlay2), linux/amd64

  IMAGE                          LAYERS         HELD          SEND        SPLICE
  nginx:1.27                          2  1 (~142 MB)  1 (~45.1 MB)             -
  registry.lan:5…:2026.03.1-rc1       3  1 (~142 MB)   1 (~1.1 MB)  1 (~50.0 MB)

  On the wire     ~46.3 MB, zstd (the host reads zstd)
  Without airgap  ~354 MB by docker save | ssh docker load
  Stage there     at most 162 MB needed, 12.0 GB free (/home/me/.cache/airgap)
`),
    text,
  );
  t.regex(text, /ledger-service:2026\.03\.1-rc1 moves; it is [0-9a-f]{12} there today/);
});

test('a plan that cannot start says why and what to do', (t) => {
  const text = shown(viewPlan(samplePlan('web1', true), 80));
  t.regex(
    text,
    /Cannot start: web1 has no room in \/var\/lib\/docker: 9\.0 GB needed, 1\.0 GB free \[TARGET_FULL\]/,
  );
  t.regex(text, /\nhint: Free some room there/);
});

test('a result says in plain words how each image was proved', (t) => {
  const text = shown(viewResult(sampleReceipt('web1'), 80));
  t.is(
    text,
    `web1: docker 28.0.1 (overlay2)
  nginx:1.27  loaded and proved: its ID there is the digest of the config that
              was sent
  app:2       was there already; proved again by its manifest and layers
  Sent     45.1 MB in 1 layer
  Held     285 MB in 2 layers that the host had already
  Resumed  12.0 MB had arrived in an earlier run
  Total    45.6 MB on the wire in 12 s
  Receipt  airgap receipts show 5f20aa93`,
  );
});

test('held-that-was-sent: layers that images of one run share are told apart from those the host had', (t) => {
  const receipt = {
    ...sampleReceipt('web1'),
    routeBytes: { held: 0, sent: 158_000_000, spliced: 0 },
    layerCounts: { held: 0, sent: 3, spliced: 0, shared: 1 },
  };
  const text = shown(viewResult(receipt, 80));
  t.regex(text, /Sent +45\.1 MB in 3 layers\n/);
  t.regex(text, /Shared +1 layer that several of these images have/);
  t.notRegex(text, /Held/);
  const plan = samplePlan('web1');
  const images = plan.images.map((image, at) => ({
    ...image,
    layers: image.layers.map((layer) =>
      at === 1 && layer.route === 'held' ? { ...layer, shared: true as const } : layer,
    ),
  }));
  const table = shown(viewPlan({ ...plan, images, totals: { ...plan.totals, sharedCount: 1 } }, 100)).split(
    '\n',
  );
  t.regex(table[2] ?? '', /LAYERS +HELD +SHARED +SEND/);
  t.regex(table[4] ?? '', /3 +- +1 \(~142 MB\) +1 \(~1\.1 MB\)/);
});

test('a receipt of old, without counts of layers, does not call layers held that weigh nothing', (t) => {
  const receipt = { ...sampleReceipt('web1'), routeBytes: { held: 0, sent: 1, spliced: 0 } };
  t.notRegex(shown(viewResult(receipt, 80)), /Held/);
});

test('a name that was another image’s is told in the result', (t) => {
  const receipt = sampleReceipt('web1');
  const [first, ...others] = receipt.images;
  const moved = { ...receipt, images: [{ ...first!, movedFrom: `sha256:1a80${'0'.repeat(60)}` }, ...others] };
  t.regex(shown(viewResult(moved, 200)), /nginx:1\.27 .*; the name was 1a8000000000 there before/);
});

test('short-beside-full: an engine that is given full names has them in plan, result, receipt and page alike', (t) => {
  const full = 'docker.io/library/nginx:1.27';
  const { images, ...plan } = samplePlan('web1');
  const [planned] = images;
  const [sent] = sampleReceipt('web1').images;
  if (planned === undefined || sent === undefined) return t.fail('there are samples');
  const movesFrom = `sha256:1a80${'0'.repeat(60)}`;
  const image = { ...planned, name: 'nginx:1.27', fullName: full, movesFrom };
  const there = { ...planned, name: 'nginx:1.27', fullName: full, present: { farId: digestOf('nginx') } };
  const receipt = { ...sampleReceipt('web1'), images: [{ ...sent, fullName: full }] };
  const shownTexts = {
    moves: shown(viewPlan({ ...plan, images: [image] }, 100)),
    present: shown(viewPlan({ ...plan, images: [there] }, 100)),
    result: shown(viewResult(receipt, 100)),
    receipt: shown(viewReceipt(receipt, 100)),
    list: shown(viewReceipts([receipt], 200)),
    page: receiptPage(receipt),
  };
  for (const [what, text] of Object.entries(shownTexts)) {
    t.true(text.includes(full), what);
    // The source is what was asked for.
    t.notRegex(text.replace(/docker-daemon:[^\s<]+/g, ''), /(?<!library\/)nginx:1\.27/, what);
  }
});

test('tables and results stay within 80 columns', (t) => {
  const lines = [
    ...viewResult(sampleReceipt('web1'), 80),
    ...viewReceipts([sampleReceipt('a-host-with-a-long-name.rack-12.example.lan')], 80),
    ...viewImages({ images: sampleSummaries(), unavailable: [] }, 80, Date.now()),
    ...viewFindings(
      [{ level: 'problem', subject: 'Engine', text: 'word '.repeat(40), hint: 'do '.repeat(40) }],
      80,
    ),
  ].map(plainLine);
  for (const line of lines) t.true(displayWidth(line) <= 80, line);
});

test('a receipt tells the bundle it came out of, and who signed that', (t) => {
  const bundle = { name: 'edge-stack', digest: digestOf('bundle') };
  const signer = { name: 'alice@site', fingerprint: 'SHA256:abc' };
  const lines = viewReceipt({ ...sampleReceipt('web1'), bundle, signer }, 80).map(plainLine);
  t.true(
    lines.some((line) => line.startsWith('Bundle ') && line.endsWith(`edge-stack, ${bundle.digest}`)),
    lines.join('\n'),
  );
  t.true(
    lines.some((line) => /^Signed by {2,}alice@site, SHA256:abc$/.test(line)),
    lines.join('\n'),
  );
});

test('escape-codes-in-names: no view lets a name, a message or an ID reach the terminal', (t) => {
  const evil = '\u001b]0;owned\u0007\u009b2J\u202e';
  const receipt = sampleReceipt(evil);
  const [image] = receipt.images;
  const hostile = {
    ...receipt,
    address: evil,
    tool: evil,
    engine: { name: evil, version: evil, store: evil },
    images: [{ ...image!, reference: evil, source: evil, farId: evil, platform: evil }],
    bundle: { name: evil, digest: digestOf('bundle') },
    signer: { name: evil, fingerprint: evil },
  };
  const plan = samplePlan(evil);
  const lines = [
    ...viewResult(hostile, 80),
    ...viewReceipt(hostile, 80),
    ...viewReceipts([hostile], 80),
    ...viewPlan({ ...plan, warnings: [evil], codecReason: evil, platform: evil }, 80),
    ...viewImages({ images: sampleSummaries(true), unavailable: [] }, 80, Date.now()),
    ...viewFindings([{ level: 'warning', subject: evil, text: evil, hint: evil }], 80),
  ];
  for (const line of lines) {
    const bytes = renderLine(line, { color: true });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: our own colours are taken away, nothing may be left
    t.notRegex(bytes.replace(/\x1b\[\d+m/g, ''), /[\p{Cc}\p{Cf}]/u, JSON.stringify(bytes));
  }
});

test('colour is told apart from text, and cut lines close it', (t) => {
  const line = [span('ok', 'loaded'), ' nginx'];
  t.is(renderLine(line, { color: true }), '\u001b[32mloaded\u001b[0m nginx');
  t.is(renderLine(line, { color: true, columns: 4 }), '\u001b[32mloa…\u001b[0m');
  t.is(renderLine(line, { color: false }), 'loaded nginx');
});

test('narrow-terminals: lines break at blanks, keep their styles and indent what follows', (t) => {
  const line: Line = [
    '  ',
    span('warn', 'warning:'),
    ' the stage is full in ',
    span('strong', '/var/lib/a-long-path/x'),
  ];
  const wrapped = wrapLine(line, 24);
  t.deepEqual(wrapped.map(plainLine), [
    '  warning: the stage is',
    '    full in',
    '    /var/lib/a-long-path/x',
  ]);
  t.true(wrapped.flat().some((part) => typeof part !== 'string' && part.style === 'strong'));
  t.deepEqual(wrapLine(line, 80), [line]);
  t.deepEqual(wrapLine('abc'.repeat(20), 10).map(plainLine), ['abc'.repeat(20)]);
});

test('pl…o:v0.0.2: without a terminal no name is cut', (t) => {
  const name = `plant/${'a-long-name/'.repeat(12)}bus-info:v0.0.2`;
  const list = { images: sampleSummaries().map((one) => ({ ...one, name })), unavailable: [] };
  const piped = record();
  piped.output.lines(viewImages(list, piped.output.reportColumns(), Date.now()));
  t.true(piped.text().includes(name));
  const narrow = record({ isTTY: true, columns: 60 });
  narrow.output.lines(viewImages(list, narrow.output.reportColumns(), Date.now()));
  for (const row of narrow.text().split('\n')) t.true(displayWidth(row) <= 60, row);
});
