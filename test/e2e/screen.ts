// The built program's screen in a real terminal, against real engines and sshd: what a person does with keys arrives and runs.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { createNear, type Near } from '../helpers/airgap.js';
import { root } from '../helpers/command-line.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, buildImage, expectRuns } from '../helpers/real-images.js';
import { type TmuxTerminal, withTmux } from '../helpers/tmux.js';
import { openLink } from '../rig/link.js';
import { needsOf, type SshAccess, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20', 'd28c'), 'podman', 'tmux', 'busybox');
const rig = shareRig({ test, hosts: ['d20', 'd28c'] });

const heavyBytes = 40_000_000;

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 2_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildImage(docker, {
    reference: 'plant/heavy:1',
    from: 'busybox:latest',
    layers: [{ files: { 'app/message.txt': 'heavy one\n' }, randomBytes: heavyBytes }],
    cmd: ['/bin/busybox', 'cat', '/app/message.txt'],
  });
});

/** A home whose ssh config knows these hosts, and the screen opened in it. */
async function withScreen(
  hosts: readonly SshAccess[],
  use: (terminal: TmuxTerminal, near: Near) => Promise<void>,
): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    await mkdir(path.join(near.folder, '.ssh'));
    const configs = await Promise.all(hosts.map(({ configFile }) => readFile(configFile, 'utf8')));
    await writeFile(path.join(near.folder, '.ssh/config'), configs.join('\n'));
    const env = Object.fromEntries(
      Object.entries(near.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
    );
    const program = `'${path.join(root, 'bin/airgap')}'`;
    await withTmux({ scene: '', args: [], env, program, columns: 120, rows: 36 }, (terminal) =>
      use(terminal, near),
    );
  } finally {
    await near.remove();
  }
}

/** Finds one row by typing some of it, chooses it, and takes the filter away. */
async function choose(terminal: TmuxTerminal, name: string): Promise<void> {
  await terminal.keys('/');
  await terminal.keys('-l', name);
  await terminal.until(new RegExp(`> \\[ \\] ${name}[\\s\\S]*Filter: ${name}_`));
  await terminal.keys('Enter', 'Space');
  await terminal.until(new RegExp(`> \\[x\\] ${name}`));
  await terminal.keys('Escape');
  await terminal.until(/^(?![\s\S]*Filter:)[\s\S]*\d (?:image|bundle)s? ·/);
}

/** From the plan to the end of the run. */
async function planAndStart(terminal: TmuxTerminal): Promise<void> {
  await terminal.keys('4');
  await terminal.until(/Nothing has been sent\. Enter starts/);
  await terminal.keys('Enter');
}

/** While a run goes on: at each of these sizes what is once on the screen is there once, and the keys stand at the bottom. */
async function expectOnePictureAt(
  t: ExecutionContext,
  terminal: TmuxTerminal,
  ...sizes: readonly (readonly [number, number])[]
): Promise<void> {
  for (const [columns, rows] of sizes) {
    await terminal.resize(columns, rows);
    const isOne = (text: string): boolean =>
      [/5 Run/g, /q quit/g].every((once) => text.match(once)?.length === 1);
    let seen = await terminal.rows();
    // A busy machine is slow to draw anew.
    for (let tries = 0; tries < 100 && (tries < 7 || !isOne(seen.join('\n'))); tries += 1) {
      await sleep(100);
      seen = await terminal.rows();
    }
    t.true(isOne(seen.join('\n')), `${columns}x${rows}\n${seen.join('\n')}`);
    t.regex(seen.slice(-4).join('\n'), /q quit/, `${columns}x${rows}`);
    t.true(seen.every((row) => row.length <= columns));
  }
}

test.serial('a first transfer: chosen, planned and started with keys, it runs there', async (t) => {
  const host = rig.host('d20');
  await withScreen([host.ssh], async (terminal) => {
    await terminal.until(/plant\/app:1/);
    await choose(terminal, 'plant/app:1');
    await terminal.keys('2');
    await terminal.until(/docker 20\.10/);
    await choose(terminal, host.ssh.alias);
    await planAndStart(terminal);
    await terminal.until(/Everything arrived and was proved/);
    await expectRuns(host.docker, 'plant/app:1', 'app one');
    await terminal.keys('6', 'Enter');
    t.regex(await terminal.until(/\[6 Proof\]/), /plant\/app:1 +loaded and proved/);
    await terminal.keys('q');
    await terminal.until(/ended with 0/);
  });
});

test.serial('two engines on one host: a key takes the other, and the image is in that one', async (t) => {
  const host = rig.host('d20');
  await host.wipe();
  // This system's podman, which d20 has beside its docker, with a store of this machine's own.
  await host.inside(['mount', '-t', 'tmpfs', 'none', '/var/lib/containers']);
  try {
    await withScreen([host.ssh], async (terminal) => {
      await terminal.until(/plant\/app:1/);
      await choose(terminal, 'plant/app:1');
      await terminal.keys('2');
      await terminal.until(/docker 20\.10/);
      await choose(terminal, host.ssh.alias);
      // The host's own answer: this machine's row can say docker 20.10 as well, and sooner.
      await terminal.until(/E takes another engine:\s+podman/);
      await terminal.keys('E');
      await terminal.until(/podman 4\.3/);
      await planAndStart(terminal);
      await terminal.until(/Everything arrived and was proved/);
    });
    await host.inside(['podman', 'image', 'exists', 'docker.io/plant/app:1']);
    const { exitCode } = await host.docker(['image', 'inspect', 'plant/app:1'], { mayFail: true });
    t.not(exitCode, 0, 'docker did not get it');
  } finally {
    await host.inside(['umount', '-l', '/var/lib/containers']);
  }
});

test.serial('two hosts are sent to at once', async (t) => {
  const [one, two] = [rig.host('d20'), rig.host('d28c')];
  await Promise.all([one.wipe(), two.wipe()]);
  await withScreen([one.ssh, two.ssh], async (terminal) => {
    await terminal.until(/plant\/app:1/);
    await choose(terminal, 'plant/app:1');
    await terminal.keys('2');
    await terminal.until(new RegExp(two.ssh.alias));
    // By name: this machine may have drives, and they are not for a test.
    await choose(terminal, one.ssh.alias);
    await choose(terminal, two.ssh.alias);
    await planAndStart(terminal);
    const screen = await terminal.until(/Everything arrived and was proved/);
    for (const { ssh, docker } of [one, two]) {
      t.regex(screen, new RegExp(`${ssh.alias}: done in`));
      await expectRuns(docker, 'plant/app:1', 'app one');
    }
  });
});

test.serial('a folder gets a bundle, which is imported and runs', async (t) => {
  const host = rig.host('d28c');
  await host.wipe();
  await withScreen([], async (terminal, near) => {
    const drive = path.join(near.folder, 'drive');
    await mkdir(drive);
    await terminal.until(/plant\/app:1/);
    await choose(terminal, 'plant/app:1');
    await terminal.keys('2', '+');
    await terminal.until(/Host \[user@\]host/);
    await terminal.keys('-l', drive);
    await terminal.keys('Enter');
    await terminal.until(/\[x\] \//);
    await planAndStart(terminal);
    await terminal.until(/Written and sealed/);
    const bundle = path.join(drive, 'airgap-bundle');
    const { alias, configFile } = host.ssh;
    const imported = await near.run(['import', bundle, '--to', alias, '-F', configFile, '--json']);
    t.is(imported.exitCode, 0, imported.stderr);
    await expectRuns(host.docker, 'plant/app:1', 'app one');
  });
});

test.serial(
  'what is stopped goes on from there with one key, and a resize meanwhile leaves one picture',
  async (t) => {
    const host = rig.host('d20');
    await host.wipe();
    // Slow enough to be stopped in the middle by somebody who looks now and then.
    const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port }, bytesPerSecond: 2e6 });
    try {
      const ssh = await host.sshVia(link.port);
      await withScreen([ssh], async (terminal) => {
        await terminal.until(/plant\/heavy:1/);
        await choose(terminal, 'plant/heavy:1');
        await terminal.keys('2');
        await terminal.until(/docker 20\.10/);
        await choose(terminal, ssh.alias);
        await planAndStart(terminal);
        await terminal.until(/[1-8]\d %/);
        await expectOnePictureAt(t, terminal, [40, 12], [200, 60], [120, 36]);
        await terminal.until(/[4-9]\d %/);
        await terminal.keys('x');
        await terminal.until(/Stop .*\? What has arrived stays/);
        await terminal.keys('y');
        await terminal.until(/stopped[\s\S]*r sends the rest/);
        await terminal.keys('r');
        await terminal.until(/Everything arrived and was proved/);
        await expectRuns(host.docker, 'plant/heavy:1', 'heavy one');
        t.true(link.upBytes < heavyBytes * 1.35, `${link.upBytes} on the wire for ${heavyBytes}`);
      });
    } finally {
      await link.close();
    }
  },
);

test.serial(
  'full-disk: it fails with what to do and what to press; when there is room, one key sends it',
  async (t) => {
    const host = rig.host('d20');
    await host.wipe();
    const sh = (line: string) => host.inside(['sh', '-c', line]);
    await sh('mkdir -p /small && mount -t tmpfs -o size=200m none /small');
    // Slow enough for the disk to become full in the middle.
    const link = await openLink({ to: { host: host.ssh.host, port: host.ssh.port }, bytesPerSecond: 3e6 });
    try {
      const ssh = await host.sshVia(link.port);
      await withScreen([ssh], async (terminal) => {
        await terminal.until(/plant\/heavy:1/);
        await choose(terminal, 'plant/heavy:1');
        await terminal.keys('2');
        await terminal.until(/docker 20\.10/);
        await choose(terminal, ssh.alias);
        await terminal.keys('4');
        await terminal.until(/Enter starts/);
        await terminal.keys('o', '/');
        await terminal.keys('-l', 'folder on the host');
        await terminal.keys('Enter', 'Enter');
        await terminal.until(/--stage <DIR>, empty for none: _/);
        await terminal.keys('-l', '/small/stage');
        await terminal.keys('Enter');
        await terminal.until(/\[x\] --stage <DIR> +\/small\/stage/);
        await terminal.keys('Escape', 'Escape');
        await terminal.until(/\/small\/stage[\s\S]*Enter starts/);
        await terminal.keys('Enter');
        await terminal.until(/[1-6]\d %/);
        await sh('head -c 300000000 /dev/zero >/small/filler || :');
        const failed = await terminal.until(/failed[\s\S]*\[TARGET_FULL\]/);
        t.regex(failed, /hint: Free some room there.*press r/);
        t.regex(failed, /r tries this one again/);
        await sh('rm /small/filler');
        await terminal.keys('r');
        await terminal.until(/Everything arrived and was proved/);
        await expectRuns(host.docker, 'plant/heavy:1', 'heavy one');
      });
    } finally {
      await link.close();
      await sh('umount -l /small');
    }
  },
);

test.serial('a bundle on a drive is found and imported on a host', async (t) => {
  const host = rig.host('d28c');
  await host.wipe();
  await withScreen([host.ssh], async (terminal, near) => {
    const drive = path.join(near.folder, 'drive');
    await mkdir(drive);
    const made = await near.run(['export', drive, 'plant/app:1', '--name', 'site']);
    t.is(made.exitCode, 0, made.stderr);
    await terminal.until(/plant\/app:1/);
    await terminal.keys('t', 't', 't', '+');
    await terminal.until(/folder or \.tar of a bundle: _/);
    await terminal.keys('-l', drive);
    await terminal.keys('Enter');
    await terminal.until(/\[x\] .*site +\S+ \S+ +site: 1 image/);
    await terminal.keys('2');
    await terminal.until(new RegExp(host.ssh.alias));
    await choose(terminal, host.ssh.alias);
    await planAndStart(terminal);
    await terminal.until(/Everything arrived and was proved/);
    await expectRuns(host.docker, 'plant/app:1', 'app one');
  });
});

test.serial('a host key that has changed is refused, with what to do', async (t) => {
  const host = rig.host('d20');
  await host.changeHostKey();
  await withScreen([host.ssh], async (terminal) => {
    await terminal.until(/plant\/app:1/);
    await choose(terminal, 'plant/app:1');
    await terminal.keys('2');
    const screen = await terminal.until(/\[HOST_KEY_CHANGED\]/);
    t.regex(screen, /hint: \S/);
    await choose(terminal, host.ssh.alias);
    await terminal.keys('4');
    await terminal.until(/\[4 Plan\][\s\S]*\[HOST_KEY_CHANGED\]/);
    await terminal.keys('Enter', '5');
    await terminal.until(/Nothing runs/);
  });
});
