// A byte changed at any level of an archive or a layout is found there: index → manifest → config → layer.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { AirgapError, type ErrorCode } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { createDockerArchiveStore, createOciArchiveStore } from '../../src/stores/archive.js';
import { createOciLayoutStore } from '../../src/stores/oci-layout.js';
import type { Store } from '../../src/stores/store.js';
import { readAll } from '../contract/store.js';
import * as images from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

interface Document {
  manifests: { digest: string; size: number; mediaType: string }[];
  layers: { digest: string; size: number; mediaType: string }[];
  config: { digest: string; size: number };
}

const [image] = images.testImages('digests');
const blob = (digest: string): string => `blobs/sha256/${digest.slice(7)}`;
const parsed = (bytes: Buffer | undefined): Document => JSON.parse(String(bytes)) as Document;

async function codeOf(
  t: ExecutionContext,
  read: (folder: string) => Promise<Store>,
): Promise<ErrorCode | undefined> {
  return await withTempDir(async (folder) => {
    const store = await read(folder);
    const error = await t.throwsAsync(async () => {
      const opened = await store.open(undefined);
      await readAll(opened, opened.config.diffIds);
    });
    await store.close();
    if (error instanceof AirgapError) return error.code;
    t.fail(error?.stack);
    return undefined;
  });
}

/** Both ways to read a layout must find the same. */
async function check(t: ExecutionContext, files: images.Files, code: ErrorCode): Promise<void> {
  const asFolder = await codeOf(t, async (folder) => {
    await images.writeFiles(folder, files);
    return createOciLayoutStore({ path: folder });
  });
  const asArchive = await codeOf(t, async (folder) => {
    await writeFile(join(folder, 'a.tar'), images.tarOfFiles(files));
    return createOciArchiveStore({ path: join(folder, 'a.tar') });
  });
  t.is(asFolder, code, 'folder');
  t.is(asArchive, code, 'archive');
}

/** The layout with its manifest changed, and index.json following it. */
function withManifest(change: (manifest: Document) => void): Map<string, Buffer> {
  const files = images.ociFiles([image], { codec: 'gzip' });
  const index = parsed(files.get('index.json'));
  const entry = index.manifests[0]!;
  const manifest = parsed(files.get(blob(entry.digest)));
  change(manifest);
  const bytes = Buffer.from(JSON.stringify(manifest));
  files.delete(blob(entry.digest));
  Object.assign(entry, { digest: digestOf(bytes), size: bytes.byteLength });
  return files.set(blob(entry.digest), bytes).set('index.json', Buffer.from(JSON.stringify(index)));
}

function flipped(files: Map<string, Buffer>, name: string): Map<string, Buffer> {
  const bytes = Buffer.from(files.get(name)!);
  const at = bytes.byteLength - 3;
  bytes[at] = bytes[at]! ^ 1;
  return files.set(name, bytes);
}

const nested = (): Map<string, Buffer> =>
  images.ociFiles([image], { codec: 'gzip', nestedAs: 'docker.io/library/n:1' });
const manifestOf = (files: images.Files): Document => {
  const index = parsed(files.get('index.json'));
  return parsed(files.get(blob(index.manifests[0]!.digest)));
};

test('a changed index, manifest, config or layer does not match its digest', async (t) => {
  const files = nested();
  const index = parsed(files.get('index.json')).manifests[0]!.digest;
  const manifest = manifestOf(files).manifests[0]!.digest;
  const { config, layers } = parsed(files.get(blob(manifest)));
  for (const digest of [index, manifest, config.digest, layers[0]!.digest]) {
    await check(t, flipped(nested(), blob(digest)), 'DIGEST_MISMATCH');
  }
});

test('a size that is not what the descriptor says is found', async (t) => {
  await check(
    t,
    withManifest((manifest) => (manifest.config.size += 1)),
    'SIZE_MISMATCH',
  );
  await check(
    t,
    withManifest((manifest) => (manifest.layers[1]!.size -= 1)),
    'SIZE_MISMATCH',
  );
  const files = images.ociFiles([image]);
  const index = parsed(files.get('index.json'));
  index.manifests[0]!.size += 1;
  await check(t, files.set('index.json', Buffer.from(JSON.stringify(index))), 'SIZE_MISMATCH');
});

test('a missing manifest, config or layer makes the image incomplete', async (t) => {
  const whole = images.ociFiles([image], { codec: 'gzip' });
  const manifest = parsed(whole.get('index.json')).manifests[0]!.digest;
  const { config, layers } = parsed(whole.get(blob(manifest)));
  for (const digest of [manifest, config.digest, layers[2]!.digest]) {
    const files = images.ociFiles([image], { codec: 'gzip' });
    files.delete(blob(digest));
    await check(t, files, 'IMAGE_INCOMPLETE');
  }
});

test('layers in another order than the diffIDs are found when they are read', async (t) => {
  await check(
    t,
    withManifest((manifest) => manifest.layers.reverse()),
    'DIGEST_MISMATCH',
  );
});

test('foreign and encrypted layers are refused by name', async (t) => {
  for (const mediaType of [
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip',
    'application/vnd.oci.image.layer.v1.tar+gzip+encrypted',
    'constructor',
  ]) {
    await check(
      t,
      withManifest((manifest) => (manifest.layers[0]!.mediaType = mediaType)),
      'LAYER_UNSUPPORTED',
    );
  }
});

test('a manifest with more or fewer layers than the config is refused', async (t) => {
  await check(
    t,
    withManifest((manifest) => manifest.layers.pop()),
    'DOCUMENT_INVALID',
  );
});

test('a document that is manifest and index at once is refused', async (t) => {
  await check(
    t,
    withManifest((manifest) => (manifest.manifests = [])),
    'DOCUMENT_INVALID',
  );
});

test('a config that does not match the name manifest.json gives it is refused', async (t) => {
  for (const write of [images.dockerLegacy, images.podmanSave, images.kanikoArchive]) {
    const text = write([image]).toString('latin1').replace('2026-01-02T03:04:05Z', '2027-01-02T03:04:05Z');
    const code = await codeOf(t, async (folder) => {
      await writeFile(join(folder, 'a.tar'), Buffer.from(text, 'latin1'));
      return createDockerArchiveStore({ path: join(folder, 'a.tar') });
    });
    t.is(code, 'DIGEST_MISMATCH');
  }
});
