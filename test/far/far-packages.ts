// The calls for packages under every shell, on a /srv of the test's own: what arrives, what is refused, what a failure leaves.
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { openFar } from '../../src/far/far.js';
import type { SetFile } from '../../src/far/package-facts.js';
import { farProgram } from '../../src/far/program.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { digestOf } from '../../src/oci/digest.js';
import { client, finished, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { plainCall } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const { serial: test } = needing('root', 'namespaces');

const name = { bundle: 'site', set: 'tools' };

function setFile(at: string, content: string | Uint8Array, more: Partial<SetFile> = {}): SetFile {
  const bytes = Buffer.from(content);
  return {
    path: at,
    bytes: bytes.byteLength,
    digest: digestOf(bytes),
    open: () =>
      Promise.resolve(
        (async function* () {
          yield bytes.subarray(0, 3);
          yield bytes.subarray(3);
        })(),
      ),
    ...more,
  };
}

for (const shell of otherShells) {
  const withSrv = (use: (box: Awaited<ReturnType<typeof openBox>>) => Promise<void>): Promise<void> =>
    withTempDir(async (folder) => {
      const box = await openBox(folder);
      try {
        await use(box);
      } finally {
        await box.host.close();
      }
    });
  const openBox = async (folder: string) => {
    const srv = path.join(folder, 'srv');
    await mkdir(srv);
    await mkdir(path.join(folder, 'bin'));
    const enter = `mount --bind "${srv}" /srv; PATH="${folder}/bin:$PATH"; exec ${shells[shell].join(' ')} "$@"`;
    const wrapped = ['unshare', '--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh'];
    const host = shellHost(createLocalHost(), wrapped);
    const stage = path.join(folder, 'sta ge');
    const far = await openFar(host, { stage, client, hostName: 'box', timeouts: { silenceMs: 240_000 } });
    const place = path.join(srv, 'airgap/packages/site/tools');
    const raw = async (words: readonly string[], stdin: string) => {
      const program = path.join(stage, farProgram('docker').name);
      const exec = await host.exec(['sh', program, ...words, `stage=${stage}`, `client=${client}`]);
      exec.stdin.end(stdin);
      return await finished(exec);
    };
    return { far, host, folder, srv, stage, place, raw };
  };

  test(`a set becomes a repository that everybody can read, and the next one replaces it whole (${shell})`, async (t) => {
    await withSrv(async ({ far, place, stage }) => {
      const big = Buffer.alloc(700_001, 'x');
      const files = [
        setFile('Packages', 'Package: a\n'),
        setFile('repodata/a_1~b.deb', big),
        setFile('empty', ''),
      ];
      t.is(await far.putSet(plainCall, name, files), '/srv/airgap/packages/site/tools');
      t.deepEqual((await readdir(place, { recursive: true })).toSorted(), [
        'Packages',
        'empty',
        'repodata',
        'repodata/a_1~b.deb',
      ]);
      t.true((await readFile(path.join(place, 'repodata/a_1~b.deb'))).equals(big));
      const modes = await Promise.all(
        ['', 'Packages', 'repodata'].map(async (at) => (await stat(path.join(place, at))).mode & 0o777),
      );
      t.deepEqual(modes, [0o755, 0o644, 0o755]);
      await far.putSet(plainCall, name, [setFile('Packages', 'Package: b\n')]);
      t.deepEqual(await readdir(place), ['Packages']);
      t.deepEqual(await readdir(path.join(stage, client, 'work')), []);
    });
  });

  test(`bytes that are not those of the bundle, and a source that fails, leave the old repository (${shell})`, async (t) => {
    await withSrv(async ({ far, place }) => {
      await far.putSet(plainCall, name, [setFile('Packages', 'old')]);
      const wrong = setFile('Packages', 'wrong', { digest: digestOf('right') });
      await t.throwsAsync(far.putSet(plainCall, name, [wrong]), {
        code: 'FAR_FAILED',
        message: /not those that were sent/,
      });
      const broken = setFile('b', 'x', { open: () => Promise.reject(new Error('the drive has left')) });
      await t.throwsAsync(far.putSet(plainCall, name, [setFile('a', 'x'), broken]), {
        message: 'the drive has left',
      });
      const short = setFile('Packages', 'short', { bytes: 500 });
      await t.throwsAsync(far.putSet(plainCall, name, [short]), { code: 'FAR_FAILED' });
      t.is(await readFile(path.join(place, 'Packages'), 'utf8'), 'old');
      t.deepEqual(await readdir(path.dirname(place)), ['tools']);
    });
  });

  test(`paths, names and words that no bundle has reach neither a folder nor a package manager (${shell})`, async (t) => {
    await withSrv(async ({ far, raw, srv }) => {
      for (const at of ['../x', '/x', 'a/../x', '.hidden', '-rf', 'a/-x', 'a//b', 'a/', 'a b', 'a;b', 'a$b'])
        await t.throwsAsync(far.putSet(plainCall, name, [setFile(at, 'x')]), { code: 'FAR_FAILED' }, at);
      for (const bad of ['', '..', '.x', '-x', 'a/b', 'A b', 'x'.repeat(65)])
        await t.throwsAsync(
          far.putSet(plainCall, { bundle: 'site', set: bad }, []),
          { code: 'FAR_FAILED' },
          bad,
        );
      for (const bad of ['-y', './x', '/tmp/x.deb', 'a;b', 'a-']) {
        const wanted = { kind: 'rpm', names: [bad] } as const;
        await t.throwsAsync(far.setUp(plainCall, name, wanted), { code: 'PACKAGES_FAILED' }, bad);
      }
      const cut = await raw(['set', 'bundle=site', 'set=tools', 'sudo=no'], 'file 0 - x');
      t.regex(cut.stdout, /^error NEAR_GONE set$/m);
      const ended = await raw(['set', 'bundle=site', 'set=tools', 'sudo=no'], '');
      t.regex(ended.stdout, /^error NEAR_GONE set$/m);
      t.deepEqual(await readdir(srv), []);
    });
  });

  test(`a set goes never through a link, and what the package manager says comes home (${shell})`, async (t) => {
    await withSrv(async ({ far, folder, host, srv }) => {
      const look = await far.packages(plainCall);
      t.is(look.root, 'no');
      await far.putSet(plainCall, name, [setFile('Packages', 'x')]);
      const script = `printf '#!/bin/sh\\necho "$*" >>${folder}/calls\\necho no such luck\\nexit 1\\n' >${folder}/bin/dnf; chmod 755 ${folder}/bin/dnf`;
      const made = await host.exec(['sh', '-c', script]);
      made.stdin.end();
      await finished(made);
      t.is((await far.packages(plainCall)).managers.get('rpm'), 'dnf');
      const wanted = { kind: 'rpm', names: ['htop', 'libfoo++'] } as const;
      const error = await t.throwsAsync(far.setUp(plainCall, name, wanted), { code: 'PACKAGES_FAILED' });
      t.regex(error?.message ?? '', /no such luck/);
      t.regex(await readFile(path.join(folder, 'calls'), 'utf8'), /--assumeyes install htop libfoo\+\+\n$/);
      const link = await host.exec([
        'sh',
        '-c',
        `rm -rf ${srv}/airgap; mkdir ${folder}/else; ln -s ${folder}/else ${srv}/airgap`,
      ]);
      link.stdin.end();
      await finished(link);
      await t.throwsAsync(far.putSet(plainCall, name, [setFile('Packages', 'x')]), {
        code: 'INSTALL_FAILED',
      });
      t.deepEqual(await readdir(path.join(folder, 'else')), []);
    });
  });
}
