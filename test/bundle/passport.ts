// Passports as files: written and read back, and refused where somebody has had them in hand.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { formatPassport, maxPassportBytes, parsePassport } from '../../src/bundle/passport.js';
import { airgap } from '../helpers/command-line.js';
import { samplePassport } from '../helpers/samples.js';
import { withTempDir } from '../helpers/tmp.js';

const sample = samplePassport('edge1');
const parse = (value: unknown) => parsePassport(Buffer.from(JSON.stringify(value)), 'site.json');

test('a passport is read back as it was written, its files, images and blobs one a line', (t) => {
  const written = formatPassport(sample);
  t.deepEqual(parsePassport(Buffer.from(written), 'site.json'), sample);
  t.is(written.split('\n').filter((line) => /^ {4}\{/.test(line)).length, 2);
});

test('a passport of old, without config, is read, and fields of a later one are passed over', (t) => {
  const { config: _, ...old } = sample;
  t.deepEqual(parse(old), old);
  t.deepEqual(parsePassport(Buffer.from(formatPassport(old)), 'site.json'), old);
  t.deepEqual(parse({ ...sample, later: 1 }), sample);
});

test('JSON that does not say what it is is told to be no passport, not that a field of it is wrong', (t) => {
  for (const other of [{}, { version: 1, id: 'x' }])
    t.like(
      t.throws(() => parse(other)),
      { message: '"site.json" is not a passport: it has another form' },
    );
});

const hostile: Readonly<Record<string, unknown>> = {
  'another version': { ...sample, version: 2 },
  'config that is no list': { ...sample, config: { path: '/etc/x' } },
  'config without a digest': { ...sample, config: [{ path: '/etc/x' }] },
  'a digest that is none': { ...sample, config: [{ path: '/etc/x', digest: 'sha256:../../etc' }] },
  'a path without end': { ...sample, config: [{ ...sample.config?.[0], path: 'x'.repeat(1001) }] },
  'an image of more layers than any has': {
    ...sample,
    images: [
      { ...sample.images[0], diffIds: Array.from({ length: 4000 }, () => sample.images[0]?.diffIds[0]) },
    ],
  },
  'free room below nothing': { ...sample, free: { '/': -1 } },
  'a receipt': { version: 1, id: 'x' },
  nothing: null,
};

for (const [what, value] of Object.entries(hostile)) {
  test(`a passport with ${what} is refused`, (t) => {
    t.throws(() => parse(value), { code: 'PASSPORT_INVALID' });
  });
}

test('a passport larger than any real one is refused before it is parsed', (t) => {
  t.throws(() => parsePassport(Buffer.alloc(maxPassportBytes + 1, ' '), 'site.json'), {
    code: 'PASSPORT_INVALID',
  });
});

test('what is wrong with a passport is told by its word, and by the field that is wrong', (t) => {
  const told = (raw: string | Uint8Array): unknown =>
    t.throws(() => parsePassport(Buffer.from(raw), 'site.json')) as { facts?: unknown };
  t.like(told('no json'), { facts: { problem: 'not-json', detail: '' } });
  t.like(told(Buffer.from([0x22, 0xff, 0x22])), { facts: { problem: 'not-json' } });
  t.like(told('[]'), { facts: { problem: 'form', detail: '' } });
  t.like(told(JSON.stringify({ ...sample, images: [{ id: 'x' }] })), {
    facts: { problem: 'form', detail: 'images.0.id' },
  });
});

test('airgap passport prints the file for a redirection, or writes it', (t) =>
  withTempDir(async (folder) => {
    const printed = await airgap(['passport', 'edge1']);
    t.is(printed.exitCode, 0, printed.stderr);
    t.is(printed.stdout, formatPassport(sample));
    t.is((await airgap(['passport'])).stdout, formatPassport(samplePassport('here')));
    const file = path.join(folder, 'site.json');
    const written = await airgap(['passport', 'edge1', '--output', file]);
    t.is(`${written.exitCode}${written.stdout}`, '0');
    t.is(await readFile(file, 'utf8'), printed.stdout);
    t.is((await airgap(['passport', 'edge1', '--output', path.join(folder, 'no/site.json')])).exitCode, 26);
    t.is((await airgap(['passport', 'edge1', '--engine', 'crio'])).exitCode, 2);
    t.is((await airgap(['passport', 'edge1', 'edge2'])).exitCode, 2);
  }));
