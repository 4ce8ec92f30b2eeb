import test from 'ava';
import { isAirgapError } from '../../src/errors.js';
import { chainIds, digestOf, hexOf, isDigest, parseDiffId, shortDigest } from '../../src/oci/digest.js';
import { formatPlatform, parsePlatform, platformFits } from '../../src/oci/platform.js';
import {
  familiarReference,
  formatReference,
  parseReference,
  withoutDigest,
} from '../../src/oci/reference.js';

const hex = 'a'.repeat(64);

const names: readonly (readonly [input: string, full: string, familiar: string])[] = [
  ['nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['nginx:1.27', 'docker.io/library/nginx:1.27', 'nginx:1.27'],
  ['plant/bus-info:v1', 'docker.io/plant/bus-info:v1', 'plant/bus-info:v1'],
  ['docker.io/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
  ['index.docker.io/library/nginx:1', 'docker.io/library/nginx:1', 'nginx:1'],
  ['localhost/x', 'localhost/x:latest', 'localhost/x:latest'],
  ['localhost:5000/x', 'localhost:5000/x:latest', 'localhost:5000/x:latest'],
  [
    'registry.lan:5000/a/b_c/d.e--f:T_1',
    'registry.lan:5000/a/b_c/d.e--f:T_1',
    'registry.lan:5000/a/b_c/d.e--f:T_1',
  ],
  ['[fe80::1]:5000/x:1', '[fe80::1]:5000/x:1', '[fe80::1]:5000/x:1'],
  [`nginx@sha256:${hex}`, `docker.io/library/nginx@sha256:${hex}`, `nginx@sha256:${hex}`],
  [`nginx:1@sha256:${hex}`, `docker.io/library/nginx:1@sha256:${hex}`, `nginx:1@sha256:${hex}`],
  ['deadbeefcafe', 'docker.io/library/deadbeefcafe:latest', 'deadbeefcafe:latest'],
  ['library/nginx', 'docker.io/library/nginx:latest', 'nginx:latest'],
];

for (const [input, full, familiar] of names) {
  test(`reference ${input} is ${full}`, (t) => {
    const reference = parseReference(input);
    t.is(formatReference(reference), full);
    t.is(familiarReference(reference), familiar);
    t.deepEqual(parseReference(full), reference);
    t.deepEqual(parseReference(familiar), reference);
  });
}

const wrong: readonly (readonly [input: string, problem: string])[] = [
  ['', 'repository'],
  ['Nginx', 'uppercase'],
  ['a/B', 'uppercase'],
  [hex, 'id'],
  ['nginx:', 'tag'],
  ['nginx:-x', 'tag'],
  [`nginx:${'t'.repeat(129)}`, 'tag'],
  ['nginx@sha256:abc', 'digest'],
  ['nginx@md5:0', 'digest'],
  ['-x.y/z', 'registry'],
  ['a..b', 'repository'],
  ['a/', 'repository'],
  ['a//b', 'repository'],
  ['a b', 'repository'],
  ['--help', 'repository'],
  [`x/${'a'.repeat(250)}`, 'length'],
  ['bob:s3cret@registry.lan/app', 'login'],
];

for (const [input, problem] of wrong) {
  test(`reference "${input.slice(0, 30)}" is refused for its ${problem}`, (t) => {
    const error = t.throws(() => parseReference(input));
    t.true(isAirgapError(error, 'REFERENCE_INVALID'));
    if (isAirgapError(error, 'REFERENCE_INVALID')) t.is(error.facts.problem, problem);
  });
}

test('a password that was written into a name is not repeated', (t) => {
  for (const input of ['bob:s3cret@registry.lan/app:1', 'https://bob:s3c/ret@registry.lan/app']) {
    const error = t.throws(() => parseReference(input));
    t.false(JSON.stringify([error.message, isAirgapError(error) && error.facts]).includes('s3c'));
  }
});

test('a name to set has a tag and no digest', (t) => {
  t.is(formatReference(withoutDigest(parseReference(`x:1@sha256:${hex}`))), 'docker.io/library/x:1');
  // What is named by its digest alone is nobody's latest.
  t.is(
    formatReference(withoutDigest(parseReference(`x@sha256:${hex}`))),
    `docker.io/library/x:sha256-${hex.slice(0, 12)}`,
  );
});

test('digests have one spelling', (t) => {
  t.true(isDigest(`sha256:${hex}`));
  for (const text of [
    hex,
    `sha256:${hex.toUpperCase()}`,
    `sha512:${hex}${hex}`,
    `sha256:${hex}\n`,
    7,
    undefined,
  ])
    t.false(isDigest(text));
  t.is(digestOf('abc') as string, 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  t.is(hexOf(digestOf('abc')).length, 64);
  t.is(shortDigest(digestOf('abc')), 'ba7816bf8f01');
  t.true(
    isAirgapError(
      t.throws(() => parseDiffId('x', 'w')),
      'DIGEST_INVALID',
    ),
  );
});

test('chainIDs are what dockerd makes of diffIDs', (t) => {
  // The two lowest layers of an image built by dockerd 20.10.24; the v1 IDs of its save prove these chainIDs.
  const base = parseDiffId('sha256:e8e0ae090cff5b51f16d7bd2a5d5e758bcc396a1c16ccfada797339997f0557b', 't');
  const next = parseDiffId('sha256:10f27c8878bed8932417b096cc05bb19c840d33a31078a4e863503b0a28552c8', 't');
  const [first, second] = chainIds([base, next]);
  t.is(first as string, base as string);
  t.is(second as string, digestOf(`${base} ${next}`) as string);
  t.deepEqual(chainIds([]), []);
});

test('platforms have one spelling, and fit as machines run them', (t) => {
  for (const [input, want] of [
    ['amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['armv7l', 'linux/arm/v7'],
    ['LINUX/ARM/V6', 'linux/arm/v6'],
  ] as const) {
    t.is(formatPlatform(parsePlatform(input)), want);
  }
  for (const input of ['', 'a/b/c/d', 'linux/', 'li nux'])
    t.true(
      isAirgapError(
        t.throws(() => parsePlatform(input)),
        'PLATFORM_INVALID',
      ),
      input,
    );
  const fits = (image: string, machine: string): boolean =>
    platformFits(parsePlatform(image), parsePlatform(machine));
  t.true(fits('linux/arm/v6', 'linux/arm/v7'));
  t.false(fits('linux/arm/v7', 'linux/arm/v6'));
  t.true(fits('linux/386', 'linux/amd64'));
  t.false(fits('linux/amd64', 'linux/386'));
  t.false(fits('windows/amd64', 'linux/amd64'));
});

test('a word that is no architecture is no platform', (t) => {
  for (const input of ['foo', 'linux', 'foo/bar', 'amd64/linux']) {
    t.throws(() => parsePlatform(input), { code: 'PLATFORM_INVALID' }, input);
  }
  for (const input of ['arm64', 'x86_64', 'linux/future9', 'newos/amd64', 'linux/arm/v7']) {
    t.notThrows(() => parsePlatform(input), input);
  }
});

test('two colons in a name are told as that', (t) => {
  t.throws(() => parseReference('foo:bar:baz'), { message: /two colons/ });
  t.notThrows(() => parseReference('registry.lan:5000/app:1'));
});

test('an-id-for-a-name: sha256:… is an ID to engines, and no name', (t) => {
  for (const name of [`sha256:${'7'.repeat(64)}`, 'sha256', 'docker.io/library/sha256:1'])
    t.throws(() => parseReference(name), { message: /engines take sha256:… for an ID/ });
  t.is(parseReference('team/sha256:1').repository, 'team/sha256');
});
