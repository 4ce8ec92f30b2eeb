// A bundle is no island: skopeo, podman and docker open what airgap exported, and airgap exports what they wrote.
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { createNear, type Near } from '../helpers/airgap.js';
import { exportNear } from '../helpers/carried.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBase, expectRuns, inspectImage, listNames } from '../helpers/real-images.js';
import { needsOf, type RigKind, run, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28g', 'd28c'] as const satisfies readonly RigKind[];
const needs = [...needsOf(...kinds), 'busybox', 'gzip', 'zstd', 'skopeo', 'podman'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: kinds });
let near: Near;

const name = 'plant/app:1';
const full = `docker.io/${name}`;

needing(...needs).serial.before('the images are made', async () => {
  const { docker, dockerHost } = rig.near;
  near = await createNear({ DOCKER_HOST: dockerHost });
  const from = await buildBase(docker, 3_000_000);
  await buildApp(docker, { reference: name, from, message: 'app one' });
});

needing(...needs).after.always('the near side goes', () => near?.remove());

const skopeo = async (...args: readonly string[]): Promise<string> =>
  (await run(['skopeo', '--insecure-policy', '--tmpdir', near.folder, ...args])).stdout;

/** podman with a store of its own. */
async function podman(...args: readonly string[]): Promise<string> {
  const places = ['root', 'run', 'tmp'].flatMap((place) => [
    place === 'root' ? '--root' : place === 'run' ? '--runroot' : '--tmpdir',
    path.join(near.folder, 'podman', place),
  ]);
  const env = { TMPDIR: near.folder };
  return (await run(['podman', ...places, '--storage-driver', 'vfs', ...args], { env })).stdout;
}

const manifestSchema = z.object({ config: z.object({ digest: z.string() }) });
const inspectSchema = z.array(
  z.object({ Id: z.string(), RootFS: z.object({ Layers: z.array(z.string()) }) }),
);
const archiveSchema = z.array(z.object({ Config: z.string() }));

/** imageId and diffIDs as docker here tells them. */
async function wanted(): Promise<{ readonly id: string; readonly diffIds: readonly string[] }> {
  const image = await inspectImage(rig.near.docker, name);
  if (image === undefined) throw new Error('no image here');
  return image;
}

test('skopeo inspects and copies the folder of a bundle, and its image stays what it was', async (t) => {
  const { id, diffIds } = await wanted();
  for (const codec of ['gzip', 'zstd', 'none']) {
    const { place } = await exportNear(near, `skopeo-${codec}`, [
      name,
      '--compress',
      codec,
      '--no-read-back',
    ]);
    const raw: unknown = JSON.parse(await skopeo('inspect', '--raw', `oci:${place}:${full}`));
    t.is(manifestSchema.parse(raw).config.digest, id);
    t.regex(await skopeo('inspect', `oci:${place}:${full}`), /"Architecture"/);
    // A manifest that skopeo need not write again keeps its config.
    const copy = path.join(near.folder, `copied-${codec}`);
    await skopeo('copy', '--quiet', `oci:${place}:${full}`, `oci:${copy}:one`);
    const copied: unknown = JSON.parse(await skopeo('inspect', '--raw', `oci:${copy}:one`));
    t.is(manifestSchema.parse(copied).config.digest, id);
    const back = await exportNear(near, `back-${codec}`, [`oci:${copy}:one`, '--as', name, '--no-read-back']);
    t.is(back.bundle.manifest.images[0]?.imageId as string, id);
    t.deepEqual(back.bundle.manifest.images[0]?.layers as readonly string[], diffIds);
  }
});

test('podman loads the tar of a bundle, and runs out of it what was here', async (t) => {
  const { id, diffIds } = await wanted();
  for (const codec of ['gzip', 'none']) {
    const { place } = await exportNear(near, `podman-${codec}.tar`, [name, '--compress', codec]);
    await podman('load', '--quiet', '--input', place);
    const [image] = inspectSchema.parse(JSON.parse(await podman('image', 'inspect', full)));
    t.is(`sha256:${image?.Id}`, id);
    t.deepEqual(image?.RootFS.Layers, [...diffIds]);
    await podman('image', 'rm', '--all', '--force');
  }
});

for (const kind of kinds) {
  const codecs = kind === 'd20' ? ['gzip', 'none'] : ['gzip', 'zstd'];
  test(`docker load of ${kind} reads the tar of a bundle with ${codecs.join(' and ')}`, async (t) => {
    const host = rig.host(kind);
    const { id, diffIds } = await wanted();
    for (const codec of codecs) {
      await host.wipe();
      const { place } = await exportNear(near, `${kind}-${codec}.tar`, [name, '--compress', codec]);
      await host.docker(['load'], { input: { file: place } });
      t.deepEqual(await listNames(host.docker), [name]);
      await expectRuns(host.docker, name, 'app one');
      const loaded = await inspectImage(host.docker, name);
      t.deepEqual(loaded?.diffIds, diffIds);
      if (kind !== 'd28c') t.is(loaded?.id, id);
    }
  });
}

test('what skopeo, docker and podman wrote is exported as the image that they wrote', async (t) => {
  const { id, diffIds } = await wanted();
  const at = (file: string): string => path.join(near.folder, file);
  await rig.near.docker(['save', name], { outputFile: at('docker.tar') });
  await skopeo('copy', '--quiet', `docker-archive:${at('docker.tar')}:${full}`, `oci:${at('layout')}:one`);
  await skopeo('copy', '--quiet', `oci:${at('layout')}:one`, `docker-archive:${at('skopeo.tar')}:${full}`);
  await podman('load', '--quiet', '--input', at('docker.tar'));
  // A name without a registry gets podman's own.
  const there = `localhost/${name}`;
  await podman('save', '--quiet', '--output', at('podman.tar'), there);
  await podman('save', '--quiet', '--format', 'oci-archive', '--output', at('podman-oci.tar'), there);

  // Who turns docker's manifest into OCI's writes the config again: the image is then that of the tool.
  const ofLayout = async (source: string): Promise<string> =>
    manifestSchema.parse(JSON.parse(await skopeo('inspect', '--raw', source))).config.digest;
  const ofArchive = async (file: string): Promise<string> => {
    const { stdout } = await run(['tar', '-xOf', file, 'manifest.json']);
    const config = archiveSchema.parse(JSON.parse(stdout))[0]?.Config ?? '';
    return `sha256:${path.basename(config, '.json')}`;
  };
  t.is(await ofArchive(at('podman.tar')), id);
  const sources: Readonly<Record<string, string>> = {
    [`docker-archive:${at('docker.tar')}`]: id,
    [`docker-archive:${at('podman.tar')}`]: id,
    [`docker-archive:${at('skopeo.tar')}`]: await ofArchive(at('skopeo.tar')),
    [`oci:${at('layout')}:one`]: await ofLayout(`oci:${at('layout')}:one`),
    [`oci-archive:${at('podman-oci.tar')}`]: await ofLayout(`oci-archive:${at('podman-oci.tar')}`),
  };
  for (const [index, [source, imageId]] of Object.entries(sources).entries()) {
    await mkdir(at(`of-${index}`), { recursive: true });
    const { bundle, place } = await exportNear(near, `of-${index}`, [source, '--as', name]);
    t.is(bundle.manifest.images[0]?.imageId as string, imageId, source);
    t.deepEqual(bundle.manifest.images[0]?.layers as readonly string[], diffIds, source);
    const verified = await near.run(['verify', place, '--deep']);
    t.is(verified.exitCode, 0, verified.stderr);
  }
});
