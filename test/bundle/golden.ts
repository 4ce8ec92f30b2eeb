// The golden bundle of format version 1 must be read, proved and taken for signed by every airgap that is to come. It is never
// made again: where this fails, the code is wrong. @see docs/format.md "Versions"
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
