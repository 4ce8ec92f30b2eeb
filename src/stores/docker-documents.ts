// On a containerd store docker's own ID is a manifest's or index's digest, and nothing but `docker save` tells the config's. This
// reads the documents out of a save: small, kept in memory, every step checked like an OCI layout's.
import { buffer } from 'node:stream/consumers';
import { AirgapError, isAirgapError } from '../errors.js';
import { createCursor } from '../image/bytes-cursor.js';
import { detectBytes, detectCompression } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { maxConfigBytes } from '../oci/limits.js';
import { parseIndex } from '../oci/manifest.js';
import { mediaTypeOf } from '../oci/media-type.js';
import type { Platform } from '../oci/platform.js';
import type { Reference } from '../oci/reference.js';
import { text } from '../text/text.js';
import type { DockerCli } from './docker-cli.js';
import { pullCommand, streamSave } from './docker-save-stream.js';
import { type Candidate, chooseImage, type FoundImage } from './found-image.js';
import { chooseIndex, type FoundPlatforms } from './found-index.js';
import { readIndexJson, soleCandidate } from './oci-view.js';
import { walkTar } from './tar-walk.js';
import type { Tree, TreeFile } from './tree.js';

export interface SavedDocumentsOptions {
  readonly id: Digest;
  readonly source: string;
  readonly reference: Reference | undefined;
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
  options: SavedDocumentsOptions & { readonly platform: Platform },
): Promise<FoundImage> {
  const { source, platform } = options;
  const candidate = await savedCandidate(cli, { ...options, platforms: [platform] });
  return await pullable(cli, options, () =>
    chooseImage([candidate], { name: undefined, platform, store: source }),
  );
}

/**
 * The same of several platforms: those asked for, or all that are there. What the index names and was never pulled is told as left.
 * @throws {AirgapError} as `readSavedDocuments`
 */
export async function readSavedIndex(
  cli: DockerCli,
  options: SavedDocumentsOptions & {
    readonly platforms: readonly Platform[] | undefined;
    /** The one that the engine tells. */
    readonly own: Platform;
  },
): Promise<FoundPlatforms> {
  const { source, platforms } = options;
  const candidate = await savedCandidate(cli, { ...options, platforms: platforms ?? [options.own] });
  return await pullable(cli, options, () =>
    chooseIndex([candidate], { name: undefined, platforms, store: source }),
  );
}

/** A platform that is not there can be pulled beside those that are. */
async function pullable<T>(
  cli: DockerCli,
  { reference }: SavedDocumentsOptions,
  choose: () => Promise<T>,
): Promise<T> {
  try {
    return await choose();
  } catch (error) {
    if (!isAirgapError(error, 'PLATFORM_MISSING')) throw error;
    const { facts } = error;
    throw new AirgapError('PLATFORM_MISSING', { ...facts, ...pullCommand(cli, reference, facts.wanted) });
  }
}

/** What the engine's ID stands for: a manifest, or an index. */
async function savedCandidate(
  cli: DockerCli,
  options: SavedDocumentsOptions & { readonly platforms: readonly Platform[] },
): Promise<Candidate> {
  const { id, source, reference } = options;
  const tree = await collectDocuments(cli, options);
  const what = text().parts.manifest(source);
  const raw = await tree.document(blobPath(id), { limitBytes: maxConfigBytes, what });
  // A save of one platform by name has that alone, and no index.
  const entry =
    raw === undefined
      ? await onlyEntry(tree)
      : // The engine does not say which of the two its ID is.
        { mediaType: mediaTypeOf(undefined, raw, what), digest: id, size: raw.byteLength };
  if (entry === undefined)
    throw new AirgapError('IMAGE_INCOMPLETE', { image: source, missing: text().parts.missingManifest(id) });
  return soleCandidate({ tree, reference, image: source }, entry);
}

async function onlyEntry(tree: Tree): Promise<Descriptor | undefined> {
  const index = await readIndexJson(tree);
  const entries = index === undefined ? [] : parseIndex(index, text().parts.index(tree.path)).manifests;
  return entries.length === 1 ? entries[0] : undefined;
}

/** What is small and JSON in a save of that image, and what is said of the rest. */
export async function collectDocuments(
  cli: DockerCli,
  {
    id,
    source,
    reference,
    platforms,
    signal,
  }: SavedDocumentsOptions & { readonly platforms: readonly Platform[] },
): Promise<Tree> {
  const documents = new Map<string, Buffer>();
  const files = new Map<string, TreeFile>();
  let keptBytes = 0;
  await streamSave(cli, { ids: [id], platforms, source, reference, signal }, async (stdout) => {
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
  });
  return {
    path: id,
    key: id,
    find: async (name) => files.get(name),
    document: async (name) => documents.get(name),
    read: async () => undefined,
    close: async () => undefined,
  };
}
