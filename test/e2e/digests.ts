// Images whose source keeps a manifest and packed blobs: where the engine keeps manifests too, they arrive with the very digest
// they have at home; where it does not, they arrive all the same.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOf } from '../../src/oci/digest.js';
import type { ImageReceipt } from '../../src/receipt/receipt.js';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { type Files, ociFiles, testImage, testLayer, writeFiles } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { needsOfContainerd, outerContainerds, shareContainerd } from '../rig/containerd.js';
import { needsOf, outerPodmans, shareRig } from '../rig/rig.js';

const dockers = ['d20', 'd26c', 'd28c'] as const;
const containerds = outerContainerds;
// podman's Id is always the config's digest; it tells the manifest's beside it.
const podmans = outerPodmans;
const test = needing(...new Set([...needsOf(...dockers, ...podmans), ...needsOfContainerd(...containerds)]));
const rig = shareRig({ test, hosts: [...dockers, ...podmans] });
const nodes = shareContainerd({ test, hosts: containerds });

const base = [testLayer('digest-base', 300_000), testLayer('digest-lib', 20_000)];
const first = testImage({ name: 'docker.io/plant/kept:1', layers: [...base, testLayer('digest-1', 900)] });
const second = testImage({ name: 'docker.io/plant/kept:2', layers: [...base, testLayer('digest-2', 900)] });

/** The same layout with the media types of docker's own registry. */
function asDocker(files: Files): Map<string, Buffer> {
  const renamed = (bytes: Buffer): Buffer =>
    Buffer.from(
      bytes
        .toString()
        .replaceAll(
          'application/vnd.oci.image.manifest.v1+json',
          'application/vnd.docker.distribution.manifest.v2+json',
        )
        .replaceAll(
          'application/vnd.oci.image.layer.v1.tar+gzip',
          'application/vnd.docker.image.rootfs.diff.tar.gzip',
        )
        .replaceAll(
          'application/vnd.oci.image.config.v1+json',
          'application/vnd.docker.container.image.v1+json',
        ),
    );
  const made = new Map(files);
  const index = JSON.parse(renamed(files.get('index.json') ?? Buffer.alloc(0)).toString()) as {
    manifests: { digest: string; size: number }[];
  };
  for (const entry of index.manifests) {
    const manifest = renamed(files.get(`blobs/sha256/${entry.digest.slice(7)}`) ?? Buffer.alloc(0));
    entry.digest = digestOf(manifest);
    entry.size = manifest.byteLength;
    made.set(`blobs/sha256/${entry.digest.slice(7)}`, manifest);
  }
  made.set('index.json', Buffer.from(JSON.stringify(index)));
  return made;
}

interface Source {
  readonly name: string;
  readonly files: Files;
  /** Of the manifests, in order. */
  readonly digests: readonly string[];
}

const sources: readonly Source[] = (
  [
    ['gzip', ociFiles([first, second], { codec: 'gzip' })],
    ['zstd', ociFiles([first, second], { codec: 'zstd' })],
    ['docker', asDocker(ociFiles([first, second], { codec: 'gzip' }))],
  ] as const
).map(([name, files]) => {
  const index = JSON.parse((files.get('index.json') ?? '').toString()) as { manifests: { digest: string }[] };
  return { name, files, digests: index.manifests.map(({ digest }) => digest) };
});

interface FarEngine {
  readonly kind: string;
  readonly ssh: () => { alias: string; configFile: string };
  readonly wipe: () => Promise<void>;
  /** Of the image's manifest over there; undefined where the engine keeps none. */
  readonly digest: (image: ImageReceipt | undefined) => Promise<string | undefined>;
  /** Also where layers of it were there before. */
  readonly always: boolean;
}

const farEngines: readonly FarEngine[] = [
  ...dockers.map((kind) => ({
    kind,
    ssh: () => rig.host(kind).ssh,
    wipe: () => rig.host(kind).wipe(),
    digest: async (image: ImageReceipt | undefined) => (kind === 'd20' ? undefined : image?.farId),
    always: true,
  })),
  ...podmans.map((kind) => ({
    kind,
    ssh: () => rig.host(kind).ssh,
    wipe: () => rig.host(kind).wipe(),
    digest: async (image: ImageReceipt | undefined) => {
      const argv = ['image', 'inspect', '--format', '{{.Digest}}', image?.imageId ?? ''];
      return (await rig.host(kind).docker(argv)).stdout.trim();
    },
    always: false,
  })),
  ...containerds.map((kind) => ({
    kind,
    ssh: () => nodes.host(kind).ssh,
    wipe: () => nodes.host(kind).wipe(),
    digest: async (image: ImageReceipt | undefined) => image?.farId,
    always: true,
  })),
];

// The forms are the engine's matter, not its version's: all of them on the newest, one on the others.
for (const { kind, ssh, wipe, digest, always } of farEngines)
  for (const source of ['d28c', 'p58', 'c21', 'd20'].includes(kind) ? sources : sources.slice(0, 1))
    test.serial(
      `${kind}: images of a layout with ${source.name} layers ${kind === 'd20' ? 'arrive' : 'keep their digests'}`,
      async (t) => {
        const near = await createNear();
        const { alias, configFile } = ssh();
        const send = (near: Near, name: string): Promise<Outcome> =>
          near.run(['send', alias, `oci:${join(near.folder, 'layout')}:${name}`, '-F', configFile, '--json']);
        try {
          await wipe();
          await writeFiles(join(near.folder, 'layout'), source.files);
          const one = await send(near, first.name);
          expectOk(t, one);
          const [image] = one.receipts[0]?.images ?? [];
          t.is(image?.imageId, first.imageId);
          t.is(await digest(image), kind === 'd20' ? undefined : source.digests[0]);
          // What comes after it is not a matter of the form.
          if (source !== sources[0]) return;
          const again = await send(near, first.name);
          expectOk(t, again);
          t.is(again.receipts[0]?.layerBytes, 0);
          t.true(again.receipts[0]?.images[0]?.present);
          const two = await send(near, second.name);
          expectOk(t, two);
          t.deepEqual(two.receipts[0]?.images[0]?.layers, { held: 2, sent: 1, spliced: 0 });
          const [other] = two.receipts[0]?.images ?? [];
          t.is(other?.imageId, second.imageId);
          if (always) t.is(await digest(other), kind === 'd20' ? undefined : source.digests[1]);
          // lost-digest: where it is another, plan and receipt say so; where an engine keeps none, there is none to lose.
          const lost = always ? undefined : source.digests[1];
          t.is(other?.sourceManifest as string | undefined, lost);
          t.deepEqual(two.plans[0]?.images[0]?.remade, lost && { source: lost, why: 'held' });
          t.is(image?.sourceManifest, undefined);
        } finally {
          await near.remove();
        }
      },
    );

test.serial('docker with a containerd store as the source hands blobs on as it holds them', async (t) => {
  const [from, to] = [rig.host('d26c'), rig.host('d28c')];
  const maker = await createNear();
  const near = await createNear({ DOCKER_HOST: from.dockerHost });
  try {
    await from.wipe();
    await to.wipe();
    const [gzip] = sources;
    const layout = join(maker.folder, 'layout');
    await writeFiles(layout, gzip?.files ?? new Map());
    const names = [first.name, second.name];
    const brought = names.map((name) => `oci:${layout}:${name}`);
    expectOk(t, await maker.run(['send', from.ssh.alias, ...brought, '-F', from.ssh.configFile, '--json']));
    const sent = await near.run(['send', to.ssh.alias, ...names, '-F', to.ssh.configFile, '--json']);
    expectOk(t, sent);
    t.deepEqual(
      sent.receipts[0]?.images.map(({ farId }) => farId),
      gzip?.digests,
    );
    t.deepEqual(
      sent.receipts[0]?.images.map(({ layers }) => layers.sent),
      [3, 1],
    );
  } finally {
    await maker.remove();
    await near.remove();
  }
});

test.serial(
  'a layer that lies there in another form is not sent again for the sake of a digest',
  async (t) => {
    const near = await createNear();
    const host = rig.host('d28c');
    const { alias, configFile } = host.ssh;
    try {
      await host.wipe();
      const [gzip, zstd] = sources;
      await writeFiles(join(near.folder, 'gzip'), gzip?.files ?? new Map());
      await writeFiles(join(near.folder, 'zstd'), zstd?.files ?? new Map());
      const send = (layout: string, name: string): Promise<Outcome> =>
        near.run(['send', alias, `oci:${join(near.folder, layout)}:${name}`, '-F', configFile, '--json']);
      expectOk(t, await send('gzip', first.name));
      const dryRun = await near.run([
        'send',
        alias,
        `oci:${join(near.folder, 'zstd')}:${second.name}`,
        '-F',
        configFile,
        '--dry-run',
      ]);
      t.regex(
        dryRun.stdout,
        /kept:2 gets another digest there than at its source \([0-9a-f]{12}\): the host has a layer/,
      );
      const other = await send('zstd', second.name);
      expectOk(t, other);
      const [image] = other.receipts[0]?.images ?? [];
      t.deepEqual(image?.layers, { held: 2, sent: 1, spliced: 0 });
      t.not(image?.farId, zstd?.digests[1]);
      t.is(image?.imageId, second.imageId);
      t.is(image?.sourceManifest as string | undefined, zstd?.digests[1]);
      const shown = await near.run(['receipts', 'show', '1']);
      t.true(
        shown.stdout.includes(`its digest is not the one at its source, ${zstd?.digests[1]?.slice(7, 19)}`),
        shown.stdout,
      );
      // It is there already, and under another manifest than this source's.
      const again = await send('zstd', second.name);
      t.true(again.receipts[0]?.images[0]?.present);
      t.is(again.plans[0]?.images[0]?.remade?.why, 'present');
    } finally {
      await near.remove();
    }
  },
);

test.serial(
  '--compress packs anew, and two hosts of which one keeps digests both get the image',
  async (t) => {
    const near = await createNear();
    const [classic, keeping] = [rig.host('d20'), rig.host('d28c')];
    try {
      await classic.wipe();
      await keeping.wipe();
      const [gzip] = sources;
      await writeFiles(join(near.folder, 'layout'), gzip?.files ?? new Map());
      const image = `oci:${join(near.folder, 'layout')}:${first.name}`;
      const packed = await near.run([
        'send',
        keeping.ssh.alias,
        image,
        '-F',
        keeping.ssh.configFile,
        '--json',
        '--compress',
        'zstd',
      ]);
      expectOk(t, packed);
      t.not(packed.receipts[0]?.images[0]?.farId, gzip?.digests[0]);
      t.is(packed.plans[0]?.images[0]?.remade?.why, 'asked');
      await keeping.wipe();
      const hosts = `${classic.ssh.alias},${keeping.ssh.alias}`;
      const config = join(near.folder, 'ssh-config');
      await writeFile(config, [classic, keeping].map(({ ssh }) => `Include ${ssh.configFile}\n`).join(''));
      const both = await near.run(['send', hosts, image, '-F', config, '--json']);
      expectOk(t, both);
      t.is(both.receipts.length, 2);
      t.true(both.receipts.some((receipt) => receipt.images[0]?.farId === gzip?.digests[0]));
      t.true(both.receipts.some((receipt) => receipt.images[0]?.farId === first.imageId));
    } finally {
      await near.remove();
    }
  },
);
