// A registry as a Tree: documents come by digest and are kept, layers are told by what describes them and come several at a time.
import type { FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { detectBytes, detectCompression } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import type { Descriptor } from '../oci/descriptor.js';
import { digestOf } from '../oci/digest.js';
import { isIndexType, isManifestType, layerCodec } from '../oci/manifest.js';
import type { RegistrySource } from '../registry/open-registries.js';
import { readAt } from '../streams/file-at.js';
import { text } from '../text/text.js';
import { downloadBlobs, type FarBlob } from './blob-downloads.js';
import { withRange } from './file-bytes.js';
import type { RawCache } from './raw-cache.js';
import type { Tree, TreeFile } from './tree.js';

export interface RegistryTreeOptions {
  readonly source: RegistrySource;
  readonly documents: RawCache;
  /** Where blobs lie on their way. */
  readonly blobDirectory: string;
  /** Blobs that images of this run have described, by their name in a tree: one pass reads those of all. */
  readonly described: Map<string, DescribedBlob>;
  /** Of who opens the image; `read` has its own. */
  readonly signal?: AbortSignal | undefined;
}

export interface DescribedBlob extends FarBlob {
  readonly name: string;
}

/** The repository that a reference is in, as a tree. */
export function createRegistryTree(options: RegistryTreeOptions): Tree {
  const { source, documents, described: known, signal } = options;
  return {
    path: source.name,
    key: 'registries',
    async find(name, described) {
      if (described === undefined) return undefined;
      if (!known.has(name)) known.set(name, describedBlob(name, described, source));
      return { name, size: described.size, codec: promisedCodec(described, source.name) };
    },
    async document(name, { limitBytes, what }, described) {
      if (described === undefined || name !== blobPath(described.digest)) return undefined;
      const { digest, mediaType, size } = described;
      const kept = await documents.read(digest, limitBytes);
      if (kept !== undefined) return kept;
      if (size > limitBytes) throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
      const isManifest = isIndexType(mediaType) || isManifestType(mediaType);
      const raw = await source.first(async (repository) => {
        if (isManifest) return (await repository.resolve(digest, { signal }))?.raw;
        const stream = await repository.blob(described, { signal });
        return stream === undefined ? undefined : await buffer(stream);
      }, signal);
      if (raw !== undefined && digestOf(raw) === digest) await documents.write(digest, raw);
      return raw;
    },
    async read(names, { visit, signal: reading }) {
      const blobs = [...names].flatMap((name) => known.get(name) ?? []);
      await downloadBlobs(blobs, {
        directory: options.blobDirectory,
        signal: reading,
        async visit({ name, size }, handle) {
          const file = await describe(handle, name, size);
          const range = { start: 0, length: size, ...(reading === undefined ? {} : { signal: reading }) };
          await withRange(handle, range, (stream, fill) => visit(file, stream, fill));
        },
      });
    },
    async close() {},
  };
}

/** Where blobs lie below a cache folder. */
export function blobDirectoryIn(cacheDirectory: string): string {
  return path.join(cacheDirectory, 'blobs');
}

function describedBlob(name: string, { digest, size }: Descriptor, source: RegistrySource): DescribedBlob {
  const what = text().parts.blob(source.name, digest);
  return {
    name,
    digest,
    size,
    what,
    async open(offset, signal) {
      const stream = await source.first(
        (repository) => repository.blob({ digest, size }, { offset, signal }),
        signal,
      );
      if (stream !== undefined) return stream;
      throw new AirgapError('IMAGE_INCOMPLETE', {
        image: source.name,
        missing: text().parts.missingLayer(digest),
      });
    },
  };
}

/** A layer that is said to be raw and yet is not its own diffID is compressed somehow: its bytes will tell. */
function promisedCodec({ mediaType }: Descriptor, what: string): TreeFile['codec'] {
  const codec = layerCodec(mediaType, what);
  return codec === 'none' ? 'gzip' : codec;
}

async function describe(handle: FileHandle, name: string, size: number): Promise<TreeFile> {
  const codec = detectCompression(await readAt(handle, 0, Math.min(size, detectBytes)));
  return { name, size, codec: codec === 'xz' || codec === 'bzip2' ? undefined : codec };
}
