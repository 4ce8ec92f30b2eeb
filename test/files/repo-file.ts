import test from 'ava';
import {
  keyProblem,
  keyTarget,
  lintRepo,
  pointRepo,
  repoFolder,
  repoForm,
} from '../../src/files/repo-file.js';

const repo = `[docker-ce-stable]
name=Docker CE Stable - $basearch
baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable
enabled=1
gpgcheck=1
gpgkey=https://download.docker.com/linux/centos/gpg

[other]
name=Other
mirrorlist=https://mirrors.example/list
baseurl=http://a.example/x
`;

test('a file goes to the folder that its package manager reads, and nowhere else', (t) => {
  t.is(repoForm('docker-ce.repo'), 'repo');
  t.is(repoForm('x.repo.bak'), undefined);
  t.is(repoFolder('repo', 'rhel'), '/etc/yum.repos.d');
  t.is(repoFolder('repo', 'suse'), '/etc/zypp/repos.d');
  t.is(repoFolder('sources', 'debian'), '/etc/apt/sources.list.d');
  for (const family of ['debian', 'alpine', 'arch', 'unknown']) t.is(repoFolder('repo', family), undefined);
  for (const family of ['rhel', 'suse', 'unknown']) t.is(repoFolder('list', family), undefined);
});

test('good files pass', (t) => {
  t.is(lintRepo('repo', repo), undefined);
  t.is(lintRepo('repo', repo.replaceAll('\n', '\r\n')), undefined);
  t.is(
    lintRepo(
      'list',
      '# c\n\ndeb [arch=amd64 signed-by=/etc/apt/keyrings/d.asc] https://x/debian bookworm stable\n',
    ),
    undefined,
  );
  t.is(lintRepo('list', 'deb cdrom:[Debian]/ bookworm main\n'), undefined);
  t.is(
    lintRepo(
      'sources',
      'Types: deb\nURIs: https://x/debian\nSuites: bookworm\nComponents: stable\nSigned-By:\n -----BEGIN\n .\n\n# c\n',
    ),
    undefined,
  );
});

test('the first wrong line is told with what is wrong', (t) => {
  t.like(lintRepo('repo', 'name=x\n[a]\n'), { line: 1, problem: 'no-section' });
  t.like(lintRepo('repo', '[a]\nname=x\nbaseurl http://x\n'), { line: 3, problem: 'form' });
  t.like(lintRepo('repo', '[a]\nname=x\n'), { line: 1, problem: 'no-url', detail: 'a' });
  t.like(lintRepo('repo', '# only\n'), { line: 0, problem: 'empty' });
  t.like(lintRepo('repo', '<html>'), { line: 1, problem: 'no-section' });
  t.like(lintRepo('list', 'deb https://x\n'), { line: 1, problem: 'form' });
  t.like(lintRepo('list', '\n'), { problem: 'empty' });
  t.like(lintRepo('sources', 'Types: deb\nURIs: https://x\n'), {
    line: 1,
    problem: 'no-field',
    detail: 'suites',
  });
  t.like(lintRepo('sources', ' continued\n'), { line: 1, problem: 'form' });
  t.like(lintRepo('repo', '[a]\nname=\u001b[2J\nbaseurl=x\n'), { line: 2, problem: 'not-text' });
});

test('a mirror takes the place of scheme and host, paths and variables stay, lists of mirrors are put to sleep', (t) => {
  const moved = pointRepo('repo', repo, {
    baseurl: 'http://mirror.lan/docker-ce/',
    keyPath: '/etc/pki/rpm-gpg/docker.asc',
  });
  t.true(moved.includes('baseurl=http://mirror.lan/docker-ce/linux/centos/$releasever/$basearch/stable\n'));
  t.true(moved.includes('gpgkey=file:///etc/pki/rpm-gpg/docker.asc\n'));
  t.true(
    moved.includes('\n#mirrorlist=https://mirrors.example/list\nbaseurl=http://mirror.lan/docker-ce/x\n'),
  );
  t.is(lintRepo('repo', moved), undefined);
});

test('apt files are pointed at a mirror and a key', (t) => {
  const change = { baseurl: 'http://mirror.lan/d', keyPath: '/etc/apt/keyrings/d.asc' };
  t.is(
    pointRepo(
      'list',
      '# https://x\ndeb [arch=amd64 signed-by=/old] https://x/debian bookworm stable\n',
      change,
    ),
    '# https://x\ndeb [arch=amd64 signed-by=/etc/apt/keyrings/d.asc] http://mirror.lan/d/debian bookworm stable\n',
  );
  t.is(
    pointRepo('list', 'deb https://x/debian b main\n', { keyPath: '/k' }),
    'deb [signed-by=/k] https://x/debian b main\n',
  );
  const sources =
    'Types: deb\nURIs: https://x/debian\nSuites: b\nSigned-By:\n -----BEGIN\n .\n -----END\nComponents: main\n';
  const pointed = pointRepo('sources', sources, change);
  t.is(
    pointed,
    'Types: deb\nURIs: http://mirror.lan/d/debian\nSuites: b\nComponents: main\nSigned-By: /etc/apt/keyrings/d.asc\n',
  );
  t.is(lintRepo('sources', pointed), undefined);
});

test('a key is named in each section, whether one was named before or not', (t) => {
  const keyPath = '/etc/pki/rpm-gpg/docker.asc';
  const named = `gpgkey=file://${keyPath}`;
  t.is(
    pointRepo(
      'repo',
      '# c\n[main]\nx=1\n[a]\nbaseurl=http://a\n\n[b]\ngpgkey = http://b/1\n       http://b/2\nname=b',
      {
        keyPath,
      },
    ),
    `# c\n[main]\nx=1\n[a]\nbaseurl=http://a\n${named}\n\n[b]\n${named}\nname=b`,
  );
});

const armored = Buffer.from(
  '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmQ==\n-----END PGP PUBLIC KEY BLOCK-----\n',
);
const binary = Buffer.of(0x99, 1, 2);

test('apt finds a key under a name that says what it is', (t) => {
  t.is(keyTarget('repo', 'RPM-GPG-KEY-x', armored), '/etc/pki/rpm-gpg/RPM-GPG-KEY-x');
  t.is(keyTarget('list', 'docker.asc', armored), '/etc/apt/keyrings/docker.asc');
  t.is(keyTarget('sources', 'docker.gpg', armored), '/etc/apt/keyrings/docker.asc');
  t.is(keyTarget('sources', 'docker.key', binary), '/etc/apt/keyrings/docker.key.gpg');
});

test('a private key is never taken for the key of a repository', (t) => {
  t.is(keyProblem(armored), undefined);
  t.is(keyProblem(binary), undefined);
  t.is(keyProblem(Buffer.of(0xc6, 1)), undefined);
  const secret = '-----BEGIN PGP PRIVATE KEY BLOCK-----\n';
  t.is(keyProblem(Buffer.from(secret)), 'private');
  t.is(keyProblem(Buffer.concat([armored, Buffer.from(secret)])), 'private');
  t.is(keyProblem(Buffer.from('-----BEGIN OPENSSH PRIVATE KEY-----\n')), 'private');
  t.is(keyProblem(Buffer.of(0x95, 1)), 'private');
  t.is(keyProblem(Buffer.of(0xc5, 1)), 'private');
  t.is(keyProblem(Buffer.from('<html>')), 'no-key');
  t.is(keyProblem(Buffer.of()), 'no-key');
});
