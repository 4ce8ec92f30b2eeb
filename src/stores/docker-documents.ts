// On a containerd store docker's own ID is a manifest's or index's digest, and nothing but `docker save` tells the config's. This
// reads the documents out of a save: small, kept in memory, every step checked like an OCI layout's.
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { createCursor } from '../image/bytes-cursor.js';
import { detectBytes, detectCompression } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import { mediaTypes } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { maxConfigBytes } from '../oci/limits.js';
import { formatPlatform, type Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { text } from '../text/text.js';
import type { DockerCli } from './docker-cli.js';
import { byPlatform, type FoundImage } from './found-image.js';
import { imageLeaves } from './oci-view.js';
import { walkTar } from './tar-walk.js';
import type { Tree, TreeFile } from './tree.js';

export interface SavedDocumentsOptions {
  readonly id: Digest;
  readonly source: string;
  readonly reference: Reference | undefined;
  readonly platform: Platform;
  readonly signal?: AbortSignal | undefined;
}

/** All documents of one save together. */
const maxDocumentsBytes = 64 * 1024 * 1024;

/**
 * Saves the image and reads its manifest and config. Also proves that all its layers are there.
 * @throws {AirgapError} IMAGE_INCOMPLETE, PLATFORM_MISSING, DIGEST_MISMATCH, ENGINE_*, SOURCE_GONE
 */
export async function readSavedDocuments(
  cli: DockerCli,
  options: SavedDocumentsOptions,
): Promise<FoundImage> {
  const { id, source, reference, platform } = options;
  const tree = await collectDocuments(cli, options);
  const what = text().parts.manifest(source);
  const raw = await tree.document(blobPath(id), { limitBytes: maxConfigBytes, what });
  if (raw === undefined)
    throw new AirgapError('IMAGE_INCOMPLETE', { image: source, missing: text().parts.missingManifest(id) });
  const entry = { mediaType: sniffType(raw), digest: id, size: raw.byteLength };
  const leaves = await imageLeaves({ tree, reference, image: source }, entry);
  const [leaf] = byPlatform(leaves, platform);
  if (leaf !== undefined) return await leaf.load();
  const found = leaves.map((other) => formatPlatform(other.platform));
  throw new AirgapError('PLATFORM_MISSING', { image: source, wanted: formatPlatform(platform), found });
}

async function collectDocuments(cli: DockerCli, { id, signal }: SavedDocumentsOptions): Promise<Tree> {
  const documents = new Map<string, Buffer>();
  const files = new Map<string, TreeFile>();
  let keptBytes = 0;
  await cli.stream(
    ['image', 'save', id],
    async (stdout) => {
      const cursor = createCursor(stdout as AsyncIterable<Buffer>);
      for await (const entry of walkTar(cursor, { path: `${cli.program} save` })) {
        signal?.throwIfAborted();
        if (entry.kind !== 'file') continue;
        const head = await entry.peek(detectBytes);
        const codec = detectCompression(head);
        files.set(entry.path, {
          name: entry.path,
          size: entry.size,
          codec: codec === 'xz' || codec === 'bzip2' ? undefined : codec,
        });
        const isDocument = head[0] === 0x7b && entry.size <= maxConfigBytes;
        if (!isDocument || keptBytes + entry.size > maxDocumentsBytes) continue;
        keptBytes += entry.size;
        documents.set(entry.path, await buffer(entry.stream()));
      }
      return 'done';
    },
    { signal },
  );
  return {
    path: id,
    key: id,
    find: async (name) => files.get(name),
    document: async (name) => documents.get(name),
    read: async () => undefined,
    close: async () => undefined,
  };
}

/** An index or a manifest: the engine does not say which its ID is. Parsed strictly afterwards. */
function sniffType(raw: Buffer): string {
  try {
    const document: unknown = JSON.parse(raw.toString('utf8'));
    if (typeof document !== 'object' || document === null) return mediaTypes.ociManifest;
    if ('mediaType' in document && typeof document.mediaType === 'string') return document.mediaType;
    return 'manifests' in document ? mediaTypes.ociIndex : mediaTypes.ociManifest;
  } catch {
    return mediaTypes.ociManifest;
  }
}
