// The golden bundles of every format version must be read and proved, and that of version 1 taken for signed, by every airgap that
// is to come. They are never made again: where this fails, the code is wrong. @see docs/format.md "Versions"
import path from 'node:path';
import { openBundle } from '../../src/bundle/reader.js';
import { checkSignature } from '../../src/bundle/signature.js';
import { verifyBundle } from '../../src/bundle/verifier.js';
import { root } from '../helpers/command-line.js';
import { needing } from '../helpers/needs.js';

const folder = path.join(root, 'test/fixtures/bundle-v1');
const test = needing('sshd');
const digest = 'sha256:15e20cf6900da60b60e0ef6ed76a28bc699cfa2208f4eb31177d681ee3b17142';

needing()('the golden bundle of version 1 is read as it was written, and passes', async (t) => {
  const bundle = await openBundle([path.join(folder, 'golden')]);
  t.is<string, string>(bundle.digest, digest);
  const { manifest } = bundle;
  t.like(manifest, { version: 1, name: 'golden', codec: 'zstd', level: 3, volumes: 1 });
  t.deepEqual(
    manifest.images.map(({ reference }) => reference),
    ['docker.io/plant/bus-info:v1', 'registry.lan:5000/plant/bus-info:v2'],
  );
  t.is(manifest.layers.length, 2);
  t.like(manifest.files[0], { to: '/etc/yum.repos.d/docker-ce.repo', mode: '0644', kind: 'file' });
  t.deepEqual(manifest.packages, [{ set: 'tools', kind: 'deb', names: ['tool'] }]);
  const verified = await verifyBundle(bundle, { deep: true });
  t.deepEqual(verified.findings, []);
  t.is(verified.layerCount, 2);
});

test('the golden bundle of version 1 is signed by the key beside it', async (t) => {
  const { rawManifest, signature, path: place } = await openBundle([path.join(folder, 'golden')]);
  const allowedSigners = path.join(folder, 'allowed-signers');
  const trust = { isRequired: true, allowedSigners, path: place };
  t.like(await checkSignature({ rawManifest, signature, ...trust }), {
    state: 'good',
    signer: 'golden@airgap',
  });
});

needing()('the golden bundle of version 2 is read as it was written, and passes', async (t) => {
  const bundle = await openBundle([path.join(root, 'test/fixtures/bundle-v2/golden')]);
  t.is<string, string>(
    bundle.digest,
    'sha256:94c58055235128dc837b0a830755c959ca795fc5c0f4fef8e1b5d06ec6238202',
  );
  const { manifest } = bundle;
  t.like(manifest, { version: 2, name: 'golden', volumes: 1 });
  const index = 'sha256:67f3bfa721a7b490383f2c9839bfffef5914bc113e9581f947cead2482e6c139';
  t.deepEqual(
    manifest.images.map((image) => [image.reference, image.platform, image.own, image.index as string]),
    ['linux/amd64', 'linux/arm64'].map((platform) => ['docker.io/plant/multi:1', platform, true, index]),
  );
  t.deepEqual(
    manifest.layers.map(({ carried }) => carried),
    [true, true, true],
  );
  const verified = await verifyBundle(bundle, { deep: true });
  t.deepEqual(verified.findings, []);
  t.is(verified.layerCount, 3);
});
