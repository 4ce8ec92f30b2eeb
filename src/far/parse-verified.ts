// The answer to `verify`. Of a layout the far side tells which blobs are what their names say; which of them is the manifest
// stands in the index, and JSON is read on this side only.
import { type Digest, isDigest } from '../oci/digest.js';
import type { FarChannel } from './channel.js';
import type { FarImage } from './facts.js';
import { maxDocumentBytes } from './limits.js';
import { parseBlob, parseBlock, parseImage } from './parse-held.js';

interface VerifiedCollector {
  onLine(line: string, channel: FarChannel): Promise<boolean>;
  found(): FarImage | undefined;
}

/** Collects what lies under the name; nothing is there if nothing was said. Of a layout every one of `wanted` must be told. */
export function collectVerified(wanted: readonly Digest[]): VerifiedCollector {
  const blobs = new Set<Digest>();
  let image: Omit<FarImage, 'created' | 'refused'> | undefined;
  let index: Uint8Array | undefined;
  let created = false;
  let refused: string | undefined;
  let wrong = false;
  const told: Digest[] = [];
  return {
    async onLine(line, channel) {
      const parsed = parseImage(line);
      const blob = parseBlob(line);
      const bytes = parseBlock(line, 'index', maxDocumentBytes);
      if (parsed !== undefined) image = { farId: parsed.farId, diffIds: parsed.diffIds };
      else if (blob !== undefined) blobs.add(blob.digest);
      else if (bytes !== undefined) index = await channel.block(bytes);
      else if (line === 'created') created = true;
      else if (line.startsWith('wrong ')) wrong = true;
      else if (line.startsWith('damaged ')) {
        const digest = line.slice(8);
        if (!isDigest(digest)) return false;
        told.push(digest);
      } else if (line.startsWith('refused ')) refused = line.slice(8);
      else return false;
      return true;
    },
    found() {
      if (wrong) return undefined;
      if (index !== undefined) {
        const [manifest, ...others] = manifestsOf(index).filter((digest) => blobs.has(digest));
        // An archive brings one image; its manifest is the one that came with it.
        if (manifest === undefined || others.length > 0) return undefined;
        const damaged = wanted.filter((digest) => !blobs.has(digest));
        return { farId: manifest, diffIds: undefined, created, ...(damaged.length > 0 ? { damaged } : {}) };
      }
      if (image === undefined) return undefined;
      return {
        ...image,
        created,
        ...(refused === undefined ? {} : { refused }),
        ...(told.length === 0 ? {} : { damaged: told }),
      };
    },
  };
}

function manifestsOf(index: Uint8Array): Digest[] {
  let document: unknown;
  try {
    document = JSON.parse(Buffer.from(index).toString('utf8'));
  } catch {
    return [];
  }
  if (typeof document !== 'object' || document === null || !('manifests' in document)) return [];
  if (!Array.isArray(document.manifests)) return [];
  const digests = document.manifests.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'digest' in entry ? entry.digest : undefined,
  );
  return [...new Set(digests.filter(isDigest))];
}
