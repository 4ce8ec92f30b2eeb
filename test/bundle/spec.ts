import { mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { readSpec, type Spec } from '../../src/bundle/spec.js';
import { type AirgapError, isAirgapError } from '../../src/errors.js';
import { parseSource } from '../../src/stores/source.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/rig.js';

const check = (source: string): void => void parseSource(source);

/** A folder with a bundle.yaml and the files that the example names. */
async function withSpec<T>(yaml: string, use: (file: string, folder: string) => Promise<T>): Promise<T> {
  return await withTempDir(async (folder) => {
    for (const name of ['repos', 'keys', 'packages']) await mkdir(path.join(folder, name));
    for (const name of ['repos/docker-ce.repo', 'keys/docker.asc', 'compose.yaml', 'motd'])
      await writeFile(path.join(folder, name), 'x\n');
    const file = path.join(folder, 'bundle.yaml');
    await writeFile(file, yaml);
    return await use(file, folder);
  });
}

const read = (yaml: string): Promise<Spec> => withSpec(yaml, (file) => readSpec(file, check));

async function refused(t: ExecutionContext, yaml: string): Promise<AirgapError<'SPEC_INVALID'>['facts']> {
  const error = await t.throwsAsync(read(yaml), undefined, yaml);
  if (!isAirgapError(error, 'SPEC_INVALID')) throw error;
  return error.facts;
}

const whole = `name: edge-stack
images:
  - redis:4-alpine
  - {from: docker-daemon:nginx:1.14-alpine, as: registry.lan/web/nginx:1.14, platform: linux/amd64}
compose: [compose.yaml]
files:
  - {from: repos/docker-ce.repo, to: /etc/yum.repos.d/docker-ce.repo, mode: "0600"}
  - {from: motd, to: /opt/motd}
repos:
  - {from: repos/docker-ce.repo, baseurl: http://mirror.lan/docker-ce, gpgkey: keys/docker.asc}
packages: [packages/]
daemon: {registry-mirrors: ["https://mirror.lan"], insecure-registries: ["registry.lan:5000"]}
push: {redis:4-alpine: cache/redis:4, nginx: web/nginx}
targets: [edge1, edge2]
`;

test('every key of bundle.yaml is read', async (t) => {
  await withSpec(whole, async (file, folder) => {
    const spec = await readSpec(file, check);
    t.is(spec.name, 'edge-stack');
    t.deepEqual(spec.images, [
      { source: 'redis:4-alpine' },
      {
        source: 'docker-daemon:nginx:1.14-alpine',
        as: 'registry.lan/web/nginx:1.14',
        platforms: [{ os: 'linux', architecture: 'amd64' }],
      },
    ]);
    const repo = path.join(folder, 'repos/docker-ce.repo');
    t.deepEqual(spec.payload.files, [
      { from: repo, to: '/etc/yum.repos.d/docker-ce.repo', mode: '0600', kind: 'file' },
      { from: path.join(folder, 'motd'), to: '/opt/motd', mode: '0644', kind: 'file' },
      {
        from: path.join(folder, 'compose.yaml'),
        to: '/srv/airgap/compose/edge-stack/compose.yaml',
        mode: '0644',
        kind: 'compose',
      },
    ]);
    t.deepEqual(spec.payload.repos, [
      { from: repo, baseurl: 'http://mirror.lan/docker-ce', gpgkey: path.join(folder, 'keys/docker.asc') },
    ]);
    t.deepEqual(spec.payload.packages, [{ folder: path.join(folder, 'packages'), set: 'packages' }]);
    t.deepEqual(spec.payload.daemon, {
      'registry-mirrors': ['https://mirror.lan'],
      'insecure-registries': ['registry.lan:5000'],
    });
    t.deepEqual(
      [...spec.push],
      [
        ['redis:4-alpine', 'cache/redis:4'],
        ['nginx:latest', 'web/nginx'],
      ],
    );
    t.deepEqual(spec.targets, ['edge1', 'edge2']);
  });
});

test('platforms are a list, too', async (t) => {
  const spec = await read('name: a\nimages:\n  - {from: "app:1", platform: [linux/arm64, amd64]}\n');
  t.deepEqual(spec.images[0]?.platforms, [
    { os: 'linux', architecture: 'arm64' },
    { os: 'linux', architecture: 'amd64' },
  ]);
});

test('anchors spare a user from writing things twice', async (t) => {
  const spec = await read(
    'name: a\nimages:\n  - {from: "app:1", platform: &p linux/arm64}\n  - {from: "b:1", platform: *p}\n',
  );
  t.deepEqual(spec.images[1]?.platforms, [{ os: 'linux', architecture: 'arm64' }]);
});

// What is wrong, on which line, and what the message must say.
const wrong: readonly (readonly [title: string, yaml: string, line: number | undefined, says: RegExp])[] = [
  ['a mistyped key', 'name: a\n\nimage: [redis]\n', 3, /no key image; did you mean images\?/],
  ['a key that resembles none', 'name: a\nzzzzzzzz: 1\nimages: [a]\n', 2, /there are name, images, compose/],
  [
    'a mistyped key of a map',
    'name: a\nimages:\n  - a\n  - {from: b, platfrom: x}\n',
    4,
    /images\[1\] has no key platfrom; did you mean platform\?/,
  ],
  [
    'a mistyped key over several lines',
    'name: a\nfiles:\n  - from: motd\n    too: /opt/x\n',
    4,
    /files\[0\] has no key too; did you mean to\?/,
  ],
  ['a missing key', 'name: a\nfiles:\n  - from: motd\n', 3, /files\[0\]: the key to is missing/],
  ['no name', 'images: [a]\n', 1, /the key name is missing/],
  ['an upper-case name', 'name: Edge\nimages: [a]\n', 1, /name: got "Edge", want 1 to 64/],
  ['images that are no list', 'name: a\nimages: redis\n', 2, /images: got "redis", want a list of images/],
  ['an image that is a number', 'name: a\nimages:\n  - 5\n', 3, /images\[0\]: got 5, want an image/],
  [
    'an image that is a map without from',
    'name: a\nimages:\n  - as: x\n',
    3,
    /images\[0\]: the key from is missing/,
  ],
  [
    'a colon without quotes makes a map',
    'name: a\nimages:\n  - redis: 4\n',
    3,
    /images\[0\] has no key redis; there are from, as, platform/,
  ],
  [
    'a name that is none',
    'name: a\nimages:\n  - {from: a, as: B}\n',
    3,
    /images\[0\]\.as: got "B", want an image name/,
  ],
  [
    'a platform that is none',
    'name: a\nimages:\n  - {from: a, platform: a/b/c/d}\n',
    3,
    /platform: got "a\/b\/c\/d"/,
  ],
  [
    'a platform in a list that is none',
    'name: a\nimages:\n  - {from: a, platform: [amd64, a/b/c/d]}\n',
    3,
    /platform\[1\]: got "a\/b\/c\/d", want a platform/,
  ],
  [
    'a name for a registry that is none',
    'name: a\nimages: [a]\npush:\n  a: B\n',
    4,
    /push\.a: got "B", want a name such as web\/nginx:1\.27/,
  ],
  [
    'a name for a registry of an image that cannot be',
    'name: a\nimages: [a]\npush: {B: b}\n',
    3,
    /push: got a map, want a map from names of images/,
  ],
  [
    'a mode without quotes',
    'name: a\nfiles:\n  - {from: motd, to: /opt/x, mode: 0644}\n',
    3,
    /mode: got 644, want four octal digits in quotes/,
  ],
  [
    'a mode with setuid',
    'name: a\nfiles:\n  - {from: motd, to: /opt/x, mode: "4755"}\n',
    3,
    /mode: got "4755"/,
  ],
  [
    'a mode that lets others write',
    'name: a\nfiles:\n  - {from: motd, to: /opt/x}\n  - {from: motd, to: /opt/y, mode: "0777"}\n',
    4,
    /mode: got "0777", want four octal digits in quotes with which others may not write/,
  ],
  [
    'a target at the root',
    'name: a\nfiles:\n  - {from: motd, to: /motd}\n',
    3,
    /to: got "\/motd", want an absolute path in a folder/,
  ],
  [
    'a relative target',
    'name: a\nfiles:\n  - {from: motd, to: opt/x}\n',
    3,
    /to: got "opt\/x", want an absolute path/,
  ],
  [
    'a target that moves upwards',
    'name: a\nfiles:\n  - {from: motd, to: /opt/../etc/passwd}\n',
    3,
    /to: got/,
  ],
  ['a target with a line in it', 'name: a\nfiles:\n  - {from: motd, to: "/opt/x\\ny"}\n', 3, /to: got/],
  [
    'a repository file of another kind',
    'name: a\nrepos:\n  - {from: motd}\n',
    3,
    /ends in \.repo, \.list or \.sources/,
  ],
  [
    'an address of another kind',
    'name: a\nrepos:\n  - {from: repos/docker-ce.repo, baseurl: mirror.lan}\n',
    3,
    /baseurl: got "mirror\.lan"/,
  ],
  [
    'an address that would end its line',
    'name: a\nrepos:\n  - {from: repos/docker-ce.repo, baseurl: "http://a/\\nb"}\n',
    3,
    /baseurl: got/,
  ],
  [
    'daemon settings that JSON cannot hold',
    'name: a\ndaemon: {x: .inf}\n',
    2,
    /daemon: got a map, want a map of settings/,
  ],
  ['daemon settings that lose digits', 'name: a\ndaemon: {x: 99999999999999999}\n', 2, /daemon: got/],
  ['a target with a comma', 'name: a\nimages: [a]\ntargets: ["a,b"]\n', 3, /targets\[0\]: got "a,b"/],
  ['a target named twice', 'name: a\nimages: [a]\ntargets:\n  - a\n  - a\n', 5, /targets: a is there twice/],
  [
    'two files for one place',
    'name: a\nfiles:\n  - {from: motd, to: /opt/x}\n  - {from: motd, to: /opt/x}\n',
    4,
    /\/opt\/x is there twice/,
  ],
  ['a file that is not there', 'name: a\nfiles:\n  - {from: mtd, to: /opt/x}\n', 3, /no file or folder mtd/],
  ['a folder for a file', 'name: a\nfiles:\n  - {from: repos, to: /opt/x}\n', 3, /repos is not a file/],
  ['a file for a folder', 'name: a\npackages:\n  - motd\n', 3, /motd is not a folder/],
  ['nothing to carry', 'name: a\n', undefined, /names nothing to carry/],
  ['an empty file', '', undefined, /got an empty value, want a map of keys/],
  ['a list', '- a\n', 1, /got a list, want a map of keys/],
  [
    'a store that is not read',
    'name: a\nimages:\n  - a\n  - docker-image:x\n',
    4,
    /cannot read images from "docker-image:"; use one of docker-daemon:, /,
  ],
  [
    'a container that is an option',
    'name: a\nimages: ["container:--help"]\n',
    2,
    /no name or ID of a container/,
  ],
  ['no YAML', 'name: a\nimages: [a\n', 3, /it is not YAML/],
  ['a key twice', 'name: a\nimages: [a]\nimages: [b]\n', 3, /it is not YAML: Map keys must be unique/],
  ['two documents', 'name: a\nimages: [a]\n---\nname: b\n', 3, /multiple documents/],
];

for (const [title, yaml, line, says] of wrong) {
  test(`${title} is refused with its line`, async (t) => {
    const facts = await refused(t, yaml);
    t.regex(facts.problem, says);
    t.is(facts.line, line);
    t.true(facts.path.endsWith('bundle.yaml'));
  });
}

test('the first of several mistakes is told', async (t) => {
  t.is((await refused(t, 'name: A\nfiles: 5\nimage: [a]\n')).line, 1);
});

for (const from of ['../motd', '/etc/passwd', 'repos/../../x', '..', 'a\\..\\b']) {
  test(`path-escape: ${from} is refused as a file`, async (t) => {
    const facts = await refused(t, `name: a\nfiles:\n  - {from: '${from}', to: /opt/x}\n`);
    t.regex(facts.problem, /files\[0\]\.from: got .*want a path below the folder/);
    t.is(facts.line, 3);
  });
}

test('path-escape: a link that leads out of the folder is refused for files, repos and packages', async (t) => {
  const lines = [
    'files:\n  - {from: out/passwd, to: /opt/x}',
    'repos:\n  - {from: out.repo}',
    'repos:\n  - {from: repos/docker-ce.repo, gpgkey: out/passwd}',
    'packages:\n  - out',
    'compose:\n  - out/passwd',
  ];
  for (const line of lines) {
    await withSpec(`name: a\n${line}\n`, async (file, folder) => {
      await symlink('/etc', path.join(folder, 'out'));
      await symlink('/etc/passwd', path.join(folder, 'out.repo'));
      const error = await t.throwsAsync(readSpec(file, check));
      if (!isAirgapError(error, 'SPEC_INVALID')) throw error;
      t.regex(error.facts.problem, /leads out of the folder/);
      t.is(error.facts.line, 3);
    });
  }
});

test('a link that stays inside is followed, and a folder that is a link itself is no escape', async (t) => {
  await withSpec('name: a\nfiles:\n  - {from: link, to: /opt/x}\n', async (file, folder) => {
    await symlink('motd', path.join(folder, 'link'));
    await symlink(folder, `${folder}-link`);
    const spec = await readSpec(path.join(`${folder}-link`, path.basename(file)), check);
    t.is(spec.payload.files[0]?.from, path.join(folder, 'motd'));
  });
});

test('a fifo in place of a spec or of one of its files does not hang', async (t) => {
  await withSpec('name: a\nfiles:\n  - {from: pipe, to: /opt/x}\n', async (file, folder) => {
    await run(['mkfifo', path.join(folder, 'pipe')]);
    for (const spec of [path.join(folder, 'pipe'), file]) {
      const error = await t.throwsAsync(readSpec(spec, check));
      t.regex(error?.message ?? '', /is not a file/);
    }
  });
});

test('a spec that is not there, a folder and a device are refused without being read', async (t) => {
  for (const file of ['/nowhere/bundle.yaml', '/tmp', '/dev/zero'])
    t.true(isAirgapError(await t.throwsAsync(readSpec(file, check)), 'SPEC_INVALID'), file);
});
