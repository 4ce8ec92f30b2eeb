import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { specJsonSchema, specKeys } from '../../src/bundle/spec-schema.js';
import { text } from '../../src/text/text.js';
import { root } from '../helpers/command-line.js';

// To bring it up to date: node --import=tsx test/helpers/bundle-schema.ts && npx biome check --write bundles
test('the JSON Schema for editors equals the one that checks', (t) => {
  const kept = readFileSync(path.join(root, 'bundles/bundle.schema.json'), 'utf8');
  t.deepEqual(JSON.parse(kept), JSON.parse(specJsonSchema()));
});

test('every key has a description, and no other has one', (t) => {
  t.deepEqual(Object.keys(text().words.spec.keys).toSorted(), specKeys().toSorted());
});

test('docs/bundle-yaml.md tells every key', (t) => {
  const page = readFileSync(path.join(root, 'docs/bundle-yaml.md'), 'utf8');
  for (const key of specKeys()) t.true(page.includes(`\`${key}\``), key);
  const told = [...page.matchAll(/^\| `([a-z[\].]+)` \|/gm)].map((match) => match[1]);
  t.deepEqual(told.toSorted(), specKeys().toSorted());
});
