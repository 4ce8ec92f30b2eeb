// containerd as the source: what lies there goes on to docker and to another containerd, by this system's `ctr` on every version.
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { createLocalHost } from '../../src/hosts/local.js';
import { createContainerdStore } from '../../src/stores/containerd.js';
import { storeContract } from '../contract/store.js';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { root } from '../helpers/command-line.js';
import { ociArchive } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, expectRuns, inspectImage } from '../helpers/real-images.js';
import { withTempDir } from '../helpers/tmp.js';
import { rigFolder } from '../rig/box.js';
import { needsOfContainerd, outerContainerds, shareContainerd } from '../rig/containerd.js';
import { openRigHost, type RigHost, run, type SshAccess } from '../rig/rig.js';

const test = needing(...needsOfContainerd(...outerContainerds));
const rig = shareContainerd({ test, hosts: outerContainerds });
let docker: RigHost;

/** The program where every machine of the rig and every user sees it, wherever this project lies. */
const program = path.join(rigFolder, `program-${process.pid}`);

test.serial.before('the program lies where all see it', async () => {
  await mkdir(program, { recursive: true, mode: 0o755 });
  const parts = ['bin', 'dist', 'package.json', 'node_modules'].map((name) => path.join(root, name));
  // Links where that can be: hundreds of megabytes are not worth a copy.
  const { exitCode } = await run(['cp', '-al', ...parts, program], { mayFail: true });
  if (exitCode !== 0) await run(['cp', '-a', ...parts, program]);
});

test.after.always('the program goes', async () => {
  await rm(program, { recursive: true, force: true });
});

test.serial.before('images are made, and brought to each containerd', async (t) => {
  docker = await openRigHost('d20');
  const from = await buildBase(rig.near.docker, 12_000_000);
  await buildApp(rig.near.docker, { reference: 'plant/app:1', from, message: 'app one' });
  await buildApp(rig.near.docker, { reference: 'plant/app:2', from, message: 'app two' });
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
  try {
    for (const kind of outerContainerds)
      expectOk(t, await send(near, rig.host(kind).ssh, ['plant/app:1', 'plant/app:2']));
  } finally {
    await near.remove();
  }
});

test.after.always('docker stops', async () => {
  await docker?.stop();
});

async function send(near: Near, ssh: SshAccess, images: readonly string[]): Promise<Outcome> {
  return await near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json']);
}

for (const kind of outerContainerds) {
  test.serial(`${kind}: its images go to docker, and to another containerd, as they are`, async (t) => {
    const source = rig.host(kind);
    const near = await createNear({ CONTAINERD_ADDRESS: source.seenSocket });
    const other = rig.host(kind === 'c16' ? 'c21' : 'c16');
    try {
      await docker.wipe();
      await other.wipe();
      const images = ['containerd:docker.io/plant/app:1', 'containerd:plant/app:2'];
      const outcome = await send(near, docker.ssh, images);
      expectOk(t, outcome);
      t.deepEqual(
        outcome.receipts[0]?.images.map(({ reference, layers }) => [reference, layers.sent]),
        [
          ['plant/app:1', 3],
          ['plant/app:2', 1],
        ],
      );
      await expectRuns(docker.docker, 'plant/app:1', 'app one');
      await expectRuns(docker.docker, 'plant/app:2', 'app two');
      const here = await inspectImage(rig.near.docker, 'plant/app:2');
      t.deepEqual(await inspectImage(docker.docker, 'plant/app:2'), here);

      const beside = await send(near, other.ssh, images);
      expectOk(t, beside);
      // false-alarm: raw layers and the manifest that is made of them are those of the source, so nothing has another digest.
      t.deepEqual(
        beside.receipts[0]?.images.map(({ sourceManifest }) => sourceManifest),
        [undefined, undefined],
      );
      t.deepEqual(
        beside.plans[0]?.images.map(({ remade }) => remade),
        [undefined, undefined],
      );
      const digestsOf = async (one: typeof source): Promise<unknown> =>
        [...(await one.names())].filter(([name]) => name.startsWith('docker.io/plant/')).toSorted();
      t.deepEqual(await digestsOf(other), await digestsOf(source));
      t.is(await other.output('docker.io/plant/app:2'), 'app two');
      t.deepEqual([...(await other.names()).keys()].toSorted(), [
        'docker.io/plant/app:1',
        'docker.io/plant/app:2',
      ]);
    } finally {
      await near.remove();
    }
  });
}

test.serial(
  'a machine with containerd and no docker lists its images, and knows them by short names',
  async (t) => {
    const host = rig.host('c16');
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    try {
      expectOk(t, await send(near, host.ssh, ['plant/app:1', 'plant/app:2']));
    } finally {
      await near.remove();
    }
    const inside = (args: readonly string[]) =>
      host.inside(['env', 'HOME=/root', path.join(program, 'bin/airgap'), ...args], { mayFail: true });
    const listed = await inside(['images', '--names']);
    const names = [1, 2].map((tag) => `containerd:docker.io/plant/app:${tag}\n`);
    t.is(listed.stdout, names.join(''), listed.stderr);
    const inspected = JSON.parse((await inside(['inspect', 'containerd:plant/app:1', '--json'])).stdout);
    const here = await inspectImage(rig.near.docker, 'plant/app:1');
    t.deepEqual(
      inspected.image.layers.map(({ diffId }: { diffId: string }) => diffId),
      here?.diffIds,
    );
    const doctor = await inside(['doctor']);
    t.true(doctor.stdout.includes(`containerd ${host.engineVersion} answers`), doctor.stdout);
    const unknown = await inside(['inspect', 'containerd:plant/ap:1']);
    t.is(unknown.exitCode, 10);
    t.regex(unknown.stderr, /IMAGE_UNKNOWN/);
    t.regex(unknown.stderr, /docker\.io\/plant\/app:1/);
  },
);

test.serial('whoever may not ask containerd is told so, with what to do', async (t) => {
  const host = rig.host('c16');
  const user = await host.addUser();
  const asUser = [
    'su',
    user.name,
    '-s',
    '/bin/sh',
    '-c',
    `HOME=$HOME exec ${program}/bin/airgap inspect containerd:x`,
  ];
  const outcome = await host.inside(asUser, { mayFail: true });
  t.regex(outcome.stderr, /ENGINE_DENIED/);
  t.regex(outcome.stderr, /with sudo/);
});

test.serial(
  'an image that comes later is found, and one whose layers were thrown away is told at the plan',
  async (t) => {
    const host = rig.host('c21');
    await host.wipe();
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost });
    const source = createContainerdStore({
      host: createLocalHost({ ...process.env }),
      env: { ...process.env, CONTAINERD_ADDRESS: host.seenSocket },
      documentDirectory: path.join(near.folder, 'documents'),
    });
    try {
      t.deepEqual(await source.list(), []);
      await t.throwsAsync(source.open('plant/app:1'), { code: 'IMAGE_UNKNOWN' });
      expectOk(t, await send(near, host.ssh, ['plant/app:1']));
      const image = await source.open('plant/app:1');
      t.is(image.layers.length, 3);
      await host.ctr(['content', 'rm', image.layers[1]?.blob?.digest ?? '']);
      await t.throwsAsync(source.open('plant/app:1'), { code: 'IMAGE_INCOMPLETE' });
      t.deepEqual(await source.list(), []);
      await t.throwsAsync(source.open('plant/none:1'), { code: 'IMAGE_UNKNOWN' });
    } finally {
      await source.close();
      await near.remove();
    }
  },
);

storeContract({
  test,
  title: 'containerd',
  kind: 'containerd',
  with: (images, fn) =>
    withTempDir(async (folder) => {
      const host = rig.host('c21');
      await host.wipe();
      const archive = path.join(folder, 'images.tar');
      await writeFile(archive, ociArchive(images, { codec: 'gzip' }));
      await run([
        'ctr',
        '-a',
        host.seenSocket,
        '-n',
        'k8s.io',
        'images',
        'import',
        '--all-platforms',
        archive,
      ]);
      const store = createContainerdStore({
        host: createLocalHost({ ...process.env }),
        env: { ...process.env, CONTAINERD_ADDRESS: host.seenSocket },
        documentDirectory: path.join(folder, 'documents'),
      });
      await fn({ store });
      await store.close();
    }),
});
