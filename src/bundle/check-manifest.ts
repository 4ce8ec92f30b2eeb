// Whether airgap.json fits itself: every file that it speaks of is in its contents, nothing else is, and a shell that greps it
// reads the same as we do. Pure. @see docs/format.md B-4, B-11, B-13, B-20, B-40, B-42
import type { BundleProblem } from '../errors.js';
import { attachedTags } from '../oci/attached.js';
import { type Digest, digestOf } from '../oci/digest.js';
import {
  type BundleAttached,
  type BundleContent,
  type BundleManifest,
  contentRow,
  outerFiles,
  subjectsByName,
  versionFor,
} from './manifest.js';
import { blobFile, bundleRecipe, framesFile, pieceFile, recipeFile } from './paths.js';
import { type NamedPiece, piecesOf } from './pieces.js';

/** What is wrong with a file of a bundle. */
export interface Problem {
  readonly file: string;
  readonly problem: BundleProblem;
}

/** The files that every bundle has, whatever is inside. */
export const fixedFiles = [bundleRecipe, 'import.sh', 'oci-layout', 'manifest.json', 'index.json'] as const;

/** All that is wrong with it. Sizes and digests are compared with themselves only. */
export function checkManifest(manifest: BundleManifest, rawManifest: Uint8Array): Problem[] {
  return [
    ...contentProblems(manifest, rawManifest),
    ...layerProblems(manifest),
    ...fileProblems(manifest),
    ...newerProblems(manifest),
  ];
}

const form: Problem = { file: outerFiles.manifest, problem: 'form' };

/** What only version 2 has: used if that is the version, whole names by one index, carried layers packed. */
function newerProblems(manifest: BundleManifest): Problem[] {
  const { images, layers, version, attached } = manifest;
  const isSplit = [...Map.groupBy(images, ({ reference }) => reference).values()].some(
    ([first, ...others]) =>
      others.some(({ index }) => index !== first?.index) || (others.length > 0 && first?.index === undefined),
  );
  const isRaw = layers.some(({ carried, codec }) => carried === true && codec === 'none');
  // An empty list would be another digest for the same bundle, and what belongs to no image here belongs nowhere.
  const isStray = attached?.length === 0 || attached?.some(isForeign(manifest)) === true;
  return versionFor(manifest) !== version || (version > 1 && (isSplit || isRaw || isStray)) ? [form] : [];
}

/**
 * What belongs to no image here, or has a name that is not made of what it belongs to: that would be the name of something else.
 * Names are made once: a hostile list is long.
 */
function isForeign(manifest: BundleManifest): (one: BundleAttached) => boolean {
  const subjects = subjectsByName(manifest);
  const nameOf = (reference: string, tag: string): string => `${reference} ${tag}`;
  const own = [...subjects].flatMap(([reference, all]) => all.map((digest) => ({ reference, digest })));
  const again = (manifest.attached ?? []).map(({ reference, manifest: digest }) => ({ reference, digest }));
  const names = new Set(
    [...own, ...again].flatMap(({ reference, digest }) =>
      attachedTags(digest).map((tag) => nameOf(reference, tag)),
    ),
  );
  return ({ reference, tag }) =>
    !subjects.has(reference) || (tag !== undefined && !names.has(nameOf(reference, tag)));
}

/** Contents: no two of one name, none that the format does not know, each on its line. */
function contentProblems(manifest: BundleManifest, rawManifest: Uint8Array): Problem[] {
  const { contents, volumes } = manifest;
  const problems: Problem[] = [];
  const seen = new Set<string>();
  const outer = new Set<string>(Object.values(outerFiles));
  const known = knownFiles(manifest);
  for (const { path, volume = 1 } of contents) {
    if (seen.has(path.toLowerCase()) || volume > volumes) problems.push(form);
    seen.add(path.toLowerCase());
    if (outer.has(path) || !(known.has(path) || isOfPackages(path, manifest)))
      problems.push({ file: path, problem: 'unknown' });
  }
  const listed = new Set(contents.map(({ path }) => path));
  for (const path of known) if (!listed.has(path)) problems.push({ file: path, problem: 'not-listed' });
  // A second line for a path would be another file to a shell that greps for it.
  const rows = Buffer.from(rawManifest)
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('{"path":') && !line.includes('"to":'))
    .map((line) => line.replace(/,$/, ''));
  const wanted = contents.map((content) => JSON.stringify(contentRow(content)));
  if (rows.length !== wanted.length || rows.some((row, at) => row !== wanted[at])) problems.push(form);
  return problems;
}

function knownFiles(manifest: BundleManifest): Set<string> {
  const pieces = piecesOf(manifest.contents);
  return new Set<string>([
    ...fixedFiles,
    ...manifest.images.flatMap(({ imageId, manifest: digest, index }) => [
      recipeFile(imageId),
      framesFile(imageId),
      blobFile(imageId),
      blobFile(digest),
      ...(index === undefined ? [] : [blobFile(index)]),
    ]),
    ...manifest.layers.flatMap(({ digest }) => {
      const cut = pieces.get(digest);
      return cut === undefined ? [blobFile(digest)] : cut.map(({ path }) => path);
    }),
    ...manifest.files.map(({ path }) => path),
    ...attachedFiles(manifest),
  ]);
}

/** The files of what is attached: manifests and the blobs that they need. */
export function attachedFiles({ attached = [] }: Pick<BundleManifest, 'attached'>): readonly string[] {
  return attached.flatMap(({ manifest, blobs }) => [manifest, ...blobs].map(blobFile));
}

function isOfPackages(path: string, { packages }: BundleManifest): boolean {
  return packages.some(({ set }) => path.startsWith(`packages/${set}/`));
}

/** Layers: each there once, stored or omitted, of use to some image, and of one piece or of all its pieces. */
function layerProblems({ images, layers, omitted, contents }: BundleManifest): Problem[] {
  const problems: Problem[] = [];
  const byPath = new Map(contents.map((content) => [content.path, content]));
  const pieces = piecesOf(contents);
  const all = [...layers, ...omitted].map(({ diffId }) => diffId);
  const there = new Set(all);
  const used = new Set(images.flatMap((image) => image.layers));
  if (there.size !== all.length || used.size !== there.size || [...used].some((one) => !there.has(one)))
    problems.push(form);
  for (const layer of layers) {
    const file = blobFile(layer.digest);
    const cut = pieces.get(layer.digest);
    const raw = layer.codec === 'none';
    if (raw && (layer.rawBytes !== layer.bytes || String(layer.diffId) !== String(layer.digest)))
      problems.push({ file, problem: 'diff-id' });
    const isFound = cut === undefined ? isSame(byPath.get(file), layer) : isCut(cut, layer, byPath.has(file));
    if (!isFound) problems.push({ file, problem: 'size' });
  }
  for (const [digest] of pieces)
    if (!layers.some((layer) => layer.digest === digest))
      problems.push({ file: blobFile(digest), problem: 'unknown' });
  return problems;
}

function isCut(
  pieces: readonly NamedPiece[],
  layer: { readonly digest: Digest; readonly bytes: number },
  hasWhole: boolean,
): boolean {
  const bytes = pieces.reduce((sum, piece) => sum + piece.bytes, 0);
  return (
    !hasWhole &&
    bytes === layer.bytes &&
    pieces.every(({ number, path }, at) => number === at + 1 && path === pieceFile(layer.digest, number))
  );
}

/** Payload, packages, and blobs that are named by their digest. */
function fileProblems({ files, packages, contents }: BundleManifest): Problem[] {
  const byPath = new Map(contents.map((content) => [content.path, content]));
  const problems: Problem[] = [];
  const targets = new Set<string>();
  for (const file of files) {
    if (!/^files\/[^/]+$/.test(file.path) || targets.has(file.to)) problems.push(form);
    targets.add(file.to);
    if (byPath.has(file.path) && !isSame(byPath.get(file.path), file))
      problems.push({ file: file.path, problem: 'size' });
  }
  for (const { set } of packages)
    if (!contents.some(({ path }) => path.startsWith(`packages/${set}/`))) problems.push(form);
  for (const { path, digest } of contents)
    if (/^blobs\/sha256\/[0-9a-f]{64}$/.test(path) && path !== blobFile(digest))
      problems.push({ file: path, problem: 'digest' });
  return problems;
}

function isSame(
  content: BundleContent | undefined,
  want: { readonly bytes: number; readonly digest: Digest },
): boolean {
  return content?.bytes === want.bytes && content.digest === want.digest;
}

/** The digests that SHA256SUMS of a volume must hold, its own files at the top included. */
export function sealedDigests(
  manifest: BundleManifest,
  number: number,
  outer: ReadonlyMap<string, Uint8Array>,
): Map<string, Digest> {
  const digests = new Map(contentsOf(manifest, number).map(({ path, digest }) => [path, digest]));
  for (const [path, bytes] of outer) digests.set(path, digestOf(bytes));
  return digests;
}

/** What a volume holds, but for its files at the top. */
export function contentsOf({ contents }: BundleManifest, number: number): readonly BundleContent[] {
  return contents.filter(({ volume }) => volume === undefined || volume === number);
}
