import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { orderHostKeyAlgorithms } from '../../src/hosts/algorithms.js';
import {
  fingerprint,
  type HostKey,
  judgeHostKey,
  knownHostLine,
  knownKeyTypes,
  parseHostKey,
  parseKnownHosts,
} from '../../src/hosts/known-hosts.js';
import { appendKnownHost, readKnownHosts } from '../../src/hosts/known-hosts-file.js';
import { needing } from '../helpers/needs.js';
import { makeKey } from '../helpers/sshd.js';
import { withTempDir } from '../helpers/tmp.js';

const comparable = new Set(['ssh-ed25519', 'ssh-rsa', 'ecdsa-sha2-nistp256']);

function key(type: string, fill: number): HostKey {
  const body = Buffer.alloc(40, fill);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  const parsed = parseHostKey(Buffer.concat([length, Buffer.from(type), body]));
  if (parsed === undefined) throw new Error('no key');
  return parsed;
}

const one = key('ssh-ed25519', 1);
const two = key('ssh-ed25519', 2);
const rsa = key('ssh-rsa', 3);
const text = ({ type, blob }: HostKey): string => `${type} ${Buffer.from(blob).toString('base64')}`;

function judge(file: string, shown: HostKey, ...names: string[]): unknown {
  return judgeHostKey(parseKnownHosts(file, 'f'), names, shown, comparable);
}

for (const [what, file, names] of [
  ['a plain name', `box ${text(one)}`, ['box']],
  ['one of several names', `a,box,b ${text(one)} comment`, ['box']],
  ['another letter case', `BOX ${text(one)}`, ['box']],
  ['a wildcard', `*.example.org ${text(one)}`, ['box.example.org']],
  ['a port', `[box]:2222 ${text(one)}`, ['[box]:2222', 'box']],
  ['the plain name for another port', `box ${text(one)}`, ['[box]:2222', 'box']],
  ['a second key of the same type', `box ${text(two)}\nbox ${text(one)}`, ['box']],
  ['a line with Windows ends and blanks', `  box\t${text(one)}\r`, ['box']],
] as const) {
  test(`a key is known by ${what}`, (t) => {
    t.deepEqual(judge(file, one, ...names), { verdict: 'known' });
  });
}

for (const [what, file] of [
  ['a negated name', `*,!box ${text(one)}`],
  ['another name', `boxes ${text(one)}`],
  ['a comment', `#box ${text(one)}`],
  ['a certificate authority', `@cert-authority box ${text(one)}`],
  ['a type that belies its key', `box ssh-rsa ${Buffer.from(one.blob).toString('base64')}`],
  ['base64 that is none', 'box ssh-ed25519 !!!'],
  ['a hash of another name', knownHostLine('other', one, true)],
] as const) {
  test(`a key is not known by ${what}`, (t) => {
    t.deepEqual(judge(file, one, 'box'), { verdict: 'unknown' });
  });
}

test('another key of the known type is a change, and the line is told', (t) => {
  const file = `# first\n\nother ${text(two)}\nbox ${text(two)}\n`;
  t.deepEqual(judge(file, one, 'box'), { verdict: 'changed', file: 'f', line: 4 });
});

test('a key of a type nobody knows is a change where other types are known', (t) => {
  t.deepEqual(judge(`box ${text(rsa)}`, one, 'box'), { verdict: 'changed', file: 'f', line: 1 });
});

test('another port of a known machine may have another key', (t) => {
  t.deepEqual(judge(`box ${text(two)}`, one, '[box]:2222', 'box'), { verdict: 'unknown' });
});

test('a key of the plain name does not pass for the one that is known for the port', (t) => {
  const file = `box ${text(one)}\n[box]:2222 ${text(two)}\n`;
  t.deepEqual(judge(file, one, '[box]:2222', 'box'), { verdict: 'changed', file: 'f', line: 2 });
  t.deepEqual(judge(file, two, '[box]:2222', 'box'), { verdict: 'known' });
});

test('a key that is revoked for the plain name is refused on every port', (t) => {
  const file = `[box]:2222 ${text(one)}\n@revoked box ${text(one)}\n`;
  t.deepEqual(judge(file, one, '[box]:2222', 'box'), { verdict: 'revoked', file: 'f', line: 2 });
});

test('a revoked key is refused even where it is known', (t) => {
  const file = `box ${text(one)}\n@revoked * ${text(one)}\n`;
  t.deepEqual(judge(file, one, 'box'), { verdict: 'revoked', file: 'f', line: 2 });
});

test('a revoked key does not make other keys changed', (t) => {
  t.deepEqual(judge(`@revoked * ${text(two)}`, one, 'box'), { verdict: 'unknown' });
});

test('a hashed line is found by its name only, and hides it', (t) => {
  const line = knownHostLine('box', one, true);
  t.regex(line, /^\|1\|/);
  t.false(line.includes('box'));
  t.deepEqual(judge(line, one, 'box'), { verdict: 'known' });
  t.deepEqual(judge(line, two, 'box'), { verdict: 'changed', file: 'f', line: 1 });
});

test('known key types are asked for first, rsa as its SHA-2 forms', (t) => {
  const types = knownKeyTypes(parseKnownHosts(`box ${text(rsa)}`, 'f'), ['box']);
  t.deepEqual(orderHostKeyAlgorithms(types, undefined).slice(0, 3), [
    'rsa-sha2-512',
    'rsa-sha2-256',
    'ssh-ed25519',
  ]);
  t.false(orderHostKeyAlgorithms(types, undefined).includes('ssh-rsa'));
  t.true(orderHostKeyAlgorithms(types, '+ssh-rsa').includes('ssh-rsa'));
});

needing('sshd')('fingerprints and hashed names are those of ssh-keygen', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-kh-'));
  try {
    for (const type of ['ed25519', 'ecdsa', 'rsa']) {
      const file = path.join(folder, type);
      makeKey(file, type);
      const base64 = (await readFile(`${file}.pub`, 'utf8')).split(' ')[1] ?? '';
      const made = parseHostKey(Buffer.from(base64, 'base64'));
      if (made === undefined) throw new Error('no key');
      t.is(
        execFileSync('ssh-keygen', ['-lf', `${file}.pub`], { encoding: 'utf8' }).split(' ')[1],
        fingerprint(made),
      );
      const hosts = path.join(folder, `known_${type}`);
      await appendKnownHost(hosts, knownHostLine('[box]:2222', made, true));
      const found = execFileSync('ssh-keygen', ['-F', '[box]:2222', '-f', hosts], { encoding: 'utf8' });
      t.true(found.includes(base64));
      await writeFile(hosts, `[box]:2222 ${type === 'rsa' ? 'ssh-rsa' : made.type} ${base64}\n`);
      execFileSync('ssh-keygen', ['-H', '-f', hosts], { stdio: 'ignore' });
      const entries = await readKnownHosts([hosts]);
      t.deepEqual(judgeHostKey(entries, ['[box]:2222'], made, comparable), { verdict: 'known' });
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a new line stands alone in a file of mode 0600, also after a line without an end', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-kh-'));
  try {
    const file = path.join(folder, 'new', 'known_hosts');
    await appendKnownHost(file, 'a');
    t.is((await stat(file)).mode & 0o777, 0o600);
    t.is((await stat(path.dirname(file))).mode & 0o777, 0o700);
    await writeFile(file, 'open');
    await appendKnownHost(file, 'b');
    await appendKnownHost(file, 'c');
    t.is(await readFile(file, 'utf8'), 'open\nb\nc\n');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('a folder in place of a known_hosts file says nothing', (t) =>
  withTempDir(async (folder) => {
    t.deepEqual(await readKnownHosts([folder, path.join(folder, 'missing')]), []);
  }));

test('a hostile pattern costs no more than its length times the name', (t) => {
  t.deepEqual(judge(`${'*a'.repeat(2000)} ${text(one)}`, one, 'a'.repeat(250)), { verdict: 'unknown' });
});
