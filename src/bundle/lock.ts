// bundle.lock: what the words of a bundle.yaml stood for when it was exported. The same content, the same bytes.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { AirgapError, isAirgapError } from '../errors.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { hashFile } from '../streams/hash-bytes.js';
import { text } from '../text/text.js';
import { readYaml, type Spec } from './spec.js';
import { maxYamlBytes, specError } from './yaml-file.js';

export interface LockedImage {
  /** As bundle.yaml or a compose file names it. */
  readonly source: string;
  /** Full name over there. */
  readonly reference: string;
  readonly platform: string;
  readonly imageId: Digest;
  /** Of the source's own manifest, where it has one. */
  readonly manifest?: Digest;
}

export interface LockedFile {
  /** Relative to the folder of bundle.yaml. */
  readonly path: string;
  readonly digest: Digest;
}

export interface Lock {
  /** In the order of the run. */
  readonly images: readonly LockedImage[];
  readonly files: readonly LockedFile[];
}

const digest = z.custom<Digest>(isDigest);
const word = z.string().min(1).max(2000);
const schema = z.object({
  airgap: z.literal('lock'),
  version: z.literal(1),
  images: z.array(
    z.object({
      source: word,
      reference: word,
      platform: word,
      imageId: digest,
      manifest: digest.exactOptional(),
    }),
  ),
  files: z.array(z.object({ path: word, digest })),
});

/** Where the lock of a bundle.yaml lies: `bundle.lock` for `bundle.yaml`. */
export function lockPath(specFile: string): string {
  return path.join(path.dirname(specFile), `${path.basename(specFile).replace(/\.ya?ml$/, '')}.lock`);
}

/** The text of a lock: one image or file a line, so that a difference is read line by line. */
export function formatLock({ images, files }: Lock): string {
  const list = (rows: readonly object[]): string =>
    rows.length === 0 ? '[]' : `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  const imageRows = images.map(({ source, reference, platform, imageId, manifest }) => ({
    source,
    reference,
    platform,
    imageId,
    ...(manifest === undefined ? {} : { manifest }),
  }));
  const fileRows = [...files]
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .map((file) => ({ path: file.path, digest: file.digest }));
  return `{\n  "airgap": "lock",\n  "version": 1,\n  "images": ${list(imageRows)},\n  "files": ${list(fileRows)}\n}\n`;
}

/** @throws {AirgapError} SPEC_INVALID where it is not there or not a lock */
export async function readLock(file: string): Promise<Lock> {
  const raw = await readYaml(file);
  try {
    return parseJson(raw, { schema, limitBytes: maxYamlBytes, what: file });
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    throw specError(file, undefined, text().words.spec.notLock);
  }
}

/** The digest of every file that a spec names, package files among them; sorted. */
export async function lockFiles({ folder, payload }: Spec, signal?: AbortSignal): Promise<LockedFile[]> {
  const files = new Set(payload.files.map(({ from }) => from));
  for (const { from, gpgkey } of payload.repos) {
    files.add(from);
    if (gpgkey !== undefined) files.add(gpgkey);
  }
  for (const { folder: packages } of payload.packages) {
    for (const entry of await readdir(packages, { withFileTypes: true }))
      if (entry.isFile() && /\.(?:deb|rpm)$/.test(entry.name)) files.add(path.join(packages, entry.name));
  }
  const locked: LockedFile[] = [];
  for (const file of [...files].toSorted()) {
    const { digest } = await hashFile(file, { signal });
    locked.push({ path: path.relative(folder, file), digest });
  }
  return locked;
}

/** Compares what is there now with the lock. @throws {AirgapError} LOCK_DRIFT for the first difference */
export function refuseDrift(file: string, lock: Lock, now: Lock): void {
  const drift = (image: string, got: Digest | '', want: Digest | ''): AirgapError =>
    new AirgapError('LOCK_DRIFT', { path: file, image, got, want });
  const key = ({ source, reference, platform }: LockedImage): string =>
    JSON.stringify([source, reference, platform]);
  const locked = new Map(lock.images.map((image) => [key(image), image]));
  for (const image of now.images) {
    const before = locked.get(key(image));
    if (before === undefined) throw drift(image.source, image.imageId, '');
    if (before.imageId !== image.imageId) throw drift(image.source, image.imageId, before.imageId);
    // Where the lock knows the very bytes of a source, others that unpack to the same are others.
    if (before.manifest !== undefined && before.manifest !== image.manifest)
      throw drift(image.source, image.manifest ?? '', before.manifest);
    locked.delete(key(image));
  }
  const [gone] = locked.values();
  if (gone !== undefined) throw drift(gone.source, '', gone.imageId);
  const files = new Map(lock.files.map((one) => [one.path, one.digest]));
  for (const { path: at, digest: got } of now.files) {
    const want = files.get(at) ?? '';
    if (want !== got) throw drift(at, got, want);
    files.delete(at);
  }
  const [lost] = files;
  if (lost !== undefined) throw drift(lost[0], '', lost[1]);
}
