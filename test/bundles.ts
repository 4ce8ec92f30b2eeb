// Every ready-made spec of bundles/ is one that works.
import { cpSync, existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { readCompose } from '../src/bundle/compose.js';
import { readSpec } from '../src/bundle/spec.js';
import { parseSource } from '../src/stores/source.js';
import { createNear } from './helpers/airgap.js';
import { root } from './helpers/command-line.js';
import { run } from './rig/rig.js';

const bundles = path.join(root, 'bundles');
const names = readdirSync(bundles, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);
const check = (source: string): void => void parseSource(source);

for (const name of names) {
  test(`bundles/${name} is a spec with a README`, async (t) => {
    const folder = path.join(bundles, name);
    const spec = await readSpec(path.join(folder, 'bundle.yaml'), check);
    t.is(spec.name, name);
    for (const file of spec.compose) t.true((await readCompose(file)).length > 0);
    const first = readFileSync(path.join(folder, 'bundle.yaml'), 'utf8').split('\n')[0] ?? '';
    const schema = /\$schema=(\S+)/.exec(first)?.[1] ?? 'none';
    t.true(existsSync(path.join(folder, schema)), 'editors find the schema');
    t.true(readFileSync(path.join(folder, 'README.md'), 'utf8').startsWith(`# ${name}\n`));
  });
}

test('bundles/README.md lists every folder', (t) => {
  const page = readFileSync(path.join(bundles, 'README.md'), 'utf8');
  t.deepEqual(
    [...page.matchAll(/^\| \[([a-z-]+)\]/gm)].map((match) => match[1]).toSorted(),
    names.toSorted(),
  );
});

test('the lines that READMEs say to uncomment are right', async (t) => {
  const near = await createNear();
  try {
    for (const name of ['docker-ce-rhel', 'docker-ce-debian']) {
      const folder = path.join(near.folder, name);
      cpSync(path.join(bundles, name), folder, { recursive: true });
      await run(['sh', '-c', 'mkdir keys packages && : >keys/docker.asc'], { cwd: folder });
      await run(
        ['sed', '-i', 's/^# packages:/packages:/; s/}$/, gpgkey: keys\\/docker.asc}/', 'bundle.yaml'],
        { cwd: folder },
      );
      const { payload } = await readSpec(path.join(folder, 'bundle.yaml'), check);
      t.is(payload.packages.length, 1);
      t.is(payload.repos[0]?.gpgkey, path.join(folder, 'keys/docker.asc'));
    }
  } finally {
    await near.remove();
  }
});

test('the demo makes images without an engine, the same twice, and airgap opens both', async (t) => {
  const near = await createNear();
  try {
    const folder = path.join(near.folder, 'demo');
    cpSync(path.join(bundles, 'demo'), folder, { recursive: true });
    const made: string[] = [];
    for (let turn = 0; turn < 2; turn += 1) {
      await run(['sh', path.join(folder, 'make-images.sh')]);
      made.push(readFileSync(path.join(folder, 'images/index.json'), 'utf8'));
    }
    t.is(made[0], made[1]);
    const spec = await readSpec(path.join(folder, 'bundle.yaml'), check);
    for (const { source } of spec.images) {
      const { path: place = '', name = '' } = parseSource(source);
      const outcome = await near.run(['inspect', `oci:${path.join(folder, place)}:${name}`]);
      t.is(outcome.exitCode, 0, outcome.stderr);
      t.regex(outcome.stdout, /demo\.local\/hello/);
    }
  } finally {
    await near.remove();
  }
});
