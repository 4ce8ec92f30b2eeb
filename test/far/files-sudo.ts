import { Readable } from 'node:stream';
import { openFar } from '../../src/far/far.js';
import { digestOf } from '../../src/oci/digest.js';
import { client, otherShells, shellHost, shells } from '../helpers/far-box.js';
import { installFile, plainCall, receiptId } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOf, type RigUserOptions, shareRig } from '../rig/rig.js';

const needs = [...needsOf('d20'), 'sudo'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });

for (const shell of otherShells) {
  const openAs = async (options: RigUserOptions, rule?: string) => {
    const host = rig.host('d20');
    const user = await host.addUser(options);
    if (rule !== undefined) {
      await host.inside(['sh', '-c', 'umask 0227; cat >"$1"', 'sh', `/etc/sudoers.d/${user.name}-all`], {
        input: `${user.name} ALL=(root) ${rule}\n`,
      });
    }
    const far = await openFar(shellHost(sshHost(user), shells[shell]), {
      client,
      hostName: 'd20',
      timeouts: { silenceMs: 240_000 },
    });
    await far.begin();
    const inside = async (script: string) => (await host.inside(['sh', '-c', script])).stdout;
    return { far, user, inside };
  };
  const targets = ['/opt/sudo/x'];

  test(`files are put in place by sudo with a password, and taken back by it (${shell})`, async (t) => {
    const { far, user, inside } = await openAs({ docker: 'sudo-password' }, 'ALL');
    await inside('rm -rf /opt/sudo; mkdir /opt/sudo; echo old >/opt/sudo/x; chmod 600 /opt/sudo/x');
    const look = await far.files(plainCall, { allow: [], targets });
    t.is(look.root, 'password');
    t.deepEqual(look.files, [], 'nothing is looked at without the right to');
    const call = { sudo: 'ask', password: user.password ?? '' } as const;
    const seen = await far.files(call, { allow: [], targets });
    t.like(seen.files[0], { state: 'file', mode: '0600', content: Buffer.from('old\n') });
    const files = [
      installFile('/opt/sudo/x', 'new\n', { mode: '0600', wasText: 'old\n' }),
      installFile('/opt/sudo/deep/y', 'y'),
    ];
    await far.install(call, { receipt: receiptId, allow: [], files });
    t.is(
      await inside('cd /opt/sudo; stat -c "%n %a %u" x deep deep/y; cat x'),
      'x 600 0\ndeep 755 0\ndeep/y 644 0\nnew\n',
    );
    const strange = await inside(`find ${user.home} ! -user ${user.name}`);
    t.is(strange, '', 'nothing in the user’s stage belongs to root');
    await t.throwsAsync(far.install(call, { receipt: 'b'.repeat(8), allow: [], files }), {
      code: 'FILE_CHANGED',
    });
    const back = await far.rollback(plainCall, { receipt: 'newest', force: false });
    t.is(back.root, 'password');
    t.is((await far.rollback(call, { receipt: 'newest', force: false })).files.length, 2);
    t.is(await inside('cat /opt/sudo/x; ls -A /opt/sudo'), 'old\nx\n');
    const log = await inside('cat /proc/[0-9]*/cmdline 2>/dev/null | tr "\\0" " "');
    t.false(log.includes(user.password ?? ''), 'the password stands in no argv');
  });

  test(`sudo without a password is found, a password that nobody asked for never becomes data (${shell})`, async (t) => {
    const { far, inside } = await openAs({ docker: 'sudo' }, 'NOPASSWD: ALL');
    await inside('rm -rf /opt/sudo');
    t.is((await far.files(plainCall, { allow: [], targets })).root, 'n');
    await far.install(
      { sudo: 'n' },
      { receipt: receiptId, allow: [], files: [installFile('/opt/sudo/x', 'x')] },
    );
    const ask = { sudo: 'ask', password: 'swordfish' } as const;
    const files = [installFile('/opt/sudo/x', 'again', { wasText: 'x' })];
    await far.install(ask, { receipt: 'c'.repeat(8), allow: [], files });
    t.is(await inside('cat /opt/sudo/x'), 'again');
  });

  test(`a wrong password, and a sudo that allows only docker, change nothing (${shell})`, async (t) => {
    const files = [installFile('/opt/sudo/x', 'x')];
    const wrong = await openAs({ docker: 'sudo-password' }, 'ALL');
    await wrong.inside('rm -rf /opt/sudo');
    const call = { sudo: 'ask', password: 'not the one' } as const;
    t.like(await t.throwsAsync(wrong.far.install(call, { receipt: receiptId, allow: [], files })), {
      code: 'FAR_SUDO_DENIED',
      facts: { problem: 'the password is wrong' },
    });
    const narrow = await openAs({ docker: 'sudo-password' });
    const right = { sudo: 'ask', password: narrow.user.password ?? '' } as const;
    await t.throwsAsync(narrow.far.install(right, { receipt: receiptId, allow: [], files }), {
      code: 'FAR_SUDO_DENIED',
    });
    t.is(await narrow.inside('ls -d /opt/sudo 2>/dev/null || :'), '');
  });

  test(`a user needs no root for folders of their own (${shell})`, async (t) => {
    const { far, user, inside } = await openAs({ docker: 'none' });
    const home = (await inside(`getent passwd ${user.name}`)).split(':')[5] ?? '';
    const target = `${home}/app/x`;
    t.is((await far.files(plainCall, { allow: [home], targets: [target] })).root, 'no');
    await far.install(plainCall, { receipt: receiptId, allow: [home], files: [installFile(target, 'x')] });
    t.is(await inside(`stat -c %U ${target}`), `${user.name}\n`);
    t.is((await far.rollback(plainCall, { receipt: 'newest', force: false })).root, 'no');
  });

  test(`packages are brought and installed by sudo with a password (${shell})`, async (t) => {
    const path = 'ALL\nDefaults:ALL secure_path="/root/fake:/usr/sbin:/usr/bin:/sbin:/bin"';
    const { far, user, inside } = await openAs({ docker: 'sudo-password' }, path);
    await inside(`mountpoint -q /srv || mount -t tmpfs -o mode=755 tmpfs /srv; rm -rf /srv/airgap; mkdir -p /root/fake
      printf '#!/bin/sh\\nid -un >/root/fake/calls; echo "$*" >>/root/fake/calls\\n' >/root/fake/dnf; chmod 755 /root/fake/dnf`);
    t.is((await far.packages(plainCall)).root, 'password');
    const wrong = { sudo: 'ask', password: 'not the one' } as const;
    await t.throwsAsync(far.packages(wrong), { code: 'FAR_SUDO_DENIED' });
    const call = { sudo: 'ask', password: user.password ?? '' } as const;
    t.is((await far.packages(call)).managers.get('rpm'), 'dnf');
    const content = Buffer.from('x'.repeat(70_000));
    const file = {
      path: 'repodata/x',
      bytes: content.byteLength,
      digest: digestOf(content),
      open: () => Promise.resolve(Readable.from([content])),
    };
    const name = { bundle: 'site', set: 'tools' };
    const place = await far.putSet(call, name, [file]);
    t.is(await inside(`stat -c '%a %U %s' ${place}/repodata/x`), '644 root 70000\n');
    await far.setUp(call, name, { kind: 'rpm', names: ['htop'] });
    t.regex(await inside('cat /root/fake/calls'), /^root\n.*install htop\n$/);
    t.is(await inside(`find ${user.home} ! -user ${user.name}`), '');
  });
}
