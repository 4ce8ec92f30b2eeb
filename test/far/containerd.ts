// The far program of containerd on the real one: the contract, and by sudo with a password.
import type { EngineCall } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import type { Host } from '../../src/hosts/host.js';
import { farEngineContract } from '../contract/far-engine.js';
import { client, notesOfProcesses, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { type FarTestImage, farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { containerdKinds, needsOfContainerd, outerContainerds, shareContainerd } from '../rig/containerd.js';
import { contractKinds } from '../rig/types.js';

const kinds = contractKinds(containerdKinds, outerContainerds);
const needs = [...needsOfContainerd(...kinds), 'sudo'];
const { serial: test } = needing(...needs);
const rig = shareContainerd({ test: needing(...needs), hosts: kinds, near: false });
const temporary = 'airgap.local/loading:test-1';
const plain: EngineCall = { engine: 'containerd', sudo: 'no' };

const open = (host: Host) =>
  openFar(host, { client, hostName: 'node', engine: 'containerd', timeouts: { silenceMs: 240_000 } });

async function play(far: Awaited<ReturnType<typeof open>>, call: EngineCall, image: FarTestImage) {
  await far.begin();
  await putAll(far, image.segments);
  const playing = await far.openPlay(call, temporary);
  for (const line of image.recipe) await playing.line(line);
  await playing.loaded;
}

for (const shell of otherShells) {
  test(`a password is passed on to sudo and loads, proves, names and saves (${shell})`, async (t) => {
    const host = rig.host('c16');
    await host.wipe();
    const user = await host.addUser({ docker: 'sudo-password' });
    const far = await open(shellHost(sshHost(user), shells[shell]));
    t.like(await far.probe(plain), { engine: { state: 'denied' }, sudo: 'password' });
    const call: EngineCall = { engine: 'containerd', sudo: 'ask', password: user.password ?? '' };
    t.like(await far.probe(call), { engine: { state: 'up' }, sudo: 'password' });
    const image = farImage({
      storeKind: 'containerd',
      name: temporary,
      layers: [400_000, 9000],
      codec: 'gzip',
    });
    await play(far, call, image);
    const found = await far.verify(call, temporary, { create: true });
    t.like(found, { farId: image.manifest, diffIds: image.diffIds, created: true });
    await far.name(call, { from: temporary, to: 'by-password:1', previous: 'airgap.local/previous:test-1' });
    await far.unname(call, [temporary]);
    const held = await far.held(call);
    t.deepEqual([...held.tags], [['by-password:1', image.manifest]]);
    for (const diffId of image.diffIds) t.true(held.blobs.has(diffId));
    const manifest = JSON.parse(
      Buffer.from(await far.unpack(call, image.manifest ?? image.imageId)).toString(),
    );
    t.is(manifest[0].Layers.length, 2);
    t.deepEqual([...(await host.names()).keys()], ['docker.io/library/by-password:1']);
  });
}

for (const kind of kinds)
  farEngineContract({
    test,
    title: kind,
    kind: 'containerd',
    with: async (use) => {
      const host = rig.host(kind);
      await host.wipe();
      const names = async () =>
        [...(await host.names()).entries()].filter(([name]) => !name.startsWith('sha256:')).toSorted();
      await use({
        far: await open(sshHost(host)),
        call: plain,
        names: async () => (await names()).map(([name]) => name),
        listing: async () => JSON.stringify(await names()),
        left: () => notesOfProcesses(host),
      });
    },
  });
