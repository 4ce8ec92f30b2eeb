// `airgap send --through-registry`: one push, then every host's own engine pulls by digest, is proved, and keeps no name of the way.
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, expectRuns, listNames } from '../helpers/real-images.js';
import { type RegistrySite, withSite } from '../helpers/registry-site.js';
import { needsOfContainerd, shareContainerd } from '../rig/containerd.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import type { RegistryProxy } from '../rig/registry-proxy.js';
import { needsOf, type RigHost, type SshAccess, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20', 'd28c', 'p43'), ...needsOfContainerd('c21'), 'registry');
const rig = shareRig({ test, hosts: ['d20', 'd28c', 'p43'] });
const kubelet = shareContainerd({ test, hosts: ['c21'] });

test.serial.before('the images are made', async () => {
  const { docker } = rig.near;
  const from = await buildBase(docker, 3_000_000);
  await buildApp(docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(docker, { reference: 'plant/app:2', from, message: 'app two' });
  await buildApp(docker, { reference: 'plant/app:3', from, message: 'app three' });
});

async function withNear(
  use: (near: Near, registry: string, site: RegistrySite) => Promise<void>,
): Promise<void> {
  await withSite(async (site) => {
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      await use(near, site.open.host, site);
    } finally {
      await near.remove();
    }
  });
}

const send = (near: Near, { alias, configFile }: SshAccess, ...more: readonly string[]): Promise<Outcome> =>
  near.run(['send', alias, '-F', configFile, '--json', ...more]);

async function sent(t: ExecutionContext, ...line: Parameters<typeof send>): Promise<Outcome> {
  const outcome = await send(...line);
  expectOk(t, outcome);
  return outcome;
}

async function expectClean(t: ExecutionContext, host: RigHost, names: readonly string[]): Promise<void> {
  t.deepEqual((await listNames(host.docker)).toSorted(), names.toSorted());
  const digests = await host.docker(['images', '-a', '--digests', '--format', '{{.Repository}}@{{.Digest}}']);
  t.notRegex(digests.stdout, /127\.0\.0\.1/);
  const left = await host.inside(['sh', '-c', 'find /root/.cache/airgap -type f ! -name "far-*.sh" || :']);
  t.is(left.stdout, '');
}

/** podman asks for TLS on loopback, too. */
async function trust(host: RigHost, registry: string): Promise<void> {
  const line = `[[registry]]\\nlocation = "${registry}"\\ninsecure = true\\n`;
  const file = '/etc/containers/registries.conf.d/site.conf';
  await host.inside(['sh', '-c', `mkdir -p ${file.replace(/\/[^/]*$/, '')}; printf '${line}' >${file}`]);
}

for (const kind of ['d20', 'd28c', 'p43'] as const) {
  test.serial(
    `${kind}: an image goes to the registry once, is pulled, proved, named, and runs`,
    async (t) => {
      const host = rig.host(kind);
      const local = kind === 'p43' ? 'docker.io/plant/app' : 'plant/app';
      await withNear(async (near, registry) => {
        await trust(host, registry);
        const through = ['--through-registry', `${registry}/site`];
        const first = await sent(t, near, host.ssh, 'plant/app:1', ...through);
        const [pushed, receipt] = first.receipts;
        t.is(pushed?.target, 'registry');
        t.regex(receipt?.images[0]?.pulledFrom ?? '', new RegExp(`^${registry}/site/plant/app@sha256:`));
        t.is(receipt?.layerBytes, 0);
        await expectClean(t, host, [`${local}:1`]);
        await expectRuns(host.docker, `${local}:1`, 'app one');

        const again = await sent(t, near, host.ssh, 'plant/app:1', ...through);
        t.true(again.receipts[1]?.images[0]?.present);
        t.is(again.receipts[0]?.layerBytes, 0);

        const both = await sent(t, near, host.ssh, 'plant/app:1', 'plant/app:2=plant/app:1b', ...through);
        t.deepEqual(
          both.receipts[1]?.images.map(({ pulledFrom }) => pulledFrom !== undefined),
          [false, true],
        );
        await expectClean(t, host, [`${local}:1`, `${local}:1b`]);
        await expectRuns(host.docker, `${local}:1b`, 'app two');
      });
    },
  );
}

test.serial('c21: a kubelet finds what was pulled under its full name', async (t) => {
  const host = kubelet.host('c21');
  await withNear(async (near, registry) => {
    const outcome = await sent(t, near, host.ssh, 'plant/app:1', '--through-registry', registry);
    t.is(outcome.receipts[1]?.images[0]?.proof, 'manifest-and-check');
    t.deepEqual(
      [...(await host.names()).keys()].filter((name) => !name.startsWith('sha256:')),
      ['docker.io/plant/app:1'],
    );
  });
});

test.serial('a plan pushes nothing, and says what goes where', async (t) => {
  await withNear(async (near, registry) => {
    const { alias, configFile } = rig.host('d20').ssh;
    const line = ['send', alias, '-F', configFile, 'plant/app:3', '--through-registry', registry];
    const { stdout, exitCode } = await near.run([...line, '--dry-run']);
    t.is(exitCode, 0);
    t.regex(stdout, new RegExp(`Push to ${registry}`));
    t.regex(stdout, new RegExp(`Registry +docker there pulls from ${registry}, by digest`));
    t.regex(stdout, /IMAGE +LAYERS +HELD +SEND +PULL/);
    const listed = await fetch(`http://${registry}/v2/_catalog`);
    t.deepEqual(await listed.json(), { repositories: [] });
  });
});

test.serial(
  'registry-not-let-in: a host without a login there stays as it was, and is told what it needs',
  async (t) => {
    const host = rig.host('d28c');
    await withSite(async (site) => {
      const locked = await site.registry({
        htpasswd: await writeHtpasswd(path.join(site.folder, 'htpasswd')),
      });
      const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
      try {
        const login = ['login', locked.host, '-u', siteLogin.user, '--password-stdin'];
        t.is((await near.run(login, { input: siteLogin.password })).exitCode, 0);
        const before = await listNames(host.docker);
        const { alias, configFile } = host.ssh;
        const line = ['send', alias, '-F', configFile, 'plant/app:2', '--through-registry', locked.host];
        const { exitCode, stderr } = await near.run(line);
        t.is(exitCode, 48, stderr);
        t.regex(stderr, /docker on \S+ could not pull 127\.0\.0\.1:\d+\/plant\/app@sha256:.*\[PULL_FAILED\]/);
        t.regex(
          stderr,
          /airgap mirror-config 127\.0\.0\.1:\d+ --for docker tells the settings, docker login 127\.0\.0\.1:\d+ there logs in/,
        );
        t.deepEqual(await listNames(host.docker), before);
        await expectClean(t, host, before);
      } finally {
        await near.remove();
      }
    });
  },
);

/** Sends through a registry that stands still as soon as the engine asks it for a layer; then the tool gets this signal. */
async function endInPull(
  {
    near,
    proxy,
    line,
  }: { readonly near: Near; readonly proxy: RegistryProxy; readonly line: readonly string[] },
  signal: NodeJS.Signals,
  delayMs: number,
): Promise<Outcome> {
  const { child, outcome } = near.start(line);
  proxy.play(({ method, url, headers }) => {
    const isEngine = /docker|containerd/.test(headers['user-agent'] ?? '');
    if (method !== 'GET' || !url.includes('/blobs/') || !isEngine) return undefined;
    child.kill(signal);
    return { delayMs };
  });
  return await outcome;
}

const lineTo = ({ alias, configFile }: SshAccess, registry: string): readonly string[] => [
  'send',
  alias,
  '-F',
  configFile,
  '--json',
  'plant/app:3',
  '--through-registry',
  registry,
];

test.serial('pull-stopped: Ctrl-C in the middle of a pull leaves the host as it was', async (t) => {
  const host = rig.host('d28c');
  await withNear(async (near, _, site) => {
    const before = await listNames(host.docker);
    const proxy = await site.proxy({ to: site.open.origin });
    const stopped = await endInPull({ near, proxy, line: lineTo(host.ssh, proxy.host) }, 'SIGINT', 60_000);
    t.is(stopped.errorCode, 'CANCELLED');
    t.deepEqual(await listNames(host.docker), before);
    await expectClean(t, host, before);
  });
});

test.serial('pull-killed: what a killed run has left is taken away by the next', async (t) => {
  const host = rig.host('d20');
  await withNear(async (near, _, site) => {
    const before = await listNames(host.docker);
    const proxy = await site.proxy({ to: site.open.origin });
    const line = lineTo(host.ssh, proxy.host);
    await endInPull({ near, proxy, line }, 'SIGKILL', 1500);
    proxy.play(() => undefined);
    expectOk(t, await near.run(line));
    await expectClean(t, host, [...before, 'plant/app:3']);
    await expectRuns(host.docker, 'plant/app:3', 'app three');
  });
});

test('a container, a folder as engine, and --through alone are refused before anything is asked', async (t) => {
  const near = await createNear({});
  try {
    const refused = async (...words: readonly string[]): Promise<string> => {
      const { exitCode, stderr } = await near.run(['send', 'web1', ...words]);
      t.is(exitCode, 2);
      return stderr;
    };
    t.regex(await refused('container:web', '--through-registry', 'registry.lan'), /commit it first/);
    t.regex(await refused('app:1', '--through', 'gate'), /it needs --through-registry/);
    t.regex(
      await refused('app:1', '--compress', 'zstd', '--through-registry', 'r.lan'),
      /--compress.*--through-registry/,
    );
    t.regex(await refused('app:1', '--through-registry', 'R//x'), /REFERENCE_INVALID/);
  } finally {
    await near.remove();
  }
});
