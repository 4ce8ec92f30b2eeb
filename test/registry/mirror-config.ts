// What `airgap mirror-config` prints is taken as it is: by airgap's own reading of docker's and podman's files, and as hosts.toml.
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { parse } from 'smol-toml';
import { parse as parseYaml } from 'yaml';
import { parseFiles } from '../../src/cli/parse-files.js';
import type { AirgapError } from '../../src/errors.js';
import { type MirrorEngine, mirrorConfig, mirrorEngines } from '../../src/registry/mirror-files.js';
import { type MirrorResult, makeMirrorConfig } from '../../src/runs/mirror-config.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withPushSite } from '../helpers/push-site.js';
import { withSite } from '../helpers/registry-site.js';
import { withTempDir } from '../helpers/tmp.js';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { writeHtpasswd } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';

const site = needing('registry');
const run = promisify(execFile);
const folders: Readonly<Record<MirrorEngine, string>> = {
  docker: '/etc/docker',
  podman: '/etc/containers',
  containerd: '/etc/containerd',
  k3s: '/etc/rancher/k3s',
  rke2: '/etc/rancher/rke2',
};
const facts = {
  host: 'registry.lan:5000',
  prefix: '',
  origin: 'https://registry.lan:5000',
  isUnproved: false,
  authorities: ['/etc/docker/certs.d/registry.lan:5000/ca.crt'],
  of: 'docker.io',
};

site('images that were pushed are found by the settings of docker and of podman', async (t) => {
  await withPushSite(async ({ near, proxy, layout }) => {
    const [source = ''] = await layout([testImages('mirror')[0]]);
    t.is((await near.run(['push', source, proxy.host])).exitCode, 0);
    const places = { docker: '.config/docker/daemon.json', podman: '.config/containers/registries.conf' };
    for (const [engine, place] of Object.entries(places)) {
      const printed = await near.run(['mirror-config', proxy.host, '--for', engine, '--json']);
      const { configs } = JSON.parse(printed.stdout) as MirrorResult;
      const home = path.join(near.folder, engine);
      await mkdir(path.dirname(path.join(home, place)), { recursive: true });
      await writeFile(path.join(home, place), configs[0]!.files[0]!.content);
      const since = proxy.asked.length;
      const cache = path.join(home, 'cache');
      const read = await near.run(['inspect', 'docker://plant/bus-info:v1'], {
        env: { HOME: home, XDG_CACHE_HOME: cache },
      });
      t.is(read.exitCode, 0, `${engine}: ${read.stderr}`);
      t.true(proxy.asked.length > since);
    }
    const lines = await near.run(['mirror-config', proxy.host]);
    t.is(lines.exitCode, 0, lines.stderr);
    t.regex(
      lines.stdout,
      /# \/etc\/containers\/registries\.conf\.d\/50-airgap-mirror\.conf\n\[\[registry\]\]/,
    );
    t.regex(lines.stdout, /airgap send HOST --daemon-key 'registry-mirrors=/);
  });
});

test('hosts.toml has the path of a prefix, the authority, and the registry it stands for', (t) => {
  const { files, send } = mirrorConfig('containerd', { ...facts, prefix: 'site', of: 'quay.io' });
  const [mirror, own] = files.map(({ content }) => parse(content));
  t.is(files[0]?.path, '/etc/containerd/certs.d/quay.io/hosts.toml');
  t.deepEqual(mirror, {
    server: 'https://quay.io',
    host: {
      'https://registry.lan:5000/v2/site': {
        capabilities: ['pull', 'resolve'],
        override_path: true,
        ca: ['/etc/containerd/certs.d/registry.lan:5000/ca.crt'],
      },
    },
  });
  t.is(own?.server, 'https://registry.lan:5000');
  t.regex(send, /--allow-dir \/etc\/containerd$/);
});

test('registries.yaml has the path of a prefix, the authority, and the registry by its own name', (t) => {
  const { files, send, notes } = mirrorConfig('k3s', { ...facts, prefix: 'site', of: 'quay.io' });
  t.is(files[0]?.path, '/etc/rancher/k3s/registries.yaml');
  t.deepEqual(parseYaml(files[0]?.content ?? ''), {
    mirrors: {
      'quay.io': { endpoint: ['https://registry.lan:5000'], rewrite: { '^(.*)$': 'site/$1' } },
      'registry.lan:5000': { endpoint: ['https://registry.lan:5000'] },
    },
    configs: {
      'registry.lan:5000': { tls: { ca_file: '/etc/rancher/k3s/certs.d/registry.lan:5000/ca.crt' } },
    },
  });
  t.regex(send, /--allow-dir \/etc\/rancher\/k3s$/);
  t.deepEqual(notes, ['k3sReads']);

  const plain = { ...facts, origin: 'http://registry.lan:5000', authorities: [] };
  t.deepEqual(parseYaml(mirrorConfig('rke2', plain).files[0]?.content ?? ''), {
    mirrors: Object.fromEntries(
      ['docker.io', 'registry.lan:5000'].map((name) => [name, { endpoint: ['http://registry.lan:5000'] }]),
    ),
  });
  const unproved = mirrorConfig('rke2', { ...facts, authorities: [], isUnproved: true });
  t.regex(unproved.files[0]?.content ?? '', /insecure_skip_verify: true/);
  const two = mirrorConfig('rke2', { ...facts, authorities: ['/a/ca.crt', '/a/old.crt'] });
  t.true(two.notes.includes('oneAuthority'));
});

test('a registry without TLS is insecure in every file, and docker gets no mirror with a path', (t) => {
  const plain = { ...facts, origin: 'http://registry.lan:5000', authorities: [] };
  const docker = mirrorConfig('docker', plain).files[0]?.content ?? '';
  t.deepEqual(JSON.parse(docker), {
    'registry-mirrors': ['http://registry.lan:5000'],
    'insecure-registries': ['registry.lan:5000'],
  });
  const below = mirrorConfig('docker', { ...plain, prefix: 'site' });
  t.deepEqual(JSON.parse(below.files[0]?.content ?? ''), { 'insecure-registries': ['registry.lan:5000'] });
  t.true(below.notes.includes('dockerPrefix'));
  t.regex(mirrorConfig('podman', plain).files[0]?.content ?? '', /insecure = true/);
});

test('one-file-twice: a registry is no mirror of itself', async (t) => {
  const env = { HOME: '/nowhere' };
  const error = await t.throwsAsync(
    makeMirrorConfig(env, { registry: 'registry.lan:5000/site', of: 'registry.lan:5000' }),
  );
  t.like(error, { code: 'USAGE' });
  t.regex(error?.message ?? '', /registry\.lan:5000 has its own images/);
});

test('unread-words: what is printed is read by the command line, with ports in folders and quotes in names', async (t) => {
  const authorities = ["/home/o'hara/ca.crt", '/etc/docker/certs.d/registry.lan:5000/old.crt'];
  for (const engine of mirrorEngines) {
    const { send } = mirrorConfig(engine, { ...facts, authorities });
    const { stdout } = await run('sh', ['-c', `printf '%s\\n' ${send}`]);
    const words = stdout.trimEnd().split('\n');
    const of = (flag: string): string[] => words.filter((_word, at) => words[at - 1] === flag);
    const files = parseFiles({ files: of('--file'), repos: [], daemonKeys: of('--daemon-key') }, 'send');
    t.deepEqual(
      files.flatMap((file) => (file.kind === 'file' && authorities.includes(file.source) ? [file.to] : [])),
      ['ca.crt', 'ca1.crt'].map((name) => `${folders[engine]}/certs.d/registry.lan:5000/${name}`),
    );
  }
});

test('image-for-a-registry: what is no registry is told as that, as it was written, and without a password', async (t) => {
  const env = { HOME: '/nowhere' };
  const refused = async (registry: string, of?: string): Promise<string> => {
    const options = of === undefined ? { registry } : { registry, of };
    const error = await t.throwsAsync(makeMirrorConfig(env, options), { code: 'REFERENCE_INVALID' });
    const wanted = of === undefined ? /HOST\[:PORT\]\/PREFIX/ : /HOST\[:PORT\] without a path/;
    t.regex((error as AirgapError).hint ?? '', registry.includes('@') ? /log in/ : wanted);
    return error?.message ?? '';
  };
  t.is(await refused('registry.lan:99999'), '"registry.lan:99999" is not a registry');
  t.is(
    await refused('registry.lan/Site'),
    '"registry.lan/Site" is not a registry: a repository is written in lower case',
  );
  t.is(await refused('registry.lan:5000/app:1'), '"registry.lan:5000/app:1" is not a registry');
  t.is(await refused('registry.lan', 'quay'), '"quay" is not a registry');
  t.regex(
    await refused('me:secret@registry.lan'),
    /^"\*\*\*@registry\.lan" is not a registry: user and password/,
  );
  for (const written of [
    'me:se/cret@registry.lan',
    'https://me:secret@registry.lan/site',
    'me:secret@x@registry.lan',
  ]) {
    const error = await t.throwsAsync(makeMirrorConfig(env, { registry: written }), {
      code: 'REFERENCE_INVALID',
    });
    t.notRegex(JSON.stringify(error), /secret|cret/);
  }
});

test('unsaid-scheme: http:// counts for a registry that was not reached', async (t) => {
  const { origin, isSupposed } = await makeMirrorConfig(
    { HOME: '/nowhere' },
    { registry: 'http://127.0.0.1:1/site' },
  );
  t.deepEqual([origin, isSupposed], ['http://127.0.0.1:1', false]);
});

site(
  'said-by-silence: what answered is told as that: without TLS, by an unknown authority, or with TLS where http:// was written',
  async (t) => {
    await withSite(async ({ folder, registry, env }) => {
      const authority = await makeAuthority(folder);
      const { host } = await registry({ tls: await authority.issue('site', { for: 'registry.test' }) });
      const { host: plain } = await registry({});
      const proxy = await openConnectProxy({ 'registry.test:443': host, 'plain.test:443': plain });
      try {
        const through = { ...env, HTTPS_PROXY: proxy.url };
        for (const written of ['registry.test', 'http://registry.test']) {
          const { origin, isSupposed, doubts } = await makeMirrorConfig(through, { registry: written });
          t.deepEqual([origin, isSupposed], ['https://registry.test', false]);
          t.is(doubts.length, 1);
          t.regex(doubts[0] ?? '', /not trusted, no authority .* hosts will not trust it either.*certs\.d/);
        }
        const known = { ...through, SSL_CERT_FILE: authority.certificate };
        const trusted = await makeMirrorConfig(known, { registry: 'registry.test' });
        t.deepEqual([trusted.isSupposed, trusted.doubts], [false, []]);
        const other = await makeMirrorConfig(known, { registry: 'http://registry.test' });
        t.deepEqual(other.doubts, ['registry.test speaks TLS: the settings say https://']);

        const htpasswd = await writeHtpasswd(`${folder}/htpasswd`);
        const locked = await registry({ htpasswd });
        const shut = await makeMirrorConfig(through, { registry: locked.host });
        t.regex(shut.doubts.join(), /wants to know who asks.*each host’s engine must be logged in/);

        const error = await t.throwsAsync(makeMirrorConfig(through, { registry: 'plain.test' }), {
          code: 'USAGE',
        });
        t.regex(error?.message ?? '', /answers without TLS: write http:\/\/plain\.test/);
        const meant = await makeMirrorConfig(through, { registry: 'HTTP://plain.test' });
        t.deepEqual([meant.origin, meant.isSupposed, meant.doubts], ['http://plain.test', false, []]);
      } finally {
        await proxy.close();
      }
    });
  },
);

test('unseen-certificate: nothing is said of the certificate of an insecure registry that was not reached', async (t) => {
  await withTempDir(async (folder) => {
    const config = path.join(folder, '.config/docker');
    await mkdir(config, { recursive: true });
    await writeFile(path.join(config, 'daemon.json'), '{"insecure-registries": ["127.0.0.1:1"]}');
    const { configs, isSupposed } = await makeMirrorConfig({ HOME: folder }, { registry: '127.0.0.1:1' });
    t.true(isSupposed);
    t.notRegex(JSON.stringify(configs), /skip_verify|unproved|insecure/);
  });
});

test('refused-line: paths with brackets, which send does not take, are told to be copied by hand', (t) => {
  const address = { ...facts, host: '[::1]:5000', origin: 'https://[::1]:5000' };
  for (const engine of mirrorEngines) {
    const { send, byHand } = mirrorConfig(engine, address);
    t.notRegex(send, /--file '[^']*\[/, engine);
    t.deepEqual(
      byHand.filter((file) => !file.includes('/certs.d/[::1]:5000/')),
      [],
    );
    t.true(byHand.length > 0, engine);
  }
});

test('other-loopback: that an address means another machine on a host is told', async (t) => {
  const { doubts } = await makeMirrorConfig({ HOME: '/nowhere' }, { registry: 'localhost:1' });
  t.regex(doubts.join(), /on each host that host itself/);
});

test('deaf-warning: a registry that is not there is told as one, with TLS, too', async (t) => {
  const { isSupposed } = await makeMirrorConfig({ HOME: '/nowhere' }, { registry: '127.0.0.1:1' });
  t.true(isSupposed);
});

test('lost-settings: files are written whole where the printed line finds them, and over none that was changed', async (t) => {
  await withTempDir(async (folder) => {
    const write = path.join(folder, 'new/site');
    const make = (registry: string) => makeMirrorConfig({ HOME: folder }, { registry, write });
    await make('127.0.0.1:1/site');
    const { configs, isWritten } = await make('127.0.0.1:1/site');
    t.true(isWritten);
    const rancher = ['k3s-registries.yaml', 'rke2-registries.yaml'];
    const names = ['50-airgap-mirror.conf', rancher[0], 'mirror-hosts.toml', 'own-hosts.toml', rancher[1]];
    t.deepEqual((await readdir(write)).toSorted(), names);
    for (const { files, send } of configs)
      for (const { source, path: place, content } of files.filter((file) => file.source !== undefined)) {
        t.is(await readFile(source ?? '', 'utf8'), content);
        t.true(send.includes(`--file '${path.join(write, path.basename(source ?? ''))}:${place}'`));
      }
    // The last to be written: those before it stay as they are, too.
    const edited = path.join(write, 'rke2-registries.yaml');
    await writeFile(edited, 'mirrors: {}\n');
    const before = await readFile(path.join(write, 'mirror-hosts.toml'), 'utf8');
    const kept = await t.throwsAsync(make('127.0.0.1:1/other'), { code: 'USAGE' });
    t.regex(kept?.message ?? '', /is there already and says something else: nothing was written/);
    t.is(await readFile(edited, 'utf8'), 'mirrors: {}\n');
    t.is(await readFile(path.join(write, 'mirror-hosts.toml'), 'utf8'), before);
    await t.throwsAsync(makeMirrorConfig({ HOME: folder }, { registry: '127.0.0.1:1', write: '' }), {
      message: /--write needs a folder/,
    });
    const blocked = path.join(write, names[0] ?? '');
    const refused = { registry: '127.0.0.1:1', write: blocked };
    const error = await t.throwsAsync(makeMirrorConfig({ HOME: folder }, refused));
    t.like(error, { code: 'DRIVE_FAILED' });
    t.true(error?.message.includes(blocked));
  });
});
