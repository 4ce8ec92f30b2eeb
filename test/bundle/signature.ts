import { execFile, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { openBundle } from '../../src/bundle/reader.js';
import { checkKey, checkSignature, signManifest } from '../../src/bundle/signature.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { writeBundle } from '../helpers/bundles.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const test = needing('sshd');
const run = promisify(execFile);
const rawManifest = Buffer.from('{"airgap": "bundle"}\n');
const bundle = '/media/usb/app';

async function makeKey(folder: string, name: string): Promise<{ key: string; publicKey: string }> {
  const key = path.join(folder, name);
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', key]);
  return { key, publicKey: (await readFile(`${key}.pub`, 'utf8')).trim() };
}

async function withKeys(
  fn: (keys: {
    folder: string;
    mine: { key: string; publicKey: string };
    other: { key: string; publicKey: string };
    allow: (...lines: string[]) => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  await withTempDir(async (folder) => {
    const allow = async (...lines: string[]): Promise<string> => {
      const file = path.join(folder, 'allowed signers');
      await writeFile(file, `${lines.join('\n')}\n`);
      return file;
    };
    const [mine, other] = [await makeKey(folder, 'mine'), await makeKey(folder, 'other')];
    await fn({ folder, mine, other, allow });
  });
}

const required = { rawManifest, isRequired: true, path: bundle };

test('a signature by an allowed key is good, and tells the signer', (t) =>
  withKeys(async ({ mine, other, allow }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    t.deepEqual(signature, await signManifest({ rawManifest, key: mine.key, path: bundle }), 'same bytes');
    const allowedSigners = await allow(`dora@site ${other.publicKey}`, `ana@site,-x ${mine.publicKey}`);
    const checked = await checkSignature({ ...required, signature, allowedSigners });
    t.like(checked, { state: 'good', signer: 'ana@site' });
  }));

test('a signature by another key, or for another purpose, is by nobody allowed', (t) =>
  withKeys(async ({ mine, other, allow }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    for (const rule of [`dora@site ${other.publicKey}`, `ana@site namespaces="git" ${mine.publicKey}`, '']) {
      const allowedSigners = await allow(rule);
      const error = await t.throwsAsync(checkSignature({ ...required, signature, allowedSigners }), {
        code: 'SIGNATURE_INVALID',
      });
      t.like(error, { facts: { problem: 'unknown-signer' } });
    }
  }));

test('a signature by a key that is no longer allowed is outdated, one that is allowed still is good', (t) =>
  withKeys(async ({ mine, allow }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    for (const rule of [
      `ana@site valid-before="20200101" ${mine.publicKey}`,
      `ana@site namespaces="airgap-bundle",valid-before="20200101" ${mine.publicKey}`,
      `ana@site valid-after="20200101",valid-before="20210101" ${mine.publicKey}`,
    ]) {
      const allowedSigners = await allow(rule);
      const error = await t.throwsAsync(checkSignature({ ...required, signature, allowedSigners }), {
        code: 'SIGNATURE_INVALID',
      });
      t.like(error, { facts: { problem: 'outdated' } }, rule);
    }
    const allowedSigners = await allow(`ana@site valid-before="29990101" ${mine.publicKey}`);
    t.like(await checkSignature({ ...required, signature, allowedSigners }), { state: 'good' });
  }));

test('a tampered manifest, a torn signature and none at all are told apart', (t) =>
  withKeys(async ({ mine, allow }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    const allowedSigners = await allow(`ana@site ${mine.publicKey}`);
    const problemOf = async (given: object): Promise<unknown> => {
      const check = checkSignature({ ...required, signature, allowedSigners, ...given });
      const error = await t.throwsAsync(check, { code: 'SIGNATURE_INVALID' });
      return Object.entries(error).find(([key]) => key === 'facts')?.[1];
    };
    t.like(await problemOf({ rawManifest: Buffer.from('{"airgap": "bundel"}\n') }), { problem: 'wrong' });
    t.like(await problemOf({ signature: Buffer.from(signature).subarray(0, 100) }), { problem: 'wrong' });
    const lie = Buffer.from('-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n');
    t.like(await problemOf({ signature: lie }), { problem: 'wrong' });
    t.like(await problemOf({ signature: undefined }), { problem: 'missing' });
    t.like(await problemOf({ allowedSigners: undefined }), { problem: 'unknown-signer' });
  }));

test('without allowed signers the key is told and nothing is claimed', (t) =>
  withKeys(async ({ mine }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    const { stdout } = await run('ssh-keygen', ['-lf', `${mine.key}.pub`]);
    const checked = await checkSignature({ rawManifest, signature, isRequired: false, path: bundle });
    t.deepEqual(checked, { state: 'unchecked', fingerprint: stdout.split(' ')[1] });
    const unsigned = { rawManifest, signature: undefined, isRequired: false, path: bundle };
    t.deepEqual(await checkSignature(unsigned), { state: 'unsigned' });
  }));

test('an agent signs by the public half of a key that is nowhere else', async (t) => {
  await withKeys(async ({ folder, mine, allow }) => {
    const socket = path.join(folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(agent.stdout, 'data');
      const env = { ...process.env, SSH_AUTH_SOCK: socket };
      await run('ssh-add', ['-q', mine.key], { env });
      await rename(mine.key, `${mine.key}-away`);
      const before = process.env.SSH_AUTH_SOCK;
      process.env.SSH_AUTH_SOCK = socket;
      t.teardown(() => {
        if (before === undefined) delete process.env.SSH_AUTH_SOCK;
        else process.env.SSH_AUTH_SOCK = before;
      });
      const signature = await signManifest({ rawManifest, key: `${mine.key}.pub`, path: bundle });
      const allowedSigners = await allow(`ana@site ${mine.publicKey}`);
      t.like(await checkSignature({ ...required, signature, allowedSigners }), { state: 'good' });
    } finally {
      agent.kill();
    }
  });
});

test('what is no key cannot sign', (t) =>
  withTempDir(async (folder) => {
    const key = path.join(folder, 'key');
    await writeFile(key, 'no key');
    await chmod(key, 0o600);
    for (const one of [key, path.join(folder, 'none')]) {
      const error = await t.throwsAsync(signManifest({ rawManifest, key: one, path: bundle }), {
        code: 'SIGNATURE_INVALID',
      });
      t.like(error, { facts: { problem: 'key' } });
    }
  }));

test('a key whose passphrase nobody can be asked for is refused before anything is packed', (t) =>
  withTempDir(async (folder) => {
    const make = (name: string, passphrase: string): string => {
      const key = path.join(folder, name);
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', key]);
      return key;
    };
    await t.notThrowsAsync(checkKey({ key: make('open', ''), path: bundle }));
    const locked = make('locked', 'swordfish');
    // In a session without a terminal: what this test was started from does not count.
    const script = `import { checkKey } from '${path.resolve('src/bundle/signature.ts')}';
      await checkKey({ key: process.argv[1], path: 'usb' }).then(() => console.log('ok'), (e) => console.log(e.code, e.facts.problem));`;
    const env = { PATH: process.env.PATH, HOME: folder };
    const words = ['-w', process.execPath, '--import=tsx', '--input-type=module', '-e', script, locked];
    const said = execFileSync('setsid', words, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
    t.is(said, 'SIGNATURE_INVALID key\n');
  }));

test('keys to trust that are not there are a slip of the line, not damage of the bundle', (t) =>
  withKeys(async ({ folder, mine }) => {
    const signature = await signManifest({ rawManifest, key: mine.key, path: bundle });
    const allowedSigners = path.join(folder, 'nope');
    const error = await t.throwsAsync(
      checkSignature({ rawManifest, signature, allowedSigners, isRequired: false, path: bundle }),
      { code: 'USAGE' },
    );
    t.is(error.message, `"${allowedSigners}" of --allowed-signers cannot be read: it is not there`);
  }));

test('a signed bundle passes, and its signature is bound to airgap.json', (t) =>
  withKeys(async ({ folder, mine, allow }) => {
    const sign = (raw: Buffer) => signManifest({ rawManifest: raw, key: mine.key, path: bundle });
    for (const form of ['folder', 'tar'] as const) {
      const paths = await writeBundle(path.join(folder, form), { images: testImages('signed'), form, sign });
      const opened = await openBundle(paths);
      t.deepEqual((await verifyBundle(opened)).findings, []);
      const { signature, rawManifest: raw } = opened;
      const allowedSigners = await allow(`ana@site ${mine.publicKey}`);
      const checked = await checkSignature({ ...required, rawManifest: raw, signature, allowedSigners });
      t.like(checked, { state: 'good', signer: 'ana@site' });
    }
  }));
