// A bundle.yaml by way of a drive: exported, verified, imported by nothing but sh on a host, taken back with airgap rollback.
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Receipt } from '../../src/receipt/receipt.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import { createNear, type Near } from '../helpers/airgap.js';
import { buildDeb } from '../helpers/deb.js';
import { needing } from '../helpers/needs.js';
import { buildBusybox, listNames } from '../helpers/real-images.js';
import { needsOf, type Ran, type RigHost, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20'), 'dpkg-deb');
const rig = shareRig({ test, hosts: ['d20'] });

interface Site {
  readonly near: Near;
  readonly host: RigHost;
  readonly folder: string;
  readonly spec: string;
  readonly inside: (script: string) => Promise<Ran>;
  /** Exports, verifies, and puts the bundle where the host finds it. */
  readonly carry: (...words: string[]) => Promise<void>;
  readonly importIt: (...words: string[]) => Promise<Ran>;
  readonly receipt: () => Promise<Receipt>;
}

async function withSite(
  yaml: string,
  family: 'rhel' | 'debian',
  use: (site: Site) => Promise<void>,
): Promise<void> {
  const host = rig.host('d20');
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  const drive = await mkdtemp(path.join(host.home, 'drive-'));
  const bundle = `/root/${path.basename(drive)}/site`;
  const folder = path.join(near.folder, 'spec');
  const spec = path.join(folder, 'bundle.yaml');
  const inside = (script: string): Promise<Ran> => host.inside(['sh', '-c', script], { mayFail: true });
  try {
    await mkdir(folder);
    await writeFile(spec, `name: site\n${yaml}`);
    await writeFile(path.join(folder, 'motd'), 'hello\n');
    await writeFile(
      path.join(folder, 'docker-ce.repo'),
      '[d]\nname=D\nbaseurl=https://download.docker.com/linux/rhel/9\n',
    );
    await writeFile(path.join(folder, 'docker.asc'), '-----BEGIN PGP PUBLIC KEY BLOCK-----\n');
    await inside(
      `rm -rf /etc/yum.repos.d /etc/pki /etc/docker/daemon.json /opt/edge /srv/airgap /etc/os-release
      mkdir -p /etc/docker; printf 'ID="x"\\nID_LIKE="${family}"\\n' >/etc/os-release
      printf '{"labels": ["a=b"]}\\n' >/etc/docker/daemon.json`,
    );
    await use({
      near,
      host,
      folder,
      spec,
      inside,
      carry: async (...words) => {
        const usb = path.join(near.folder, 'usb');
        await rm(usb, { recursive: true, force: true });
        const made = await near.run(['export', usb, '-f', spec, ...words]);
        if (made.exitCode !== 0) throw new Error(made.stderr);
        const verified = await near.run(['verify', path.join(usb, 'site')]);
        if (verified.exitCode !== 0) throw new Error(verified.stdout);
        await rm(path.join(drive, 'site'), { recursive: true, force: true });
        await cp(path.join(usb, 'site'), path.join(drive, 'site'), { recursive: true });
      },
      importIt: (...words) => inside(`sh ${bundle}/import.sh ${words.join(' ')}`),
      receipt: async () => {
        const returns = path.join(drive, 'airgap-returns');
        const names = (await readdir(returns)).filter((name) => name.endsWith('-receipt.json')).toSorted();
        return receiptSchema.parse(
          JSON.parse(await readFile(path.join(returns, names.at(-1) ?? ''), 'utf8')),
        );
      },
    });
  } finally {
    await inside('rm -rf /etc/docker/daemon.json');
    await rm(drive, { recursive: true, force: true });
    await near.remove();
    await host.wipe();
  }
}

const whole = `images: ["busybox:latest"]
files: [{from: motd, to: /opt/edge/motd, mode: "0600"}]
repos: [{from: docker-ce.repo, baseurl: http://mirror.lan/docker, gpgkey: docker.asc}]
daemon: {registry-mirrors: ["https://mirror.lan"]}
`;

test.serial.before('the images are made', async () => {
  await buildBusybox(rig.near.docker);
});

test.serial(
  'repos, settings and files of a bundle are put in place by sh, and taken back by airgap',
  async (t) => {
    await withSite(whole, 'rhel', async ({ near, host, inside, carry, importIt, receipt }) => {
      await carry();
      const planned = await importIt('--dry-run');
      t.is(planned.exitCode, 0, planned.stderr);
      t.regex(
        planned.stderr,
        /\/etc\/yum\.repos\.d\/docker-ce\.repo: new.*daemon\.json: changes.*\+.*mirror/s,
      );
      t.is((await inside('ls /etc/yum.repos.d 2>/dev/null')).stdout, '');
      const done = await importIt();
      t.is(done.exitCode, 0, done.stderr);
      t.notRegex(done.stderr, /not found/);
      t.is(
        (await inside('cat /etc/yum.repos.d/docker-ce.repo')).stdout,
        '[d]\nname=D\nbaseurl=http://mirror.lan/docker/linux/rhel/9\ngpgkey=file:///etc/pki/rpm-gpg/docker.asc\n',
      );
      t.deepEqual(JSON.parse((await inside('cat /etc/docker/daemon.json')).stdout), {
        labels: ['a=b'],
        'registry-mirrors': ['https://mirror.lan'],
      });
      t.is((await inside('stat -c %a /opt/edge/motd')).stdout, '600\n');
      t.deepEqual(await listNames(host.docker), ['busybox:latest']);
      const first = await receipt();
      t.deepEqual(
        first.files?.map(({ to, backup }) => [to, backup === first.id]),
        [
          ['/opt/edge/motd', true],
          ['/etc/pki/rpm-gpg/docker.asc', true],
          ['/etc/yum.repos.d/docker-ce.repo', true],
          ['/etc/docker/daemon.json', true],
        ],
      );
      const again = await importIt();
      t.is(again.exitCode, 0, again.stderr);
      t.true((await receipt()).files?.every(({ backup }) => backup === null));
      const back = await near.run(['rollback', host.ssh.alias, '-F', host.ssh.configFile]);
      t.is(back.exitCode, 0, back.stderr);
      t.is((await inside('cat /etc/docker/daemon.json')).stdout, '{"labels": ["a=b"]}\n');
      t.is((await inside('ls -d /etc/yum.repos.d /etc/pki/rpm-gpg /opt/edge 2>/dev/null')).stdout, '');
    });
  },
);

test.serial('a repo file for another family stops an import before anything is loaded', async (t) => {
  await withSite(whole, 'debian', async ({ host, inside, carry, importIt }) => {
    await carry();
    const refused = await importIt();
    t.is(refused.exitCode, 49);
    t.regex(refused.stderr, /docker-ce\.repo is of no use on .*\[FILE_FAMILY\]/);
    t.deepEqual(await listNames(host.docker), []);
    t.is((await inside('ls /opt/edge 2>/dev/null')).stdout, '');
    const images = await importIt('--images-only');
    t.is(images.exitCode, 0, images.stderr);
  });
});

test.serial('files are taken back when the names of the images cannot be set after them', async (t) => {
  await withSite(whole, 'rhel', async ({ inside, carry, importIt }) => {
    await carry();
    // The engine is asked for the last time by `docker tag`.
    await inside(
      `mkdir -p /root/bin; printf '#!/bin/sh\\ncase $1 in tag) exit 1 ;; esac\\nexec %s "$@"\\n' "$(command -v docker)" >/root/bin/docker
      chmod 755 /root/bin/docker`,
    );
    const failed = await inside(`PATH=/root/bin:$PATH sh /root/drive-*/site/import.sh`);
    t.not(failed.exitCode, 0);
    t.regex(failed.stderr, /4 files put in place/);
    t.is((await inside('cat /etc/docker/daemon.json')).stdout, '{"labels": ["a=b"]}\n');
    t.is((await inside('ls -d /etc/yum.repos.d /opt/edge 2>/dev/null; rm -rf /root/bin')).stdout, '');
    const whole = await importIt();
    t.is(whole.exitCode, 0, whole.stderr);
  });
});

test.serial('packages of a bundle become a repository there, not installed unless it is said', async (t) => {
  await withSite('packages: [tools]\n', 'debian', async ({ folder, inside, carry, importIt }) => {
    await mkdir(path.join(folder, 'tools'));
    await buildDeb(path.join(folder, 'tools'), { name: 'plant-tools', files: { 'opt/plant/tool': 'x' } });
    await carry();
    const done = await importIt();
    t.is(done.exitCode, 0, done.stderr);
    t.regex(done.stderr, /copied, not installed/);
    t.regex((await inside('cat /srv/airgap/packages/site/tools/Packages')).stdout, /^Package: plant-tools$/m);
    t.is((await inside('ls /opt/plant 2>/dev/null')).stdout, '');
  });
});
