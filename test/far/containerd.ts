// The far program of containerd on the real one: by sudo, with a password, and what a load that fails leaves.
import type { EngineCall } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import type { Host } from '../../src/hosts/host.js';
import { client, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { type FarTestImage, farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOfContainerd, outerContainerds, shareContainerd } from '../rig/containerd.js';

const needs = [...needsOfContainerd(...outerContainerds), 'sudo'];
const { serial: test } = needing(...needs);
const rig = shareContainerd({ test: needing(...needs), hosts: outerContainerds, near: false });
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

for (const kind of outerContainerds) {
  test(`${kind}: an archive without its last layer is rejected and leaves no name`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const far = await open(sshHost(host));
    const image = farImage({ storeKind: 'containerd', name: temporary, layers: [5000, 6000], omit: 1 });
    t.like(await t.throwsAsync(play(far, plain, image)), { code: 'LOAD_REJECTED' });
    t.deepEqual([...(await host.names()).keys()], []);
  });

  test(`${kind}: a name taken back points at what it was, or is gone`, async (t) => {
    const host = rig.host(kind);
    await host.wipe();
    const far = await open(sshHost(host));
    const [first, second] = [5000, 6000].map((size) =>
      farImage({ storeKind: 'containerd', name: temporary, layers: [size] }),
    );
    const previous = 'airgap.local/previous:test-1';
    await play(far, plain, first!);
    await far.name(plain, { from: temporary, to: 'registry.lan:5000/x:1', previous });
    await play(far, plain, second!);
    const farId = second!.manifest ?? '';
    t.is(await far.name(plain, { from: temporary, to: 'registry.lan:5000/x:1', previous }), first!.manifest);
    await far.revert(plain, { name: 'registry.lan:5000/x:1', farId, previous });
    t.is((await far.held(plain)).tags.get('registry.lan:5000/x:1'), first!.manifest);
    await far.name(plain, { from: temporary, to: 'new:1', previous });
    await far.revert(plain, { name: 'new:1', farId, previous: undefined });
    await far.unname(plain, [temporary, previous]);
    t.deepEqual([...(await host.names()).keys()], ['registry.lan:5000/x:1']);
  });
}
