import type { EngineCall } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import { client, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOf, type RigUserOptions, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20'), 'sudo'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });
const temporary = 'airgap.local/loading:test-1';

for (const shell of otherShells) {
  const openAs = async (options: RigUserOptions) => {
    const user = await rig.host('d20').addUser(options);
    const host = shellHost(sshHost(user), shells[shell]);
    const far = await openFar(host, { client, hostName: 'd20', timeouts: { silenceMs: 240_000 } });
    return { user, far };
  };
  const loadAndName = async (far: Awaited<ReturnType<typeof openFar>>, call: EngineCall, to: string) => {
    const image = farImage({ storeKind: 'graphdriver', name: temporary, layers: [400_000], codec: 'gzip' });
    await far.begin();
    await putAll(far, image.segments);
    const play = await far.openPlay(call, temporary);
    for (const line of image.recipe) await play.line(line);
    await play.loaded;
    const found = await far.verify(call, temporary, { create: true });
    await far.name(call, { from: temporary, to, previous: 'airgap.local/previous:test-1' });
    await far.unname(call, [temporary]);
    return { image, found };
  };

  test(`sudo without a password is found and used (${shell})`, async (t) => {
    await rig.host('d20').wipe();
    const { far } = await openAs({ docker: 'sudo' });
    const first = await far.probe({ engine: 'docker', sudo: 'no' });
    t.like(first, { engine: { state: 'denied' }, sudo: 'n' });
    const call = { engine: 'docker', sudo: 'n' } as const;
    t.is((await far.probe(call)).engine.state, 'up');
    const { image, found } = await loadAndName(far, call, 'by-sudo:1');
    t.is(found?.farId, image.imageId);
    t.deepEqual([...(await far.held(call)).tags.keys()], ['by-sudo:1']);
  });

  test(`a password given where sudo asks for none never reaches the data (${shell})`, async (t) => {
    await rig.host('d20').wipe();
    const { far } = await openAs({ docker: 'sudo' });
    const call = { engine: 'docker', sudo: 'ask', password: 'swordfish$(id)"\'' } as const;
    const { image, found } = await loadAndName(far, call, 'unasked:1');
    t.is(found?.farId, image.imageId);
    t.deepEqual(
      (await far.held(call)).images.map(({ farId }) => farId),
      [image.imageId],
    );
  });

  test(`a password is passed on to sudo and loads, proves, names and saves (${shell})`, async (t) => {
    await rig.host('d20').wipe();
    const { far, user } = await openAs({ docker: 'sudo-password' });
    t.like(await far.probe({ engine: 'docker', sudo: 'no' }), {
      engine: { state: 'denied' },
      sudo: 'password',
    });
    const call = { engine: 'docker', sudo: 'ask', password: user.password ?? '' } as const;
    t.like(await far.probe(call), { engine: { state: 'up' }, sudo: 'password' });
    const { image, found } = await loadAndName(far, call, 'by-password:1');
    t.is(found?.farId, image.imageId);
    const base = 'airgap.local/base:test-1';
    await far.hold(call, image.imageId, base);
    await far.unname(call, [base]);
    t.deepEqual([...(await far.held(call)).tags.keys()], ['by-password:1']);
    const manifest = JSON.parse(Buffer.from(await far.unpack(call, image.imageId)).toString());
    t.is(manifest[0].Layers.length, 1);
  });

  test(`sudo that forgets at once is fed for every call (${shell})`, async (t) => {
    const host = rig.host('d20');
    await host.wipe();
    const { far, user } = await openAs({ docker: 'sudo-password' });
    const rule = `Defaults:${user.name} timestamp_timeout=0\n`;
    const write = ['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${user.name}-forget`];
    await host.inside(write, { input: rule });
    const call = { engine: 'docker', sudo: 'ask', password: user.password ?? '' } as const;
    const { image, found } = await loadAndName(far, call, 'forgetful:1');
    t.is(found?.farId, image.imageId);
  });

  test(`a wrong password is denied after one try (${shell})`, async (t) => {
    const host = rig.host('d20');
    const { far, user } = await openAs({ docker: 'sudo-password' });
    await host.inside(['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${user.name}-log`], {
      input: `Defaults:${user.name} logfile=/var/tmp/${user.name}.log\n`,
    });
    const call = { engine: 'docker', sudo: 'ask', password: 'not the one' } as const;
    for (const attempt of [far.probe(call), far.openPlay(call, temporary)]) {
      t.like(await t.throwsAsync(attempt), {
        code: 'FAR_SUDO_DENIED',
        facts: { problem: 'the password is wrong' },
      });
    }
    const { stdout } = await host.inside([
      'sh',
      '-c',
      `cat /var/tmp/${user.name}.log; rm -f /var/tmp/${user.name}.log`,
    ]);
    t.is(stdout.match(/incorrect password attempt/g)?.length, 2);
    t.is(stdout.match(/1 incorrect password attempt /g)?.length, 2, 'one try for each call');
    t.false(stdout.includes('not the one'));
  });

  test(`a user whom sudo does not know is told so (${shell})`, async (t) => {
    const { far, user } = await openAs({ docker: 'none', password: 'a known one' }).catch(() =>
      openAs({ docker: 'none' }),
    );
    t.is((await far.probe({ engine: 'docker', sudo: 'no' })).engine.state, 'denied');
    const call = { engine: 'docker', sudo: 'ask', password: user.password ?? 'x' } as const;
    await t.throwsAsync(far.held(call), { code: 'FAR_SUDO_DENIED' });
  });
}
