// Manifests and indexes that mean the same to every reader: to Go, which takes keys of any case and the last of two; to a shell,
// which knows a few words. Only such ones are carried as their source has them; pure. @see docs/format.md B-61
import type { Codec, Descriptor } from './descriptor.js';
import type { Digest } from './digest.js';
import { isIndexType, isManifestType, layerCodec, parseIndex, parseManifest } from './manifest.js';

/** What a shell can look at. */
export const maxPlainBytes = 65_536;

export interface PlainImage {
  readonly config: { readonly digest: Digest; readonly size: number };
  /** Blobs, base first. */
  readonly layers: readonly { readonly digest: Digest; readonly size: number; readonly codec: Codec }[];
}

/** The media type of a manifest that says this of an image, and nothing that some readers would take for more; else undefined. */
export function plainManifestType(raw: Uint8Array, { config, layers }: PlainImage): string | undefined {
  const value = plainValue(raw);
  if (!hasOnly(value, manifestKeys)) return undefined;
  try {
    const parsed = parseManifest(raw, '');
    const isSame =
      hasOnly(value.config, descriptorKeys) &&
      isAt(parsed.config, config) &&
      parsed.layers.length === layers.length &&
      Array.isArray(value.layers) &&
      value.layers.every((layer) => hasOnly(layer, descriptorKeys)) &&
      parsed.layers.every((layer, at) => {
        const want = layers[at];
        return want !== undefined && isAt(layer, want) && layerCodec(layer.mediaType, '') === want.codec;
      });
    return isSame ? parsed.mediaType : undefined;
  } catch {
    return undefined;
  }
}

/** The entries of an index that is as plain; else undefined. */
export function plainIndexEntries(
  raw: Uint8Array,
): { readonly mediaType: string; readonly entries: readonly Descriptor[] } | undefined {
  const value = plainValue(raw);
  if (!hasOnly(value, indexKeys) || !Array.isArray(value.manifests)) return undefined;
  if (!value.manifests.every((entry) => hasOnly(entry, entryKeys))) return undefined;
  try {
    const { mediaType, manifests } = parseIndex(raw, '');
    return manifests.every((entry) => isManifestType(entry.mediaType)) && isIndexType(mediaType)
      ? { mediaType, entries: manifests }
      : undefined;
  } catch {
    return undefined;
  }
}

/** The value of JSON that has one meaning only: a key that stands twice means another image to another reader. */
export function parseUnambiguous(raw: Uint8Array): unknown {
  const text = Buffer.from(raw).toString('utf8');
  try {
    const value: unknown = JSON.parse(text);
    // Blanks and the spelling of strings are all that may differ.
    const compact = text.replace(/("[^"\\]*(?:\\.[^"\\]*)*")|\s+/g, (_all, string?: string) =>
      string === undefined ? '' : JSON.stringify(JSON.parse(string)),
    );
    return JSON.stringify(value) === compact ? value : undefined;
  } catch {
    return undefined;
  }
}

const manifestKeys = ['schemaVersion', 'mediaType', 'config', 'layers', 'annotations'];
const indexKeys = ['schemaVersion', 'mediaType', 'manifests', 'annotations'];
const descriptorKeys = ['mediaType', 'digest', 'size', 'annotations'];
const entryKeys = [...descriptorKeys, 'platform'];

function plainValue(raw: Uint8Array): unknown {
  return raw.byteLength <= maxPlainBytes ? parseUnambiguous(raw) : undefined;
}

/** An object with no keys but these. */
function hasOnly(value: unknown, keys: readonly string[]): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).every((key) => keys.includes(key))
  );
}

function isAt(
  found: { readonly digest: Digest; readonly size: number },
  want: { readonly digest: Digest; readonly size: number },
): boolean {
  return found.digest === want.digest && found.size === want.size;
}
