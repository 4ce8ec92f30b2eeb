import test from 'ava';
import { engineFacts, enginesBeside } from '../../src/engines/known.js';
import { podmanFacts } from '../../src/engines/podman.js';
import type { Probe } from '../../src/far/facts.js';

// What podman 4.3 to 5.8 tell, as far as it matters.
const info = {
  host: { arch: 'amd64', os: 'linux', security: { rootless: false } },
  store: {
    graphDriverName: 'overlay',
    graphRoot: '/var/lib/containers/storage',
    imageCopyTmpDir: '/srv/tmp',
  },
  version: { Version: '5.4.2' },
};

const probe: Probe = {
  user: { name: 'pat', uid: 1000 },
  home: '/home/pat',
  stage: '/home/pat/.cache/airgap',
  system: { kernel: 'Linux', machine: 'x86_64' },
  cores: 2,
  bootId: undefined,
  tools: new Set(),
  hashTool: 'sha256sum',
  free: new Map(),
  devices: new Map(),
  engineRoot: undefined,
  stages: [],
  containers: [],
  others: ['podman', 'containerd'],
  engine: { state: 'down', message: 'no daemon' },
  sudo: 'none',
};

test('whose podman it is stands in its name', (t) => {
  const rootless = { ...info, host: { ...info.host, security: { rootless: true } } };
  t.is(podmanFacts(info, 'plant', 'pat').storeLabel, 'overlay, root');
  t.is(podmanFacts(rootless, 'plant', 'pat').storeLabel, 'overlay, pat');
});

test('archives go where podman says, and where it does not say, to /var/tmp', (t) => {
  t.is(podmanFacts(info, 'plant', 'pat').archiveFolder, '/srv/tmp');
  const { imageCopyTmpDir: _, ...store } = info.store;
  t.is(podmanFacts({ ...info, store }, 'plant', 'pat').archiveFolder, '/var/tmp');
});

test('an answer that is no podman info is refused', (t) => {
  t.throws(() => podmanFacts({ ServerVersion: '28' }, 'plant', 'pat'), { code: 'FAR_ENGINE_UNSUPPORTED' });
});

test('podman is guessed where it is there, and named where docker is down', (t) => {
  t.is(enginesBeside(probe)[0], 'podman');
  t.deepEqual(enginesBeside({ others: ['docker'] }), []);
  const error = t.throws(() => engineFacts(probe, 'docker', 'plant'), { code: 'FAR_ENGINE_DOWN' });
  t.regex(String((error as { hint?: string }).hint), /--engine podman/);
});
