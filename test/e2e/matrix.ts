// Every source into every far engine: an image arrives and runs; again nothing travels; a changed one brings its own layer only.
// By default each engine meets one source, so that each source meets some; AIRGAP_TEST_MATRIX=all takes all pairs, and
// AIRGAP_TEST_MATRIX=docs/engines.md writes them into the table there.
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { createNear, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase } from '../helpers/real-images.js';
import { containerdKinds, needsOfContainerd, openContainerdHost } from '../rig/containerd.js';
import { openRegistryRig, type RegistryRig } from '../rig/registry.js';
import {
  type NearPodman,
  needsOf,
  openNear,
  openNearPodman,
  openRigHost,
  podmanKinds,
  type RigEngine,
  rigKinds,
  run,
  type SshAccess,
} from '../rig/rig.js';

const kinds = [...rigKinds, ...podmanKinds, ...containerdKinds, 'layout', 'registry'] as const;
type Kind = (typeof kinds)[number];
const test = needing(
  ...new Set([
    ...needsOf(...rigKinds, ...podmanKinds),
    ...needsOfContainerd(...containerdKinds),
    'skopeo',
    'registry',
    'podman',
  ]),
);

const setting = process.env.AIRGAP_TEST_MATRIX ?? '';
const versions = ['1', '2'] as const;
const name = (version: string): string => `plant/matrix:${version}`;

/** The near side: one image in two versions, in every kind of place that airgap reads. */
interface Site {
  readonly docker: RigEngine;
  readonly podman: NearPodman;
  readonly containerd: { readonly socket: string; stop(): Promise<void> };
  readonly registry: RegistryRig;
  readonly near: Near;
}
let site: Site;

const sources: Readonly<Record<string, (version: string) => string>> = {
  'docker-daemon': (version) => `docker-daemon:${name(version)}`,
  'containers-storage': (version) => `containers-storage:docker.io/${name(version)}`,
  containerd: (version) => `containerd:docker.io/${name(version)}`,
  'docker://': (version) => `docker://${site.registry.host}/${name(version)}`,
  oci: (version) => `oci:${join(site.near.folder, 'layout')}:docker.io/${name(version)}`,
  'oci-archive': (version) => `oci-archive:${join(site.near.folder, `${version}.oci.tar`)}`,
  'docker-archive': (version) =>
    `docker-archive:${join(site.near.folder, 'both.tar')}:docker.io/${name(version)}`,
};

interface FarSide {
  readonly title: string;
  /** The command that brings these images, `SOURCE=NAME`, there. */
  argv(images: readonly string[]): readonly string[];
  /** What a container of the image prints. */
  output(version: string): Promise<string>;
  /** Nothing of another source's image may be leaned on. */
  wipe(): Promise<void>;
  stop(): Promise<void>;
}

async function openFarSide(kind: Kind): Promise<FarSide> {
  const over = ({ alias, configFile }: SshAccess): Pick<FarSide, 'argv'> => ({
    argv: (images) => ['send', alias, ...images, '-F', configFile, '--json'],
  });
  if (kind === 'layout') {
    const folder = join(site.near.folder, 'store');
    return {
      title: 'OCI layout',
      argv: (images) => ['send', 'local:', ...images, '--engine', `layout:${folder}`, '--json'],
      output: (version) => runElsewhere(`oci:${folder}:${farName(version)}`, version),
      wipe: async () => rm(folder, { recursive: true, force: true }),
      async stop() {},
    };
  }
  if (kind === 'registry') {
    const folder = join(site.near.folder, 'far-registry');
    let registry = await openRegistryRig({ folder });
    return {
      title: 'registry (distribution 2.8)',
      argv: (images) => ['push', ...images, registry.host, '--json'],
      output: (version) => runElsewhere(`docker://${registry.host}/${name(version)}`, version),
      async wipe() {
        await registry.close();
        await rm(folder, { recursive: true, force: true });
        registry = await openRegistryRig({ folder });
      },
      stop: () => registry.close(),
    };
  }
  if (kind === 'c16' || kind === 'c17' || kind === 'c21') {
    const host = await openContainerdHost(kind);
    return {
      title: `containerd ${short(host.engineVersion)}`,
      ...over(host.ssh),
      output: (version) => host.output(farName(version)),
      wipe: () => host.wipe(),
      stop: () => host.stop(),
    };
  }
  const host = await openRigHost(kind);
  const store = kind.startsWith('p') ? '' : /c$/.test(kind) ? ', containerd store' : ', overlay2';
  return {
    title: `${kind.startsWith('p') ? 'podman' : 'docker'} ${short(host.engineVersion)}${store}`,
    ...over(host.ssh),
    output: async (version) =>
      (await host.docker(['run', '--rm', '--network=none', farName(version)])).stdout.trim(),
    wipe: () => host.wipe(),
    stop: () => host.stop(),
  };
}

/** Nothing runs in a layout or a registry: what lies there is loaded by another program, and run. */
async function runElsewhere(source: string, version: string): Promise<string> {
  const { docker, dockerHost } = site.docker;
  const seen = `looked-at:${version}`;
  const words = ['--src-tls-verify=false', '--dest-daemon-host', dockerHost];
  await run(['skopeo', 'copy', '--quiet', '--insecure-policy', ...words, source, `docker-daemon:${seen}`]);
  return (await docker(['run', '--rm', '--network=none', seen])).stdout.trim();
}

const farName = (version: string): string => `docker.io/${name(version)}`;
const short = (version: string): string => /^\d+\.\d+(?:\.\d+)?/.exec(version)?.[0] ?? version;

test.serial.before('the sources are made', async (t) => {
  const [docker, podman, containerd] = await Promise.all([
    openNear(),
    openNearPodman(),
    openContainerdHost('c16'),
  ]);
  const near = await createNear({
    DOCKER_HOST: docker.dockerHost,
    CONTAINERD_ADDRESS: containerd.seenSocket,
    ...podman.env,
  });
  const registry = await openRegistryRig({ folder: join(near.folder, 'registry') });
  site = {
    docker,
    podman,
    near,
    registry,
    containerd: { socket: containerd.seenSocket, stop: () => containerd.stop() },
  };
  const from = await buildBase(docker.docker, 3_000_000);
  for (const version of versions)
    await buildApp(docker.docker, { reference: name(version), from, message: `matrix ${version}` });
  await docker.docker(['save', '--output', join(near.folder, 'both.tar'), ...versions.map(name)]);
  // Both from one push: the lower layers are the same blobs.
  const copy = async (source: string, target: string, ...words: string[]): Promise<void> => {
    await run(['skopeo', 'copy', '--quiet', '--insecure-policy', ...words, source, target], {
      env: podman.env,
    });
  };
  for (const version of versions) {
    const home = ['--src-daemon-host', docker.dockerHost];
    const there = `docker://${registry.host}/${name(version)}`;
    await copy(`docker-daemon:${name(version)}`, there, ...home, '--dest-tls-verify=false');
    const plain = '--src-tls-verify=false';
    await copy(there, `oci:${join(near.folder, 'layout')}:docker.io/${name(version)}`, plain);
    await copy(
      there,
      `oci-archive:${join(near.folder, `${version}.oci.tar`)}:docker.io/${name(version)}`,
      plain,
    );
    await copy(there, `containers-storage:docker.io/${name(version)}`, plain);
    const archive = join(near.folder, `${version}.oci.tar`);
    await containerd.ctr(['images', 'import', archive]);
  }
  t.log(`near: docker ${docker.engineVersion}`);
});

test.after.always('the sources go', async () => {
  await site?.registry.close();
  await Promise.all([site?.docker.stop(), site?.podman.stop(), site?.containerd.stop(), site?.near.remove()]);
});

/** Each engine's sources: all, or one, another from engine to engine. */
function sourcesOf(at: number): string[] {
  const all = Object.keys(sources);
  if (setting !== '') return all;
  return [all[at % all.length] ?? ''];
}

const table = new Map<string, Map<string, string>>();

for (const [at, kind] of kinds.entries())
  test.serial(`${kind}: images come from ${sourcesOf(at).join(' and ')}`, async (t) => {
    const proved = new Map<string, string>();
    const far = await openFarSide(kind);
    table.set(far.title, proved);
    try {
      for (const source of sourcesOf(at)) {
        await far.wipe();
        await tryPair(t, far, sources[source] ?? (() => ''));
        proved.set(source, 'yes');
      }
    } finally {
      await far.stop();
    }
  });

async function tryPair(
  t: ExecutionContext,
  far: FarSide,
  source: (version: string) => string,
): Promise<void> {
  const bring = async (...chosen: readonly string[]): Promise<Outcome> => {
    const images = chosen.map((version) => `${source(version)}=${name(version)}`);
    const outcome = await site.near.run([...far.argv(images)]);
    const said = `${far.title} ${images.join(' ')}\n${outcome.stderr}\n${outcome.stdout.slice(-2000)}`;
    t.is(outcome.exitCode, 0, said);
    return outcome;
  };
  const [first] = (await bring('1')).receipts[0]?.images ?? [];
  t.deepEqual(first?.layers, { held: 0, sent: 3, spliced: 0 });
  t.is(await far.output('1'), 'matrix 1');
  const [again, changed] = (await bring('1', '2')).receipts[0]?.images ?? [];
  t.is(again?.layers.sent, 0, far.title);
  t.deepEqual([changed?.layers.held, changed?.layers.sent], [2, 1], far.title);
  t.is(await far.output('2'), 'matrix 2');
}

test.serial('the table of what was proved', async (t) => {
  const columns = Object.keys(sources);
  const rows = [...table].map(
    ([title, proved]) =>
      `| ${title} | ${columns.map((source) => proved.get(source) ?? 'not run').join(' | ')} |`,
  );
  const lines = [
    `| far engine | ${columns.map((one) => `\`${one}\``).join(' | ')} |`,
    `|${' --- |'.repeat(columns.length + 1)}`,
    ...rows,
  ];
  t.log(`\n${lines.join('\n')}`);
  t.is(table.size, kinds.length);
  if (!setting.endsWith('.md')) return;
  const page = await readFile(setting, 'utf8');
  const marked = /(<!-- matrix -->\n)[\s\S]*?(\n<!-- \/matrix -->)/;
  t.regex(page, marked);
  await writeFile(
    setting,
    page.replace(marked, (_, before, after) => `${before}${lines.join('\n')}${after}`),
  );
});
