// Everything that can be wrong with a host or a wish: its code, its exit code, and the far side as it was.
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import {
  buildApp,
  buildBusybox,
  buildImage,
  expectRuns,
  inspectImage,
  listNames,
} from '../helpers/real-images.js';
import { needsOf, type RigHost, type SshAccess, shareRig, withRigHost } from '../rig/rig.js';

const test = needing(...needsOf('d20'), 'sudo', 'tcsh', 'fish');
const rig = shareRig({ test, hosts: ['d20'] });

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  await buildBusybox(docker);
  await buildApp(docker, { reference: 'plant/app:1', from: 'busybox:latest', message: 'app one' });
  await buildImage(docker, { reference: 'plant/large:1', layers: [{ randomBytes: 40_000_000 }] });
});

async function withNear(body: (near: Near) => Promise<void>): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await body(near);
  } finally {
    await near.remove();
  }
}

const send = (
  near: Near,
  ssh: SshAccess,
  images: readonly string[],
  more: readonly string[] = [],
): Promise<Outcome> => near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json', ...more]);

/** Names and images as the engine has them: what must not change when a send fails. */
async function state(host: RigHost): Promise<string> {
  const images = await host.docker(['image', 'ls', '--all', '--no-trunc', '--quiet']);
  return JSON.stringify([await listNames(host.docker), images.stdout.split('\n').toSorted()]);
}

test.serial('an unknown image is refused with near names', async (t) => {
  await withNear(async (near) => {
    const outcome = await send(near, rig.host('d20').ssh, ['plant/ap:1']);
    t.is(outcome.errorCode, 'IMAGE_UNKNOWN');
    t.is(outcome.exitCode, 10);
    t.true(outcome.stdout.includes('plant/app:1'));
  });
});

test.serial('no such host, a closed port and a wrong key each have their code', async (t) => {
  await withNear(async (near) => {
    const { ssh } = rig.host('d20');
    const options = ['plant/app:1', '-F', 'none', '-o', `UserKnownHostsFile=${ssh.knownHostsFile}`, '--json'];
    const nobody = await near.run(['send', 'no-such-host.invalid', ...options]);
    t.is(nobody.errorCode, 'HOST_UNKNOWN');
    t.is(nobody.exitCode, 30);
    const closed = await near.run(['send', 'root@127.0.0.1:1', ...options]);
    t.is(closed.errorCode, 'HOST_REFUSED');
    const keyless = await near.run(['send', `root@127.0.0.1:${ssh.port}`, ...options]);
    t.is(keyless.errorCode, 'SSH_AUTH_FAILED');
    t.is(keyless.exitCode, 32);
  });
});

test.serial(
  'a host that is not known is refused without a terminal, and learnt when that is allowed',
  async (t) => {
    await withNear(async (near) => {
      const { ssh } = rig.host('d20');
      const known = path.join(near.folder, 'known_hosts');
      const options = [
        'plant/app:1',
        '-F',
        'none',
        '-i',
        ssh.identityFile,
        '-o',
        `UserKnownHostsFile=${known}`,
        '--json',
      ];
      const target = `root@127.0.0.1:${ssh.port}`;
      const unknown = await near.run(['send', target, ...options]);
      t.is(unknown.errorCode, 'HOST_KEY_UNKNOWN');
      t.is(unknown.exitCode, 31);
      const learnt = await near.run(['send', target, ...options, '--accept-new-host-key', '--dry-run']);
      t.is(learnt.exitCode, 0, learnt.stderr);
      t.true((await readFile(known, 'utf8')).includes('127.0.0.1'));
    });
  },
);

test.serial(
  'host-key-swap: a changed host key is refused with file and line, whatever is allowed',
  async (t) => {
    await withRigHost('d20', async (host) => {
      await withNear(async (near) => {
        await host.changeHostKey();
        for (const more of [[], ['--accept-new-host-key']]) {
          const outcome = await send(near, host.ssh, ['plant/app:1'], more);
          t.is(outcome.errorCode, 'HOST_KEY_CHANGED');
          t.true(outcome.stdout.includes(host.ssh.knownHostsFile));
        }
      });
    });
  },
);

test.serial('an engine that is down is told, and works again when it is up', async (t) => {
  await withNear(async (near) => {
    const host = rig.host('d20');
    await host.stopEngine();
    try {
      const outcome = await send(near, host.ssh, ['plant/app:1']);
      t.is(outcome.errorCode, 'FAR_ENGINE_DOWN');
      t.is(outcome.exitCode, 40);
    } finally {
      await host.startEngine();
    }
    t.is((await send(near, host.ssh, ['plant/app:1'])).exitCode, 0);
  });
});

test.serial('a user without rights is refused, and served by sudo without a password', async (t) => {
  await withNear(async (near) => {
    const host = rig.host('d20');
    await host.wipe();
    const none = await host.addUser({ docker: 'none' });
    const denied = await send(near, none.ssh, ['plant/app:1']);
    t.is(denied.errorCode, 'FAR_ENGINE_DENIED');
    t.is(denied.exitCode, 41);
    const sudo = await host.addUser({ docker: 'sudo' });
    const served = await send(near, sudo.ssh, ['plant/app:1']);
    t.is(served.exitCode, 0, served.stderr);
    await expectRuns(host.docker, 'plant/app:1', 'app one');
  });
});

test.serial('sudo that wants a password is refused without a terminal', async (t) => {
  await withNear(async (near) => {
    const user = await rig.host('d20').addUser({ docker: 'sudo-password' });
    const outcome = await send(near, user.ssh, ['plant/app:1']);
    t.is(outcome.errorCode, 'FAR_ENGINE_DENIED');
  });
});

for (const shell of ['/bin/tcsh', '/usr/bin/fish']) {
  test.serial(`a login shell of ${path.basename(shell)} is no hindrance`, async (t) => {
    await withNear(async (near) => {
      const host = rig.host('d20');
      await host.wipe();
      const user = await host.addUser({ shell, docker: 'group' });
      const outcome = await send(near, user.ssh, ['plant/app:1']);
      t.is(outcome.exitCode, 0, outcome.stderr);
      await expectRuns(host.docker, 'plant/app:1', 'app one');
    });
  });
}

test.serial('a login script that prints is told, not guessed at', async (t) => {
  await withNear(async (near) => {
    const host = rig.host('d20');
    const user = await host.addUser({ shell: '/bin/bash', docker: 'group' });
    await host.inside(['sh', '-c', `printf 'echo welcome aboard\\n' >${user.home}/.bashrc`]);
    const outcome = await send(near, user.ssh, ['plant/app:1']);
    t.is(outcome.errorCode, 'FAR_ANSWER');
    t.is(outcome.exitCode, 43);
  });
});

test.serial(
  'full-disk: too little room is refused before the first byte, and the far side stays as it was',
  async (t) => {
    const room = 120_000_000;
    await withRigHost(
      'd20',
      async (host) => {
        await withNear(async (near) => {
          const before = await state(host);
          await host.inside(['sh', '-c', `head -c 60000000 /dev/zero >${host.dataRoot}/filler`]);
          const outcome = await send(near, host.ssh, ['plant/large:1']);
          t.is(outcome.errorCode, 'TARGET_FULL', outcome.stderr);
          t.is(outcome.exitCode, 45);
          t.is(await state(host), before);
        });
      },
      { dataBytes: room },
    );
  },
);

test.serial('near-disk-full: a spool without room is refused with its path', async (t) => {
  await withNear(async (near) => {
    const { run } = await import('../rig/rig.js');
    const spool = path.join(near.folder, 'small');
    await run(['mkdir', spool]);
    await run(['mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', spool]);
    try {
      const outcome = await send(near, rig.host('d20').ssh, ['plant/large:1'], ['--spool', spool]);
      t.is(outcome.errorCode, 'SPOOL_FULL');
      t.is(outcome.exitCode, 14);
    } finally {
      await run(['umount', spool]);
    }
  });
});

test.serial('another platform is refused unless it was asked for', async (t) => {
  await withNear(async (near) => {
    const host = rig.host('d20');
    const layout = path.join(near.folder, 'arm');
    await near.run(['send', 'local:', 'plant/app:1', '--engine', `layout:${layout}`, '--json']);
    const blobs = path.join(layout, 'blobs/sha256');
    const { digestOf, hexOf } = await import('../../src/oci/digest.js');
    const swap = async (from: string, change: (text: string) => string): Promise<[string, number]> => {
      const bytes = Buffer.from(change(await readFile(path.join(blobs, from), 'utf8')));
      await writeFile(path.join(blobs, hexOf(digestOf(bytes))), bytes);
      return [digestOf(bytes), bytes.byteLength];
    };
    const index = JSON.parse(await readFile(path.join(layout, 'index.json'), 'utf8'));
    const manifest = JSON.parse(await readFile(path.join(blobs, index.manifests[0].digest.slice(7)), 'utf8'));
    const [config, configSize] = await swap(manifest.config.digest.slice(7), (text) =>
      text.replace('"amd64"', '"arm64"'),
    );
    const [digest, size] = await swap(index.manifests[0].digest.slice(7), () =>
      JSON.stringify({ ...manifest, config: { ...manifest.config, digest: config, size: configSize } }),
    );
    index.manifests[0] = {
      ...index.manifests[0],
      digest,
      size,
      platform: { os: 'linux', architecture: 'arm64' },
    };
    await writeFile(path.join(layout, 'index.json'), JSON.stringify(index));
    t.true((await readdir(blobs)).length > 3);
    const refused = await send(near, host.ssh, [`oci:${layout}`]);
    t.is(refused.errorCode, 'TARGET_PLATFORM', refused.stdout);
    t.is(refused.exitCode, 46);
    const asked = await send(near, host.ssh, [`oci:${layout}=plant/arm:1`], ['--platform', 'linux/arm64']);
    t.is(asked.exitCode, 0, asked.stderr);
    t.truthy(await inspectImage(host.docker, 'plant/arm:1'));
  });
});

test.serial('a plan sends nothing and changes nothing', async (t) => {
  await withNear(async (near) => {
    const host = rig.host('d20');
    await host.wipe();
    const before = await state(host);
    const outcome = await near.run([
      'plan',
      host.ssh.alias,
      'plant/large:1',
      '-F',
      host.ssh.configFile,
      '--json',
    ]);
    t.is(outcome.exitCode, 0, outcome.stderr);
    t.is(outcome.plans[0]?.totals.sendCount, 1);
    t.deepEqual(outcome.receipts, []);
    t.is(await state(host), before);
  });
});

test.serial(
  'some of several hosts failing has an exit code of its own, and the others are served',
  async (t) => {
    await withNear(async (near) => {
      const { ssh } = rig.host('d20');
      const outcome = await send(near, { ...ssh, alias: `${ssh.alias},root@127.0.0.1:1` }, ['plant/app:1']);
      t.is(outcome.errorCode, 'HOSTS_FAILED');
      t.is(outcome.exitCode, 3);
      t.is(outcome.receipts.length, 1);
    });
  },
);
