// Where what is attached to an image is looked for: beside it, in the repository or layout that it comes from.
import { type Attached, attachedTo, isAttachedTag, isReferrersTag, readAttached } from '../oci/attached.js';
import { blobPath } from '../oci/build.js';
import type { Descriptor } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { entryNames } from '../oci/layout.js';
import { maxManifestBytes } from '../oci/limits.js';
import { isIndexType, parseIndex } from '../oci/manifest.js';
import { mediaTypeOf } from '../oci/media-type.js';
import type { FoundManifest } from '../registry/repository.js';
import { checkDocument } from './found-image.js';
import { readIndexJson } from './oci-view.js';
import type { Tree } from './tree.js';

export interface AttachedPlace {
  /** What the image's name stands for: its manifest, or its index. */
  named(): Promise<Digest | undefined>;
  /** @throws {AirgapError} DOCUMENT_*, DIGEST_MISMATCH, REGISTRY_* */
  manifest(digest: Digest): Promise<FoundManifest | undefined>;
  /** All that is attached to these, and to that again. @throws {AirgapError} as `manifest` */
  find(subjects: readonly Digest[]): Promise<Attached[]>;
  /** Its bytes, not verified; undefined where it is not there. Never more than `limitBytes`. */
  blob(descriptor: Descriptor, limitBytes: number): Promise<Buffer | undefined>;
}

/** Of an OCI layout: the entries of its index.json that say what they belong to, or that cosign or a list of referrers has named. */
export function attachedInTree(tree: Tree, named: Digest | undefined): AttachedPlace {
  const what = tree.path;
  const blob: AttachedPlace['blob'] = async (descriptor, limitBytes) =>
    await tree.document(blobPath(descriptor.digest), { limitBytes, what }, descriptor);
  const read = async (described: Descriptor): Promise<FoundManifest | undefined> => {
    const raw = await blob(described, maxManifestBytes);
    if (raw === undefined) return undefined;
    checkDocument(raw, { digest: described.digest }, what);
    const { digest } = described;
    return {
      raw,
      descriptor: { mediaType: mediaTypeOf(undefined, raw, what), digest, size: raw.byteLength },
    };
  };
  const listed = async (): Promise<readonly Descriptor[]> => {
    const index = await readIndexJson(tree);
    return index === undefined ? [] : parseIndex(index, what).manifests;
  };
  return {
    named: async () => named,
    manifest: async (digest) => await read({ mediaType: '', digest, size: 0 }),
    async find(subjects) {
      const all: Attached[] = [];
      const put = async (entry: Descriptor, tag?: string): Promise<void> => {
        const found = await read(entry);
        if (found !== undefined)
          all.push({ ...readAttached(found, what), ...(tag === undefined ? {} : { tag }) });
      };
      for (const entry of await listed()) {
        // `registry.lan/app:sha256-….sig`, or the tag alone.
        const tags = entryNames(entry).map((name) => name.split(/[/:]/).at(-1) ?? '');
        if (!isIndexType(entry.mediaType)) await put(entry, tags.find(isAttachedTag));
        else if (tags.some(isReferrersTag)) {
          const list = await read(entry);
          for (const one of list === undefined ? [] : parseIndex(list.raw, what).manifests) await put(one);
        }
      }
      return attachedTo(all, subjects);
    },
    blob,
  };
}
