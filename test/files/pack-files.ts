import test from 'ava';
import { packFiles } from '../../src/files/pack-files.js';
import type { WantedFile } from '../../src/files/planned-file.js';

const file = (to: string | undefined, content: string, more: Partial<WantedFile> = {}): WantedFile => ({
  kind: 'file',
  from: '/near/x',
  to,
  mode: undefined,
  content: Buffer.from(content),
  ...more,
});
const repo = '[a]\nbaseurl=http://a.lan/\n';
const daemon = (keys: object): WantedFile =>
  file('/etc/docker/daemon.json', JSON.stringify(keys), { kind: 'daemon' });

test('files get their place and mode, keys of daemon.json become one file, the last', (t) => {
  const { files, refusals } = packFiles(
    [
      daemon({ debug: true }),
      file('/opt/x', 'x', { mode: '0600' }),
      file(undefined, repo, { kind: 'repo', from: '/near/a.repo' }),
      file('/etc/apt/sources.list.d/b.list', 'deb http://b stable main\n'),
      daemon({ debug: false, labels: ['a'] }),
    ],
    [],
  );
  t.deepEqual(refusals, []);
  t.deepEqual(
    files.map(({ kind, to, mode }) => [kind, to, mode]),
    [
      ['file', '/opt/x', '0600'],
      ['repo', '/etc/yum.repos.d/a.repo', '0644'],
      ['repo', '/etc/apt/sources.list.d/b.list', '0644'],
      ['daemon', '/etc/docker/daemon.json', '0644'],
    ],
  );
  t.is(String(files[3]?.content), '{\n  "debug": false,\n  "labels": [\n    "a"\n  ]\n}\n');
});

const refused = (...wanted: readonly WantedFile[]): readonly string[] =>
  packFiles(wanted, []).refusals.map(({ code }) => code);

test('what no host could take is refused here, before it travels', (t) => {
  t.deepEqual(refused(file('/etc/cron.d/x', 'x')), ['FILE_REFUSED']);
  t.deepEqual(refused(file('/opt/../etc/passwd', 'x')), ['FILE_REFUSED']);
  t.deepEqual(refused(file('/opt/x', 'a'), file('/opt/x', 'b')), ['FILE_INVALID']);
  t.deepEqual(refused(file('/etc/yum.repos.d/a.repo', 'baseurl=x\n')), ['FILE_INVALID']);
  t.deepEqual(refused(file('/etc/docker/daemon.json', '[]')), ['FILE_INVALID']);
  t.deepEqual(refused(file('/etc/pki/rpm-gpg/k', '-----BEGIN PGP PRIVATE KEY BLOCK-----', { kind: 'key' })), [
    'FILE_INVALID',
  ]);
  t.deepEqual(packFiles([file('/data/x', 'x')], ['/data']).refusals, []);
});

test('a repo file in the folder of the other family, where nobody would read it, contradicts itself', (t) => {
  t.deepEqual(refused(file('/etc/apt/sources.list.d/a.repo', repo)), ['FILE_INVALID']);
  t.deepEqual(refused(file('/etc/yum.repos.d/b.list', 'deb http://b stable main\n')), ['FILE_INVALID']);
});
