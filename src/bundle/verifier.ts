// Proves a bundle: every byte against airgap.json and the seal, airgap.json against itself, and its documents against the images.
// Collects what it finds; only what is no bundle at all, or cannot be opened as one, is thrown. @see docs/format.md "Threats"
import { AirgapError, type BundleProblem, type ErrorCode, isAirgapError } from '../errors.js';
import { digestOf } from '../oci/digest.js';
import { checkDocuments, documentPaths } from './check-documents.js';
import { checkManifest, contentsOf, sealedDigests } from './check-manifest.js';
import { type CheckOptions, runChecks } from './check-pool.js';
import { type BundleContent, outerFiles } from './manifest.js';
import { type Bundle, type BundleVolume, maxSignatureBytes } from './reader.js';
import { readStored, type StoredFile } from './stored-file.js';
import { formatSums } from './sums.js';
import { createVerifyJobs, judge, type Tell } from './verify-jobs.js';

/** Something that is wrong, and what to do about it. */
export interface BundleFinding {
  readonly code: ErrorCode;
  /** Undefined where the code says it all. */
  readonly problem: BundleProblem | undefined;
  /** In the bundle; empty for the whole of it. */
  readonly file: string;
  /** Undefined where every volume has the file. */
  readonly volume: number | undefined;
  readonly message: string;
  readonly hint: string | undefined;
}

export interface Verified {
  readonly findings: readonly BundleFinding[];
  /** Files and bytes that were read to their end. */
  readonly fileCount: number;
  readonly bytes: number;
  /** Layers that were unpacked and proved; none without `deep`. */
  readonly layerCount: number;
  readonly rawBytes: number;
}

export interface VerifyBundleOptions extends CheckOptions {
  /** Also unpack every layer and prove its diffID, or those that are carried. */
  readonly deep?: boolean | 'carried';
}

/** Most bytes of a document that is compared: an image of 1,024 layers with a config of 8 MiB stays below. */
const maxDocumentBytes = 40 * 1024 * 1024;

/** What `verifyBundle` will read, for a progress that knows its end. */
export function bytesToVerify(bundle: Bundle): number {
  return bundle.volumes
    .flatMap((volume) => contentsOf(bundle.manifest, volume.number).map(({ path }) => volume.files.get(path)))
    .reduce((sum, stored) => sum + (stored?.bytes ?? 0), 0);
}

/** Everything that was found. Missing volumes are findings; the signature is for signature.ts. @throws what aborts the signal */
export async function verifyBundle(bundle: Bundle, options: VerifyBundleOptions = {}): Promise<Verified> {
  const { manifest, rawManifest } = bundle;
  const found = new Map<string, BundleFinding>();
  const tell: Tell = (file, problem, volume) => {
    const key = `${volume?.number ?? 0} ${file}`;
    // The first finding of a file is the cause of the others.
    if (!found.has(key)) found.set(key, finding(bundle, file, problem, volume));
  };
  for (const volume of bundle.volumes) await checkVolume(bundle, volume, tell);

  const documents = new Map<string, Buffer>();
  const wanted = documentPaths(manifest);
  const jobs = createVerifyJobs();
  let fileCount = 0;
  let bytes = 0;
  for (const volume of bundle.volumes) {
    for (const content of contentsOf(manifest, volume.number)) {
      const stored = volume.files.get(content.path);
      if (stored?.bytes !== content.bytes) continue;
      fileCount += 1;
      bytes += content.bytes;
      if (!wanted.has(content.path) || content.bytes > maxDocumentBytes) jobs.add(volume, content, stored);
      else {
        const raw = await readDocument(stored, content, (problem) => tell(content.path, problem, volume));
        if (raw !== undefined) documents.set(content.path, raw);
        options.onBytes?.(content.bytes);
      }
    }
  }
  for (const { file, problem } of [
    ...checkManifest(manifest, rawManifest),
    ...checkDocuments(manifest, documents),
  ])
    tell(file, problem, undefined);

  const planned = jobs.plan(bundle, options.deep ?? false);
  const proved = judge(planned, await runChecks([...planned.keys()], options), tell);
  const findings = [...found.values()];
  if (bundle.missing.length > 0) findings.push(missingVolumes(bundle));
  return { findings, fileCount, bytes, ...proved };
}

/** What `openBundle` threw, as a finding; undefined for what is not about damage. */
export function damageFinding(error: unknown): BundleFinding | undefined {
  if (!isAirgapError(error)) return undefined;
  const damage: readonly ErrorCode[] = [
    'BUNDLE_DAMAGED',
    'DOCUMENT_INVALID',
    'DOCUMENT_TOO_LARGE',
    'DIGEST_INVALID',
  ];
  if (!damage.includes(error.code)) return undefined;
  const { problem, file } = isAirgapError(error, 'BUNDLE_DAMAGED')
    ? error.facts
    : { problem: undefined, file: outerFiles.manifest };
  const { code, message, hint } = error;
  return { code, problem, file, volume: undefined, message, hint };
}

/** Names, sizes and the seal of one volume. */
async function checkVolume(bundle: Bundle, volume: BundleVolume, tell: Tell): Promise<void> {
  const { manifest, rawManifest, signature } = bundle;
  for (const { path, problem } of volume.strays) tell(path, problem, volume);
  const contents = new Map(contentsOf(manifest, volume.number).map((content) => [content.path, content]));
  const outer = new Map<string, Uint8Array>([[outerFiles.manifest, rawManifest]]);
  for (const path of [outerFiles.signature, outerFiles.volume]) {
    const stored = volume.files.get(path);
    if (stored !== undefined) outer.set(path, await readStored(stored, maxSignatureBytes));
  }
  // Every volume carries the signature, and the same one. @see docs/format.md B-40
  const own = outer.get(outerFiles.signature);
  if (signature !== undefined && (own === undefined || !signature.equals(own)))
    tell(outerFiles.signature, own === undefined ? 'missing' : 'digest', volume);
  for (const path of volume.files.keys()) {
    if (!contents.has(path) && !outer.has(path) && path !== outerFiles.seal) tell(path, 'unknown', volume);
  }
  for (const { path, bytes } of contents.values()) {
    const stored = volume.files.get(path);
    if (stored === undefined) tell(path, 'missing', volume);
    else if (stored.bytes !== bytes) tell(path, 'size', volume);
  }
  const want = sealedDigests(manifest, volume.number, outer);
  if (volume.rawSums.equals(formatSums(want))) return;
  for (const [path, digest] of want) {
    const sealed = volume.sums.get(path);
    if (sealed === undefined) tell(path, 'not-sealed', volume);
    else if (sealed !== digest) tell(outer.has(path) ? path : outerFiles.seal, 'digest', volume);
  }
  for (const path of volume.sums.keys()) if (!want.has(path)) tell(path, 'not-listed', volume);
  tell(outerFiles.seal, 'form', volume);
}

async function readDocument(
  stored: StoredFile,
  { digest }: BundleContent,
  tell: (problem: BundleProblem) => void,
): Promise<Buffer | undefined> {
  try {
    const raw = await readStored(stored, maxDocumentBytes);
    if (digestOf(raw) === digest) return raw;
    tell('digest');
  } catch (error) {
    if (isAirgapError(error, 'BUNDLE_DAMAGED')) tell(error.facts.problem);
    else if (isAirgapError(error, 'DRIVE_FAILED')) tell('unreadable');
    else throw error;
  }
  return undefined;
}

function finding(
  bundle: Bundle,
  file: string,
  problem: BundleProblem,
  volume: BundleVolume | undefined,
): BundleFinding {
  const { code, message, hint } = new AirgapError('BUNDLE_DAMAGED', {
    path: volume?.place ?? bundle.path,
    file,
    problem,
  });
  return { code, problem, file, volume: volume?.number, message, hint };
}

function missingVolumes({ manifest, missing }: Bundle): BundleFinding {
  const facts = { name: manifest.name, missing, of: manifest.volumes };
  const { code, message, hint } = new AirgapError('BUNDLE_VOLUME_MISSING', facts);
  return { code, problem: undefined, file: '', volume: undefined, message, hint };
}
