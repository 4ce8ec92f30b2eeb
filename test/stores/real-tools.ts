// Archives and layouts as skopeo and podman of this system really write them.
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { createDockerArchiveStore, createOciArchiveStore } from '../../src/stores/archive.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import type { Store } from '../../src/stores/store.js';
import { readAll } from '../contract/store.js';
import { dockerLegacy, type TestImage, testImages, testSeed } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const run = promisify(execFile);

/** The image that was put in: its layers byte for byte, its names as the tool keeps them. */
async function readsRight(
  t: ExecutionContext,
  store: Store,
  { name, image }: { name: string; image: TestImage },
): Promise<void> {
  try {
    const opened = await store.open(name);
    const diffIds = image.layers.map((layer) => layer.diffId);
    t.deepEqual(opened.config.diffIds, diffIds);
    t.deepEqual(opened.config.config.Cmd, ['/bin/sh']);
    t.deepEqual([...(await readAll(opened, diffIds)).keys()].sort(), [...diffIds].sort() as string[]);
  } finally {
    await store.close();
  }
}

async function withImages(
  t: ExecutionContext,
  fn: (folder: string, all: readonly TestImage[]) => Promise<void>,
): Promise<void> {
  const seed = testSeed();
  t.log(`seed ${seed}`);
  const all = testImages(seed);
  await withTempDir(async (folder) => {
    await writeFile(join(folder, 'in.tar'), dockerLegacy(all));
    await fn(folder, all);
  });
}

const skopeoTest = needing('skopeo');

skopeoTest('what skopeo copies is read right in every form', async (t) => {
  await withImages(t, async (folder, [image, second]) => {
    const copy = async (name: string, target: string, ...options: string[]): Promise<void> => {
      const source = `docker-archive:${folder}/in.tar:${name}`;
      await run('skopeo', [
        '--insecure-policy',
        '--tmpdir',
        folder,
        'copy',
        '--quiet',
        ...options,
        source,
        target,
      ]);
    };
    await copy(image!.name, `docker-archive:${folder}/d.tar:${image!.name}`);
    await readsRight(t, createDockerArchiveStore({ path: join(folder, 'd.tar') }), {
      name: image!.name,
      image: image!,
    });
    await copy(image!.name, `oci-archive:${folder}/o.tar:${image!.name}`);
    await readsRight(t, createOciArchiveStore({ path: join(folder, 'o.tar') }), {
      name: image!.name,
      image: image!,
    });
    await copy(image!.name, `oci:${folder}/layout:one`);
    await copy(second!.name, `oci:${folder}/layout:two`, '--dest-compress-format', 'zstd');
    await readsRight(t, createOciLayoutStore({ path: join(folder, 'layout') }), {
      name: 'one',
      image: image!,
    });
    await readsRight(t, createOciLayoutStore({ path: join(folder, 'layout') }), {
      name: 'two',
      image: second!,
    });
  });
});

const podmanTest = needing('root', 'podman');

podmanTest('what podman saves is read right, several images in one archive too', async (t) => {
  await withImages(t, async (folder, [image, second]) => {
    const podman = async (...args: string[]): Promise<void> => {
      const places = [
        '--root',
        join(folder, 'root'),
        '--runroot',
        join(folder, 'run'),
        '--tmpdir',
        join(folder, 'tmp'),
      ];
      await run('podman', [...places, '--storage-driver', 'vfs', ...args], {
        env: { ...process.env, TMPDIR: folder },
      });
    };
    // A full name's registry stays: podman would put localhost/ before a short one.
    await podman('load', '--quiet', '--input', join(folder, 'in.tar'));
    const names = [image!, second!].map((one) => one.name.replace('docker.io/', 'localhost/'));
    await podman('save', '--quiet', '--multi-image-archive', '--output', join(folder, 'm.tar'), ...names);
    await readsRight(t, createDockerArchiveStore({ path: join(folder, 'm.tar') }), {
      name: names[0]!,
      image: image!,
    });
    await readsRight(t, createDockerArchiveStore({ path: join(folder, 'm.tar') }), {
      name: names[1]!,
      image: second!,
    });
    await podman('save', '--quiet', '--format', 'oci-archive', '--output', join(folder, 'o.tar'), names[0]!);
    await readsRight(t, createOciArchiveStore({ path: join(folder, 'o.tar') }), {
      name: names[0]!,
      image: image!,
    });
  });
});
