import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { readSpec } from '../../src/bundle/spec.js';
import type { FilesLook, FoundFile } from '../../src/far/file-facts.js';
import { packFiles } from '../../src/files/pack-files.js';
import { planFiles, targetsOf } from '../../src/files/plan-files.js';
import type { WantedFile } from '../../src/files/planned-file.js';
import { keptMode } from '../../src/files/policy.js';
import { masked } from '../../src/files/secrets.js';
import { digestOf } from '../../src/oci/digest.js';
import { isTarget, parseMode } from '../../src/oci/host-file.js';
import { payloadFiles } from '../../src/runs/payload.js';
import { readFiles } from '../../src/runs/read-files.js';

const look = (family: string, ...files: FoundFile[]): FilesLook => ({
  family,
  distribution: `${family} 1`,
  root: 'no',
  files,
});
const there = (path: string, content: string, mode = '0644'): FoundFile => ({
  state: 'file',
  path,
  mode,
  uid: 0,
  gid: 0,
  bytes: content.length,
  digest: digestOf(content),
  content: Buffer.from(content),
});
const want = (to: string | undefined, content: string, more: Partial<WantedFile> = {}): WantedFile => ({
  kind: 'file',
  from: 'x',
  to,
  mode: undefined,
  content: Buffer.from(content),
  ...more,
});
const plan = (found: FilesLook, ...wanted: WantedFile[]) =>
  planFiles({ host: 'web1', wanted, look: found, allow: ['/home/app'] });
const codes = (found: FilesLook, ...wanted: WantedFile[]) =>
  plan(found, ...wanted).refusals.map(({ code }) => code);

test('each file is new, the same, or changed with its difference', (t) => {
  const { files, refusals } = plan(
    look('debian', there('/opt/a', 'a\n'), there('/opt/b', 'b\n'), there('/opt/c', 'c\n', '0600')),
    want('/opt/a', 'a\n'),
    want('/opt/b', 'B\n'),
    want('/opt/c', 'c\n', { mode: '0640' }),
    want('/home/app/new', 'n'),
  );
  t.deepEqual(refusals, []);
  t.like(files[0]?.planned, { state: 'same', mode: '0644' });
  t.like(files[1]?.planned, { state: 'change', diff: '@@ -1 +1 @@\n-b\n+B' });
  t.like(files[2]?.planned, { state: 'change', mode: '0640', previous: { mode: '0600' } });
  t.like(files[3]?.planned, { state: 'new', mode: '0644', previous: undefined });
});

test('daemon.json is merged whatever option names it, keys of several options become one file', (t) => {
  const daemon = '/etc/docker/daemon.json';
  const { files } = plan(
    look('debian', there(daemon, '{"debug":true}')),
    want(daemon, '{"labels":["a"]}'),
    want(daemon, '{"labels":["b"]}', { kind: 'daemon' }),
    want('/opt/z', ''),
  );
  t.deepEqual(
    files.map(({ planned }) => planned.to),
    ['/opt/z', daemon],
  );
  t.deepEqual(JSON.parse(Buffer.from(files[1]?.content ?? []).toString()), {
    debug: true,
    labels: ['a', 'b'],
  });
  t.deepEqual(codes(look('debian', there(daemon, 'not json')), want(daemon, '{}')), ['FILE_INVALID']);
  t.deepEqual(codes(look('debian'), want(daemon, '[]')), ['FILE_INVALID']);
});

test('a key that no dockerd knows is refused with the nearest: an engine of 20.10 would not start again', (t) => {
  const daemon = '/etc/docker/daemon.json';
  const keys = want(daemon, '{"registry-mirror": ["https://mirror.lan"]}');
  const { refusals } = plan(look('debian'), keys);
  t.is(refusals[0]?.code, 'FILE_INVALID');
  t.regex(refusals[0]?.message ?? '', /no setting "registry-mirror".* did you mean registry-mirrors/);
  t.deepEqual(codes(look('debian'), want(daemon, '{"nosuch": 3}')), ['FILE_INVALID']);
  t.deepEqual(codes(look('debian'), want(daemon, '{"live-restore": true, "proxies": {}}')), []);
  const options = { host: 'web1', wanted: [want(daemon, '{"nosuch": 3}')], look: look('debian'), allow: [] };
  t.is(planFiles({ ...options, engineVersion: '20.10.24' }).refusals.length, 1);
  // That dockerd is asked itself, and may be newer than the list.
  t.is(planFiles({ ...options, engineVersion: '28.0.1' }).refusals.length, 0);
  t.is(packFiles([want(daemon, '{"nosuch": 3}')], []).refusals[0]?.code, 'FILE_INVALID');
});

test('an unknown key of a bundle.yaml is told with its file and line, also beside keys from elsewhere', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-spec-'));
  const file = path.join(folder, 'bundle.yaml');
  await writeFile(file, 'name: a\ndaemon:\n  debug: true\n  registry-mirror: [https://mirror.lan]\n');
  const wanted = await readFiles(await payloadFiles(await readSpec(file, () => undefined)));
  await rm(folder, { recursive: true });
  const given = want('/etc/docker/daemon.json', '{"labels": ["a"]}', { kind: 'daemon' });
  for (const files of [wanted, [given, ...wanted]]) {
    const { refusals } = planFiles({ host: 'web1', wanted: files, look: look('debian'), allow: [] });
    t.deepEqual(
      refusals.map(({ code }) => code),
      ['FILE_INVALID'],
    );
    t.true(refusals[0]?.message.includes(`${file}:4: dockerd has no setting "registry-mirror"`));
  }
});

test('what must not be written is refused with its reason', (t) => {
  t.deepEqual(codes(look('debian'), want('/etc/shadow', '')), ['FILE_REFUSED']);
  t.deepEqual(codes(look('debian'), want('/opt/../etc/x', '')), ['FILE_REFUSED']);
  t.deepEqual(
    codes(look('debian', { state: 'refused', path: '/opt/x', problem: 'symlink' }), want('/opt/x', '')),
    ['FILE_REFUSED'],
  );
  t.deepEqual(codes(look('debian'), want('/opt/x', ''), want('/opt/x', '')), ['FILE_INVALID']);
  const repo = want(undefined, '[a]\nbaseurl=x\n', { kind: 'repo', from: 'dir/a.repo' });
  t.deepEqual(codes(look('debian'), repo), ['FILE_FAMILY']);
  t.deepEqual(codes(look('unknown'), repo), ['FILE_FAMILY']);
  t.deepEqual(codes(look('rhel'), { ...repo, content: Buffer.from('\0') }), ['FILE_INVALID']);
  t.is(
    plan(look('suse'), { ...repo, to: '/etc/yum.repos.d/b.repo' }).files[0]?.planned.to,
    '/etc/zypp/repos.d/b.repo',
  );
  t.is(plan(look('rhel'), repo).files[0]?.planned.to, '/etc/yum.repos.d/a.repo');
  t.deepEqual(targetsOf([repo]), ['/etc/yum.repos.d/a.repo', '/etc/zypp/repos.d/a.repo']);
});

test('passwords never stand in a difference, and files that are not for everybody are not shown', (t) => {
  const file = (word: string): string => `[a]\nbaseurl=https://me:${word}@x/\npassword = ${word}\n`;
  const path = '/etc/yum.repos.d/a.repo';
  const { files } = plan(look('rhel', there(path, file('geheim'))), want(path, file('secret1')));
  t.regex(files[0]?.planned.diff ?? '', /password/);
  t.notRegex(files[0]?.planned.diff ?? '', /geheim|secret1/);
  t.is(masked('+  "auth-token": "abc"'), '+  "auth-token": •••');
  const hidden = plan(look('rhel', there('/opt/x', 'a', '0600')), want('/opt/x', 'b'));
  t.is(hidden.files[0]?.planned.diff, undefined);
});

test('paths and modes are those that far.sh takes', (t) => {
  for (const path of ['/opt/a', '/etc/yum.repos.d/a-b_c+d@e~f.repo', '/opt/-x', '/etc/certs.d/r.lan:5000/a'])
    t.true(isTarget(path), path);
  for (const path of [
    '/opt',
    'opt/a',
    '/opt/a/',
    '/opt//a',
    '/opt/./a',
    '/opt/../a',
    '/opt/a b',
    '/opt/.airgap-x',
    '/o\n/a',
    '/opt/$a',
  ])
    t.false(isTarget(path), path);
  t.is(parseMode('644'), '0644');
  t.is(parseMode('0755'), '0755');
  for (const mode of ['0666', '0647', '644\n', '666', '4755', '0o644', '', '7', '888', '0777'])
    t.is(parseMode(mode), undefined, mode);
  t.is(keptMode('4777'), '0775');
});
