// The far program of podman on the real one: the contract, and whose store is meant, which is never guessed: they are one user's each.
import type { EngineCall, Far } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import type { Host } from '../../src/hosts/host.js';
import { farEngineContract } from '../contract/far-engine.js';
import { client, notesOfProcesses, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOf, shareRig } from '../rig/rig.js';
import { contractKinds, outerPodmans, podmanKinds } from '../rig/types.js';

const kinds = contractKinds(podmanKinds, outerPodmans);
const needs = [...needsOf(...kinds), 'sudo', 'rootless'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: kinds, near: false });
const temporary = 'airgap.local/loading:test-1';

const open = (host: Host): Promise<Far> =>
  openFar(host, { client, hostName: 'p', engine: 'podman', timeouts: { silenceMs: 240_000 } });

for (const shell of otherShells) {
  /** A user of that machine, and what sudo lets it run. */
  const openAs = async (sudo = '', password?: string) => {
    const machine = rig.host('p43');
    const user = await machine.addUser(password === undefined ? {} : { password });
    if (sudo !== '') {
      const rule = `${user.name} ALL=(root) ${sudo}\n`;
      await machine.inside(['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${user.name}`], {
        input: rule,
      });
    }
    const host = shellHost(sshHost(user), shells[shell]);
    return { user, far: await open(host) };
  };
  const loadAndName = async (far: Far, call: EngineCall, to: string) => {
    const image = farImage({
      storeKind: 'containers-storage',
      name: temporary,
      layers: [400_000],
      codec: 'gzip',
    });
    await far.begin();
    await putAll(far, image.segments);
    const play = await far.openPlay(call, temporary);
    for (const line of image.recipe) await play.line(line);
    await play.loaded;
    const found = await far.verify(call, temporary, { create: false });
    const previous = 'airgap.local/previous:test-1';
    await far.name(call, { from: temporary, to, previous });
    await far.unname(call, [temporary, previous]);
    return { image, found };
  };
  const names = async (): Promise<string> =>
    (await rig.host('p43').docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'])).stdout.trim();

  test(`a user's own podman takes the image, and root's is not touched (${shell})`, async (t) => {
    await rig.host('p43').wipe();
    const { far, user } = await openAs('NOPASSWD: /usr/bin/podman');
    const call = { engine: 'podman', sudo: 'no' } as const;
    const probe = await far.probe(call);
    t.is(probe.engine.state, 'up', JSON.stringify(probe.engine));
    t.is(probe.sudo, 'none', 'sudo would lead to another store');
    t.true(probe.engineRoot?.startsWith(`/home/${user.name}/`), probe.engineRoot);
    const to = 'docker.io/library/mine:1';
    const { image, found } = await loadAndName(far, call, to);
    t.is(found?.farId, image.imageId);
    const held = await far.held(call);
    t.deepEqual([...held.tags], [['mine:1', image.imageId]]);
    t.is(held.blobs.get(image.diffIds[0] ?? image.imageId)?.size, 401_920);
    await far.revert(call, { name: to, farId: image.imageId, previous: undefined });
    t.deepEqual([...(await far.held(call)).tags], [], 'the name has gone');
    t.is((await far.held(call)).images.length, 1, 'the image has not');
    t.is(await names(), '');
  });

  test(`root's podman is reached by sudo, where that is asked for (${shell})`, async (t) => {
    await rig.host('p43').wipe();
    const { far } = await openAs('NOPASSWD: /usr/bin/podman');
    const first = await far.probe({ engine: 'podman:root', sudo: 'no' });
    t.like(first, { engine: { state: 'denied' }, sudo: 'n' });
    const call = { engine: 'podman:root', sudo: 'n' } as const;
    t.is((await far.probe(call)).engine.state, 'up');
    const { image, found } = await loadAndName(far, call, 'docker.io/library/by-sudo:1');
    t.is(found?.farId, image.imageId);
    t.is(await names(), 'docker.io/library/by-sudo:1');
  });

  test(`a password is passed on to sudo and never reaches the archive (${shell})`, async (t) => {
    await rig.host('p43').wipe();
    const password = 'swordfish$(id)"\'';
    const { far } = await openAs('/usr/bin/podman, /usr/bin/sh, /bin/sh', password);
    t.like(await far.probe({ engine: 'podman:root', sudo: 'no' }), {
      engine: { state: 'denied' },
      sudo: 'password',
    });
    const call = { engine: 'podman:root', sudo: 'ask', password } as const;
    const { image, found } = await loadAndName(far, call, 'docker.io/library/by-password:1');
    t.is(found?.farId, image.imageId);
    t.is(await names(), 'docker.io/library/by-password:1');
    await t.throwsAsync(far.held({ ...call, password: 'not the one' }), { code: 'FAR_SUDO_DENIED' });
    // late-refusal: archives are read by a shell there, which is found out before anything travels.
    const { far: other } = await openAs('/usr/bin/podman', password);
    const refused = await t.throwsAsync(other.held(call), { code: 'FAR_SUDO_DENIED' });
    t.regex(refused?.message ?? '', /sudo must let this user run sh, too/);
  });

  test(`why podman refuses an archive is told in one line, not in one for each format (${shell})`, async (t) => {
    const { far } = await openAs();
    const call = { engine: 'podman', sudo: 'no' } as const;
    const image = farImage({
      storeKind: 'containers-storage',
      name: temporary,
      layers: [400_000],
      codec: 'none',
    });
    await far.begin();
    await putAll(far, image.segments);
    const play = await far.openPlay(call, temporary);
    // the metadata names a layer that does not come
    for (const line of image.recipe.filter(({ op }) => op !== 'segment')) await play.line(line);
    const error = await t.throwsAsync(play.loaded, { code: 'LOAD_REJECTED' });
    t.notRegex(error?.message ?? '', /docker-archive|Trying|Getting image/);
    t.deepEqual((await far.held(call)).images, []);
  });
}

for (const kind of kinds)
  farEngineContract({
    test,
    title: kind,
    kind: 'podman',
    with: async (use) => {
      const host = rig.host(kind);
      await host.wipe();
      const lines = async (...args: string[]): Promise<readonly string[]> =>
        (await host.docker(args)).stdout.split('\n').filter(Boolean);
      const list = ['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'];
      // Without the age, which goes on.
      const all = [
        'image',
        'ls',
        '-a',
        '--no-trunc',
        '--format',
        '{{.ID}} {{.Digest}} {{.Repository}}:{{.Tag}} {{.Size}}',
      ];
      await use({
        far: await open(sshHost(host)),
        call: { engine: 'podman', sudo: 'no' },
        names: async () => (await lines(...list)).filter((name) => name !== '<none>:<none>').toSorted(),
        listing: async () => (await lines(...all)).join('\n'),
        left: async () => [...(await lines('ps', '-aq')), ...(await notesOfProcesses(host))],
      });
    },
  });
