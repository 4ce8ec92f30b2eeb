// The demo's images: real layers made of files that are here anyway (the node binary, node_modules), in an OCI layout.
// Layers are deterministic: sorted paths, no owner, fixed time.
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { create } from 'tar';
import { buildIndex, buildManifest } from '../oci/build.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';
import { normalisePlatform, type Platform } from '../oci/platform.js';

/** A layer: files below a folder. */
export interface LayerRecipe {
  readonly createdBy: string;
  readonly cwd: string;
  readonly paths: readonly string[];
}

export interface ImageRecipe {
  /** Full name. */
  readonly name: string;
  readonly layers: readonly LayerRecipe[];
}

const platform: Platform = normalisePlatform({
  os: 'linux',
  architecture: process.arch === 'x64' ? 'amd64' : process.arch,
});

/** Writes the images into an OCI layout at this folder. Layers of equal recipes are made once. */
export async function writeDemoLayout(folder: string, images: readonly ImageRecipe[]): Promise<void> {
  const blobs = path.join(folder, 'blobs/sha256');
  await mkdir(blobs, { recursive: true });
  const made = new Map<string, Descriptor>();
  let index: Uint8Array | undefined;
  for (const image of images) {
    const layers: Descriptor[] = [];
    for (const layer of image.layers) {
      const key = JSON.stringify([layer.cwd, layer.paths]);
      const descriptor = made.get(key) ?? (await writeLayer(blobs, layer));
      made.set(key, descriptor);
      layers.push(descriptor);
    }
    const config = await writeBlob(blobs, mediaTypes.ociConfig, configOf(image, layers));
    const manifest = await writeBlob(blobs, mediaTypes.ociManifest, buildManifest({ config, layers }));
    index = buildIndex({
      manifest,
      platform,
      name: image.name,
      ...(index === undefined ? {} : { existing: index }),
    });
  }
  await writeFile(path.join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
  if (index !== undefined) await writeFile(path.join(folder, 'index.json'), index);
}

/** Packages under node_modules with at most so many bytes in all, in order of name; real files, no links. */
export async function packagesUpTo(nodeModules: string, limitBytes: number): Promise<string[]> {
  const chosen: string[] = [];
  let bytes = 0;
  for (const name of (await readdir(nodeModules)).toSorted()) {
    if (name.startsWith('.') || name.startsWith('node-linux-')) continue;
    const size = await treeBytes(path.join(nodeModules, name));
    if (bytes + size > limitBytes) continue;
    bytes += size;
    // node-tar reads a leading @ as "the entries of this archive".
    chosen.push(`./${name}`);
  }
  return chosen;
}

async function treeBytes(file: string): Promise<number> {
  const entries = await readdir(file, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (entry.isFile()) bytes += (await stat(path.join(entry.parentPath, entry.name))).size;
  }
  return bytes;
}

async function writeLayer(blobs: string, { cwd, paths }: LayerRecipe): Promise<Descriptor> {
  const incoming = path.join(blobs, 'incoming.tmp');
  await pipeline(
    create({ cwd, portable: true, mtime: new Date(0), follow: false }, paths.toSorted()),
    createWriteStream(incoming),
  );
  const hash = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(incoming, { highWaterMark: 1 << 20 })) {
    hash.update(chunk);
    size += (chunk as Buffer).byteLength;
  }
  const digest = `sha256:${hash.digest('hex')}` as Digest;
  await rename(incoming, path.join(blobs, hexOf(digest)));
  return { mediaType: mediaTypes.ociLayer, digest, size };
}

async function writeBlob(blobs: string, mediaType: string, bytes: Uint8Array): Promise<Descriptor> {
  const digest = digestOf(bytes);
  await writeFile(path.join(blobs, hexOf(digest)), bytes);
  return { mediaType, digest, size: bytes.byteLength };
}

function configOf(image: ImageRecipe, layers: readonly Descriptor[]): Uint8Array {
  const epoch = '1970-01-01T00:00:00Z';
  return Buffer.from(
    JSON.stringify({
      architecture: platform.architecture,
      os: platform.os,
      created: epoch,
      config: { Env: ['PATH=/usr/local/bin:/usr/bin:/bin'], Entrypoint: ['/bin/node'], Cmd: ['--version'] },
      rootfs: { type: 'layers', diff_ids: layers.map((layer) => layer.digest) },
      history: image.layers.map(({ createdBy }) => ({ created: epoch, created_by: createdBy })),
    }),
  );
}
