import test from 'ava';
import { AirgapError, isAirgapError } from '../../src/errors.js';
import { parseSource, type Source } from '../../src/stores/source.js';
import { nearSources, tellingNear } from '../../src/stores/source-near.js';
import { nearest } from '../../src/text/near.js';

const sources: readonly (readonly [text: string, source: Source])[] = [
  ['nginx', { transport: 'docker-daemon', name: 'nginx' }],
  ['nginx:1.27', { transport: 'docker-daemon', name: 'nginx:1.27' }],
  ['docker:27', { transport: 'docker-daemon', name: 'docker:27' }],
  ['docker://registry.lan:5000/x/y:1', { transport: 'docker', name: 'registry.lan:5000/x/y:1' }],
  ['docker://nginx', { transport: 'docker', name: 'nginx' }],
  ['localhost:5000/x:1', { transport: 'docker-daemon', name: 'localhost:5000/x:1' }],
  ['docker-daemon:nginx:1', { transport: 'docker-daemon', name: 'nginx:1' }],
  ['containerd:docker.io/library/x:1', { transport: 'containerd', name: 'docker.io/library/x:1' }],
  ['containerd+default:x:1', { transport: 'containerd', namespace: 'default', name: 'x:1' }],
  ['containerd-container:abc', { transport: 'containerd-container', name: 'abc' }],
  [
    'containerd-container+default:Shop_One',
    { transport: 'containerd-container', namespace: 'default', name: 'Shop_One' },
  ],
  ['oci:/srv/images', { transport: 'oci', path: '/srv/images' }],
  ['oci:images:nginx:1', { transport: 'oci', path: 'images', name: 'nginx:1' }],
  [
    'oci-archive:a.tar:docker.io/library/x:1',
    { transport: 'oci-archive', path: 'a.tar', name: 'docker.io/library/x:1' },
  ],
  ['docker-archive:/a b.tar', { transport: 'docker-archive', path: '/a b.tar' }],
  ['docker-archive:/a.tar:@2', { transport: 'docker-archive', path: '/a.tar', name: '@2' }],
  [
    `docker-daemon:sha256:${'0'.repeat(64)}`,
    { transport: 'docker-daemon', name: `sha256:${'0'.repeat(64)}` },
  ],
];

for (const [text, source] of sources) {
  test(`source ${text.slice(0, 40)} is read as skopeo reads it`, (t) => {
    t.deepEqual(parseSource(text), source);
  });
}

test('podman’s images are those of containers-storage', (t) => {
  t.deepEqual(parseSource('containers-storage:localhost/app:1'), {
    transport: 'containers-storage',
    name: 'localhost/app:1',
  });
  t.throws(() => parseSource('containers-storage:'), { code: 'REFERENCE_INVALID' });
});

test('a transport that airgap does not read is refused with those it does', (t) => {
  for (const text of ['docker-image:x', 'dir:/x', 'sif:/x.sif', 'https://x/y']) {
    const error = t.throws(() => parseSource(text));
    t.true(isAirgapError(error, 'STORE_UNKNOWN'), text);
    if (isAirgapError(error, 'STORE_UNKNOWN')) t.true(error.facts.known.includes('oci-archive'));
  }
});

test('made-up-image: what looks like a word of ours, or of a program, is never an image of docker', (t) => {
  for (const text of ['containerd-compose:c.yml', 'nerdctl-container:web', 'podman:app:1', 'k3s:plant/app:1'])
    t.true(
      isAirgapError(
        t.throws(() => parseSource(text)),
        'STORE_UNKNOWN',
      ),
      text,
    );
  for (const text of ['nerdctl:1', 'podman:5', 'k3s'])
    t.deepEqual(parseSource(text), { transport: 'docker-daemon', name: text });
});

const misspelt: readonly (readonly [text: string, near: string])[] = [
  ['containerd-runing:', 'containerd-running:'],
  ['runing:', 'running:'],
  ['contianerd+ns:x', 'containerd+ns:x'],
  ['container+ns:x', 'containerd+ns:x'],
  ['containr:a:b', 'container:a:b'],
  ['oci-archiv:/srv/a.tar', 'oci-archive:/srv/a.tar'],
  ['oic:/srv/images', 'oci:/srv/images'],
  ['dokcer://registry.lan/x', 'docker://registry.lan/x'],
  ['composs:/srv/compose.yml', 'compose:/srv/compose.yml'],
];

test('misspelt-word: a word nearly like one of ours is told as that where no image can be meant', (t) => {
  for (const [text, near] of misspelt) {
    const error = t.throws(() => parseSource(text), { code: 'STORE_UNKNOWN' }, text);
    if (isAirgapError(error, 'STORE_UNKNOWN')) t.is(error.facts.near?.[0], near, text);
    if (isAirgapError(error)) t.true(error.hint?.startsWith(`Did you mean ${near}`), error.hint);
  }
});

test('meant-what-was-typed: a word of ours is not told in place of itself, whatever namespace is behind it', (t) => {
  for (const text of ['containerd+default:zzz', 'containerd-compose+x:/a.yml', 'containerd+a/b:x'])
    t.deepEqual(nearSources(text), [], text);
});

test('misspelt-word: what may be an image is one, and the word is told only once there is none', async (t) => {
  const refuse = async (source: string, near: readonly string[]): Promise<readonly string[]> => {
    t.deepEqual(parseSource(source), { transport: 'docker-daemon', name: source });
    const refused = new AirgapError('IMAGE_UNKNOWN', { image: source, store: 'docker', near });
    const error = await t.throwsAsync(tellingNear(source, () => Promise.reject(refused)));
    return isAirgapError(error, 'IMAGE_UNKNOWN') ? error.facts.near : [];
  };
  t.deepEqual(await refuse('podmn-container:x', []), ['podman-container:x']);
  t.deepEqual(await refuse('oci-archiv:f', []), ['oci-archive:f']);
  t.is((await refuse('containr:x', []))[0], 'container:x');
  // Names that are there come first.
  t.deepEqual(await refuse('oci-archiv:f', ['oci/archive:f']), ['oci/archive:f', 'oci-archive:f']);
  for (const name of [
    'docker:27',
    'podman:5',
    'registry:2',
    'composer:2',
    'api:1',
    'localhost:5000/x:1',
    'nginx',
  ])
    t.deepEqual(await refuse(name, []), [], name);
  for (const text of ['nginx:', 'nginx:1:2', 'Nginx:1', 'docker:27:1', 'containr:pass@word/x:1'])
    t.deepEqual(nearSources(text), [], text);
  t.is(await tellingNear('containr:x', async () => 'there'), 'there');
});

test('one-of-many: a word for all that runs is told as that where one image is asked for', (t) => {
  for (const text of ['running:', 'podman-running:', 'containerd-running:', 'containerd-running+default:'])
    t.throws(() => parseSource(text), { code: 'USAGE', message: /stands for all images that run here/ });
});

test('nothing behind the colon is refused', (t) => {
  for (const text of [
    '',
    'docker-daemon:',
    'containerd:',
    'containerd+default:',
    'oci:',
    'docker-archive::name',
    'docker://',
    'docker:///x/y',
    'docker://Nginx',
  ]) {
    t.true(
      isAirgapError(
        t.throws(() => parseSource(text)),
        'REFERENCE_INVALID',
      ),
      text,
    );
  }
});

test('near names are at most three, the nearest first, and nothing far', (t) => {
  const names = ['nginx:1.27', 'nginx:1.26', 'nginx:latest', 'nginx:alpine', 'redis:7', 'plant/bus-info:v1'];
  t.is(nearest('nginx:1.2', names)[0], 'nginx:1.26');
  t.is(nearest('nginx', names).length, 3);
  t.deepEqual(nearest('bus-info:v9', names), ['plant/bus-info:v1']);
  t.deepEqual(nearest('docker.io/library/redis:8', names), ['redis:7']);
  t.deepEqual(nearest('zzzzzz', names), []);
});
