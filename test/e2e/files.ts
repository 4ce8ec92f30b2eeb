// Files beside images, to real machines: repo files by distribution, daemon.json merged, reloaded and proved, all of it taken back.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { daemonConfigOf, readsDaemonJson } from '../helpers/daemon-config.js';
import { needing } from '../helpers/needs.js';
import { buildBusybox, listNames } from '../helpers/real-images.js';
import { needsOf, type RigHost, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28g'] as const;
const test = needing(...needsOf(...kinds));
const rig = shareRig({ test, hosts: kinds });

const repo = `[docker-ce-stable]
name=Docker CE Stable - $basearch
baseurl=https://download.docker.com/linux/centos/$releasever/$basearch/stable
enabled=1
gpgcheck=1
gpgkey=https://download.docker.com/linux/centos/gpg
`;

const inside = async (host: RigHost, script: string): Promise<string> =>
  (await host.inside(['sh', '-c', script])).stdout;

/** A near side of its own, a host that looks like a distribution, and `airgap send` between them. */
async function withHost(
  kind: (typeof kinds)[number],
  body: (parts: {
    near: Near;
    host: RigHost;
    airgap: (command: string, ...words: string[]) => Promise<Outcome>;
    file: (name: string, content: string) => Promise<string>;
  }) => Promise<void>,
): Promise<void> {
  const host = rig.host(kind);
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    const config = daemonConfigOf(host);
    await inside(host, `[ ! -h ${config} ] || cp --remove-destination ${config}.first ${config}`);
    await inside(host, 'rm -rf /etc/yum.repos.d /etc/docker/daemon.json /opt/app; mkdir -p /etc/docker');
    await body({
      near,
      host,
      airgap: (command, ...words) =>
        near.run([command, host.ssh.alias, ...words, '-F', host.ssh.configFile, '--json']),
      file: async (name, content) => {
        await mkdir(path.join(near.folder, 'files'), { recursive: true });
        await writeFile(path.join(near.folder, 'files', name), content);
        return path.join(near.folder, 'files', name);
      },
    });
  } finally {
    await near.remove();
    await host.wipe();
  }
}

const lookLike = (host: RigHost, id: string, like: string): Promise<string> =>
  inside(host, `rm -f /etc/os-release; printf 'ID="${id}"\\nID_LIKE="${like}"\\n' >/etc/os-release`);

test.serial('a repo file goes to a host of its family, alone, and comes back', async (t) => {
  await withHost('d20', async ({ host, airgap, file }) => {
    await lookLike(host, 'rocky', 'rhel centos fedora');
    const sent = await airgap('send', '--repo', await file('docker-ce.repo', repo));
    t.is(sent.exitCode, 0, sent.stderr);
    t.is(await inside(host, 'cat /etc/yum.repos.d/docker-ce.repo'), repo);
    t.is(await inside(host, 'stat -c "%a %u %g" /etc/yum.repos.d/docker-ce.repo'), '644 0 0\n');
    const [receipt] = sent.receipts;
    t.like(receipt, {
      images: [],
      files: [{ to: '/etc/yum.repos.d/docker-ce.repo', previous: null, mode: '0644' }],
    });
    const again = await airgap('send', '--repo', await file('docker-ce.repo', repo));
    t.is(again.plans[0]?.files?.[0]?.state, 'same');
    t.is(again.receipts[0]?.files?.[0]?.backup, null);
    const back = await airgap('rollback', receipt?.id ?? '');
    t.is(back.exitCode, 0, back.stderr);
    t.is(
      await inside(host, 'ls -d /etc/yum.repos.d 2>&1 || :').then((said) => said.includes('No such')),
      true,
    );
  });
});

test.serial(
  'a repo file for another family is refused, and so is one that its reader would not take',
  async (t) => {
    await withHost('d20', async ({ host, airgap, file }) => {
      await lookLike(host, 'debian', '');
      const wrong = await airgap('send', '--repo', await file('docker-ce.repo', repo));
      t.is(wrong.errorCode, 'FILE_FAMILY');
      t.is(wrong.exitCode, 49);
      const copied = await airgap('plan', '--file', `${await file('x', repo)}:/etc/yum.repos.d/x.repo`);
      t.is(copied.plans[0]?.refusals[0]?.code, 'FILE_FAMILY');
      const broken = await airgap('send', '--repo', await file('docker.list', 'deb\n'));
      t.is(broken.errorCode, 'FILE_INVALID');
      const away = await airgap('send', '--file', `${await file('x', '')}:/etc/cron.d/x`);
      t.is(away.errorCode, 'FILE_REFUSED');
      t.is(
        await inside(
          host,
          'ls /etc/apt/sources.list.d /etc/yum.repos.d 2>/dev/null; ls /etc/cron.d/x 2>/dev/null || :',
        ).then((said) => /docker|x$/m.test(said)),
        false,
      );
    });
  },
);

test.serial(
  'images and files travel together; a file that is there is changed only when somebody agrees',
  async (t) => {
    await buildBusybox(rig.near.docker, 'base:1');
    await withHost('d20', async ({ host, airgap, file }) => {
      await inside(
        host,
        'mkdir -p /opt/app; echo old >/opt/app/conf; chmod 640 /opt/app/conf; chown 7:8 /opt/app/conf',
      );
      const option = ['--file', `${await file('conf', 'old\nnew\n')}:/opt/app/conf`];
      const planned = await airgap('plan', 'base:1', ...option);
      t.like(planned.plans[0]?.files?.[0], {
        state: 'change',
        mode: '0640',
        previous: { uid: 7, gid: 8, mode: '0640' },
      });
      t.is(planned.plans[0]?.files?.[0]?.diff, undefined, 'what is not for everybody is not shown');
      const refused = await airgap('send', 'base:1', ...option);
      t.is(refused.errorCode, 'PROMPT_REFUSED');
      t.is(await inside(host, 'cat /opt/app/conf'), 'old\n');
      const sent = await airgap('send', 'base:1', ...option, '--yes');
      t.is(sent.exitCode, 0, sent.stderr);
      t.is(await inside(host, 'cat /opt/app/conf; stat -c "%a %u %g" /opt/app/conf'), 'old\nnew\n640 7 8\n');
      t.deepEqual(await listNames(host.docker), ['base:1']);
    });
  },
);

test.serial('images stay and are told when the files after them cannot be put in place', async (t) => {
  await withHost('d20', async ({ host, airgap, file }) => {
    await inside(
      host,
      'mkdir -p /opt/app && mount -t tmpfs -o size=64k none /opt/app && echo old >/opt/app/a',
    );
    const sent = await airgap(
      'send',
      'base:1',
      '--yes',
      '--file',
      `${await file('a', 'new')}:/opt/app/a`,
      '--file',
      `${await file('b', 'x'.repeat(200_000))}:/opt/app/b`,
    );
    t.is(await inside(host, 'cat /opt/app/a; ls -A /opt/app; umount /opt/app'), 'old\na\n');
    t.is(sent.errorCode, 'TARGET_FULL');
    t.is(sent.exitCode, 45);
    t.like(sent.receipts[0], {
      images: [{ reference: 'base:1' }],
      files: [],
      filesFailed: { code: 'TARGET_FULL' },
    });
  });
});

for (const kind of kinds) {
  test.serial(`daemon.json is merged, reloaded, proved and taken back on ${kind}`, async (t) => {
    await withHost(kind, async ({ host, airgap }) => {
      await readsDaemonJson(host);
      const before = await inside(
        host,
        'cat /etc/docker/daemon.json; stat -c "%a %u %g" /etc/docker/daemon.json',
      );
      const keys = [
        '--daemon-key',
        'registry-mirrors=["https://mirror.lan"]',
        '--daemon-key',
        'insecure-registries=["registry.lan:5000"]',
        '--daemon-key',
        'log-level="info"',
      ];
      const sent = await airgap('send', ...keys, '--reload', '--yes');
      t.is(sent.exitCode, 0, sent.stdout);
      t.like(sent.plans[0]?.files?.[0], {
        state: 'change',
        reload: ['registry-mirrors', 'insecure-registries'],
        restart: ['log-level'],
      });
      const merged = JSON.parse(await inside(host, 'cat /etc/docker/daemon.json'));
      t.deepEqual(merged['exec-opts'], ['native.cgroupdriver=cgroupfs']);
      t.deepEqual(sent.receipts[0]?.reload, {
        shown: ['registry-mirrors', 'insecure-registries'],
        unshown: [],
        restart: ['log-level'],
      });
      const info = await host.docker(['info', '--format', '{{json .RegistryConfig}}']);
      t.regex(
        info.stdout,
        /https:\/\/mirror\.lan\/.*registry\.lan:5000|registry\.lan:5000.*https:\/\/mirror\.lan\//,
      );
      const back = await airgap('rollback');
      t.is(back.exitCode, 0, back.stderr);
      t.is(
        await inside(host, 'cat /etc/docker/daemon.json; stat -c "%a %u %g" /etc/docker/daemon.json'),
        before,
      );
    });
  });
}

test.serial(
  'keys that dockerd does not know are refused by dockerd itself where it can say so',
  async (t) => {
    await withHost('d28g', async ({ host, airgap }) => {
      await readsDaemonJson(host);
      const before = await inside(host, 'cat /etc/docker/daemon.json');
      const sent = await airgap('send', '--daemon-key', 'no-such-key=1', '--yes');
      t.is(sent.errorCode, 'FILE_INVALID');
      t.regex(sent.stdout, /no-such-key/);
      t.is(await inside(host, 'cat /etc/docker/daemon.json; ls -A /etc/docker'), `${before}daemon.json\n`);
    });
  },
);

test.serial('a reload that dockerd does not take puts the old file back', async (t) => {
  await withHost('d20', async ({ host, airgap }) => {
    await readsDaemonJson(host);
    const before = await inside(host, 'cat /etc/docker/daemon.json');
    // 20.10 cannot validate, and refuses this mirror when it reads the file again.
    const sent = await airgap(
      'send',
      '--daemon-key',
      'registry-mirrors=["mirror without scheme"]',
      '--reload',
      '--yes',
    );
    t.is(sent.errorCode, 'INSTALL_FAILED', sent.stdout);
    t.is(await inside(host, 'cat /etc/docker/daemon.json'), before);
    t.is((await host.docker(['info'])).exitCode, 0);
  });
});

test.serial('a host without an engine takes files', async (t) => {
  await withHost('d20', async ({ host, airgap, file }) => {
    await host.stopEngine();
    try {
      const sent = await airgap('send', '--file', `${await file('x', 'x')}:/opt/app/x:0600`);
      t.is(sent.exitCode, 0, sent.stdout);
      t.is(await inside(host, 'stat -c %a /opt/app/x'), '600\n');
      t.is(sent.receipts[0]?.engine.name, 'none');
    } finally {
      await host.startEngine();
    }
  });
});

test.serial('this machine takes files back, too', async (t) => {
  const near = await createNear();
  try {
    // As the folders of certs.d are called.
    const target = path.join(near.folder, 'deep/registry.lan:5000/x');
    await writeFile(path.join(near.folder, 'x'), 'x');
    const sent = await near.run([
      'send',
      'local:',
      '--file',
      `${near.folder}/x:${target}`,
      '--allow-dir',
      near.folder,
    ]);
    t.is(sent.exitCode, 0, sent.stderr);
    t.is(await readFile(target, 'utf8'), 'x');
    const back = await near.run(['rollback']);
    t.regex(back.stdout, /^What airgap had changed, receipt [0-9a-f-]{36}:\n/);
    t.true(back.stdout.endsWith(`\n${target} is gone again\n`), back.stdout);
    const nothing = await near.run(['rollback']);
    t.is(nothing.exitCode, 49);
  } finally {
    await near.remove();
  }
});
