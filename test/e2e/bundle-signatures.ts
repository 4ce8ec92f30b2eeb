// Who signed a bundle: exported with a key file or an agent, checked by the tool and by import.sh, which say the same.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { formatSums, parseSums } from '../../src/bundle/sums.js';
import { digestOf } from '../../src/oci/digest.js';
import { createNear, type Near } from '../helpers/airgap.js';
import { exportNear } from '../helpers/carried.js';
import { layoutSources } from '../helpers/exports.js';
import { testImages } from '../helpers/images.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';
import { needing } from '../helpers/needs.js';
import { run } from '../rig/command.js';

const { serial: test } = needing('sshd', 'gzip');

interface Site {
  readonly near: Near;
  readonly source: string;
  readonly box: LocalImport;
  /** Of ana, who signs, and dora. */
  readonly keys: Readonly<Record<'ana' | 'dora', { readonly file: string; readonly line: string }>>;
  allow(...lines: readonly string[]): Promise<string>;
}

async function withSite(use: (site: Site) => Promise<void>): Promise<void> {
  const near = await createNear();
  const make = async (name: string): Promise<{ file: string; line: string }> => {
    const file = path.join(near.folder, name);
    await run(['ssh-keygen', '-q', '-t', 'ed25519', '-N', '', '-C', name, '-f', file]);
    return { file, line: (await readFile(`${file}.pub`, 'utf8')).trim() };
  };
  let count = 0;
  try {
    const [source = ''] = await layoutSources(path.join(near.folder, 'layout'), [testImages('signed')[2]]);
    const keys = { ana: await make('ana'), dora: await make('dora') };
    await withImport(async (box) => {
      await use({
        near,
        source,
        box,
        keys,
        allow: async (...lines) => {
          count += 1;
          const file = path.join(near.folder, `allowed ${count}`);
          await writeFile(file, lines.map((line) => `${line}\n`).join(''));
          return file;
        },
      });
    });
  } finally {
    await near.remove();
  }
}

/** Both programs with the same words. */
async function both({ near, box }: Site, place: string, words: readonly string[]) {
  const tool = await near.run(['verify', place, ...words]);
  const shell = await box.run(path.join(place, 'import.sh'), ['--verify', ...words, place]);
  return { tool, shell };
}

async function expectBoth(
  t: ExecutionContext,
  site: Site,
  given: {
    readonly place: string;
    readonly words: readonly string[];
    readonly exitCode: number;
    readonly says: RegExp;
  },
): Promise<void> {
  const { tool, shell } = await both(site, given.place, given.words);
  const [told, said] = [`${tool.stdout}${tool.stderr}`, `${shell.stdout}${shell.stderr}`];
  t.is(tool.exitCode, given.exitCode, told);
  t.is(shell.exitCode, given.exitCode, said);
  t.regex(told, given.says);
  t.regex(said, given.says);
}

test('the right key, a wrong one, none, one that is outdated: the tool and import.sh say the same', (t) =>
  withSite(async (site) => {
    const { near, source, keys, allow } = site;
    const signed = await exportNear(near, 'signed', [source, '--sign', keys.ana.file]);
    const { place } = signed;
    const check = async (line: string, exitCode: number, says: RegExp): Promise<void> => {
      const words = ['--allowed-signers', await allow(line), '--require-signature'];
      await expectBoth(t, site, { place, words, exitCode, says });
    };
    await check(`ana@site ${keys.ana.line}`, 0, /ana@site/);
    await check(`ana@site namespaces="airgap-bundle" ${keys.ana.line}`, 0, /ana@site/);
    await check(`-x,ana@site ${keys.ana.line}`, 0, /-x|ana@site/);
    await check(`ana@site valid-before="29990101" ${keys.ana.line}`, 0, /ana@site/);
    await check(`dora@site ${keys.dora.line}`, 25, /SIGNATURE_INVALID/);
    await check(`ana@site namespaces="git" ${keys.ana.line}`, 25, /SIGNATURE_INVALID/);
    await check('', 25, /SIGNATURE_INVALID/);
    await check(
      `ana@site valid-before="20200101" ${keys.ana.line}`,
      25,
      /no longer allowed.*SIGNATURE_INVALID/,
    );
    // One key under two rules: the one that still holds counts.
    const rules = [`old@site valid-before="20200101" ${keys.ana.line}`, `ana@site ${keys.ana.line}`];
    await check(rules.join('\n'), 0, /ana@site/);

    const anybody = await both(site, place, []);
    t.is(anybody.tool.exitCode, 0);
    t.is(anybody.shell.exitCode, 0, anybody.shell.stderr);
    t.regex(anybody.shell.stderr, /There is a signature; --allowed-signers FILE checks it/);
    const unreadable = await site.box.run(path.join(place, 'import.sh'), [
      '--verify',
      '--allowed-signers',
      '/nowhere',
    ]);
    t.is(unreadable.exitCode, 2, unreadable.stderr);

    const unsigned = await exportNear(near, 'unsigned', [source]);
    const words = ['--allowed-signers', await allow(`ana@site ${keys.ana.line}`), '--require-signature'];
    await expectBoth(t, site, { place: unsigned.place, words, exitCode: 25, says: /SIGNATURE_INVALID/ });
  }));

test('an import looks at the signature before it looks for an engine', (t) =>
  withSite(async (site) => {
    const { near, source, keys, allow, box } = site;
    const { place } = await exportNear(near, 'signed', [source, '--sign', keys.ana.file]);
    const script = path.join(place, 'import.sh');
    const wrong = await box.run(script, ['--allowed-signers', await allow(`dora@site ${keys.dora.line}`)]);
    t.like(wrong, { exitCode: 25, code: 'SIGNATURE_INVALID' });
    const right = await box.run(script, ['--allowed-signers', await allow(`ana@site ${keys.ana.line}`)]);
    t.regex(right.stderr, /ana@site/);
    t.not(right.exitCode, 25);
  }));

test('a manifest that was changed and sealed anew is not what was signed', (t) =>
  withSite(async (site) => {
    const { near, source, keys, allow } = site;
    const { place } = await exportNear(near, 'signed', [source, '--sign', keys.ana.file]);
    const file = path.join(place, 'airgap.json');
    const text = await readFile(file, 'utf8');
    const changed = text.replace(/"source":"[^"]*"/, '"source":"elsewhere"');
    t.not(changed, text);
    await writeFile(file, changed);
    const sealed = path.join(place, 'SHA256SUMS');
    const sums = new Map(parseSums(await readFile(sealed), sealed));
    sums.set('airgap.json', digestOf(changed));
    await writeFile(sealed, formatSums(sums));
    const words = ['--allowed-signers', await allow(`ana@site ${keys.ana.line}`)];
    await expectBoth(t, site, { place, words, exitCode: 25, says: /SIGNATURE_INVALID/ });
    // Whoever has ssh-keygen sees it unasked.
    await expectBoth(t, site, { place, words: [], exitCode: 25, says: /does not fit it/ });

    // Sealed anew without its signature it is a bundle that nobody signed.
    await rm(path.join(place, 'airgap.json.sig'));
    sums.delete('airgap.json.sig');
    await writeFile(sealed, formatSums(sums));
    const required = [...words, '--require-signature'];
    await expectBoth(t, site, { place, words: required, exitCode: 25, says: /SIGNATURE_INVALID/ });
  }));

test('what is no key is refused before anything is written', (t) =>
  withSite(async ({ near, source, keys }) => {
    const target = path.join(near.folder, 'usb');
    for (const key of [path.join(near.folder, 'none'), `${near.folder}/layout/index.json`]) {
      const ran = await near.run(['export', target, source, '--sign', key, '--json']);
      t.is(ran.errorCode, 'SIGNATURE_INVALID', ran.stderr);
      t.false(ran.events.some(({ type }) => type === 'export.plan'));
      t.false(existsSync(target));
    }
    t.is((await near.run(['export', target, source, '--sign', keys.ana.file])).exitCode, 0);
  }));

test('an agent signs an export by the public half of a key that is nowhere else, and ssh-keygen alone proves it', (t) =>
  withSite(async (site) => {
    const { near, source, keys, allow } = site;
    const socket = path.join(near.folder, 'agent');
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'ignore'] });
    try {
      await once(agent.stdout, 'data');
      const env = { SSH_AUTH_SOCK: socket };
      await run(['ssh-add', '-q', keys.ana.file], { env });
      await rename(keys.ana.file, `${keys.ana.file}-away`);
      const target = path.join(near.folder, 'agent-signed');
      const words = ['export', target, source, '--sign', `${keys.ana.file}.pub`];
      const ran = await near.run(words, { env });
      t.is(ran.exitCode, 0, ran.stderr);
      const place = path.join(target, 'airgap-bundle');
      const signers = await allow(`ana@site ${keys.ana.line}`);
      const asked = ['--allowed-signers', signers, '--require-signature'];
      await expectBoth(t, site, { place, words: asked, exitCode: 0, says: /ana@site/ });
      // As docs/format.md tells those who have neither.
      const manifest = { file: path.join(place, 'airgap.json') };
      const by = ['-Y', 'verify', '-f', signers, '-I', 'ana@site', '-n', 'airgap-bundle'];
      const proved = await run(['ssh-keygen', ...by, '-s', `${manifest.file}.sig`], { input: manifest });
      t.regex(proved.stdout, /Good "airgap-bundle" signature for ana@site/);
      t.regex((await run(['sha256sum', '-c', 'SHA256SUMS'], { cwd: place })).stdout, /import\.sh: OK/);
      // A program that was changed on the way could say anything of itself.
      const program = path.join(place, 'import.sh');
      await writeFile(program, (await readFile(program, 'utf8')).replace('check_seal', 'check_saal'));
      const sums = await run(['sha256sum', '-c', 'SHA256SUMS'], { cwd: place, mayFail: true });
      t.not(sums.exitCode, 0);
      t.regex(sums.stdout, /import\.sh: FAILED/);
      t.is((await near.run(['verify', place])).exitCode, 21);
    } finally {
      agent.kill();
    }
  }));
