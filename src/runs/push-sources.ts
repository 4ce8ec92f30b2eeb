// What a push is about: words that are bundles, and all others, which are images. A bundle is a folder or tar that lies at that path.
import { findVolumes } from '../bundle/find-volumes.js';
import { type BundleImage, subjectsByName } from '../bundle/manifest.js';
import { type Bundle, openBundle } from '../bundle/reader.js';
import { AirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { type Attached, attachedTo, belongingTo, readAttached } from '../oci/attached.js';
import type { Digest } from '../oci/digest.js';
import { maxIndexBytes, maxManifestBytes } from '../oci/limits.js';
import { parseIndex } from '../oci/manifest.js';
import { formatPlatform, type Platform, parsePlatform, platformFits } from '../oci/platform.js';
import { readNamed } from '../oci/read-named.js';
import { maxAttachedBytes } from '../registry/limits.js';
import type { OpenedIndex } from '../stores/store.js';
import { isThere } from '../streams/fs-errors.js';
import { text } from '../text/text.js';
import type { ImageChoice } from './api.js';
import type { OpenedChoice } from './choose-images.js';
import { familiarName } from './far-names.js';
import type { AttachedFound } from './find-attached.js';

export interface PushSources {
  readonly images: readonly ImageChoice[];
  /** Each once, whole. */
  readonly bundles: readonly Bundle[];
}

/** @throws {AirgapError} BUNDLE_*, USAGE */
export async function splitSources(choices: readonly ImageChoice[]): Promise<PushSources> {
  const images: ImageChoice[] = [];
  const paths: string[] = [];
  for (const choice of choices) {
    if (!(await isBundlePath(choice.source))) images.push(choice);
    else if (choice.as === undefined) paths.push(choice.source);
    else
      throw new AirgapError('USAGE', { problem: text().words.push.asBundle(choice.source), command: 'push' });
  }
  return { images, bundles: await openAll(paths) };
}

/** A name of an image may be a folder's, too: then only a bundle counts. */
async function isBundlePath(source: string): Promise<boolean> {
  if (/^(?:\/|\.{1,2}\/)/.test(source)) return true;
  // `docker-archive:FILE.tar` names what reads it.
  if (/^[a-z][a-z0-9+-]*:/.test(source)) return false;
  if (/\.tar$/i.test(source)) return true;
  if (!(await isThere(source))) return false;
  const volumes = await findVolumes(source).catch(() => []);
  return volumes.length > 0;
}

/** Volumes of one bundle may be named one by one. */
async function openAll(paths: readonly string[]): Promise<Bundle[]> {
  const byDigest = new Map<string, { readonly paths: string[]; bundle: Bundle }>();
  for (const path of paths) {
    const bundle = await openBundle([path]);
    const known = byDigest.get(bundle.digest);
    if (known === undefined) byDigest.set(bundle.digest, { paths: [path], bundle });
    else known.paths.push(path);
  }
  const bundles: Bundle[] = [];
  for (const { paths: own, bundle } of byDigest.values())
    bundles.push(own.length === 1 ? bundle : await openBundle(own));
  for (const { manifest, missing } of bundles) {
    if (missing.length > 0)
      throw new AirgapError('BUNDLE_VOLUME_MISSING', { name: manifest.name, missing, of: manifest.volumes });
  }
  return bundles;
}

/** An image, and the name of the bundle that it came out of. */
export interface PushedChoice extends OpenedChoice {
  readonly bundle?: string;
  /** Where its name stands for several platforms: all of them. */
  readonly platforms?: OpenedIndex;
  /** What the bundle has of it. */
  readonly attached?: AttachedFound;
}

/**
 * The images of a bundle, as if they had been named; of each name all platforms, or the one that was asked for.
 * @throws {AirgapError} PLATFORM_MISSING, and what opening throws
 */
export async function openBundleImages(
  bundle: Bundle,
  open: (bundle: Bundle, image: BundleImage) => Promise<Image>,
  platform?: Platform,
): Promise<readonly PushedChoice[]> {
  if (platform !== undefined) return await openOnly(bundle, open, platform);
  const attached = await readBundleAttached(bundle);
  const subjects = subjectsByName(bundle.manifest);
  const opened: PushedChoice[] = [];
  const seen = new Map<string, Image[]>();
  for (const one of bundle.manifest.images) {
    const of = one.index === undefined ? undefined : `${one.reference} ${one.index}`;
    const others = of === undefined ? undefined : seen.get(of);
    if (others !== undefined) {
      others.push(await open(bundle, one));
      continue;
    }
    const chosen = { source: `bundle:${one.reference}`, inSpec: false };
    const image = await open(bundle, one);
    const { name } = bundle.manifest;
    const images = [image];
    if (of !== undefined) seen.set(of, images);
    const index = one.index === undefined ? undefined : await readIndex(bundle, one.index);
    // Rows that belong to something else would be added to its list over there.
    const own = belongingTo(attached.get(one.reference) ?? [], subjects.get(one.reference) ?? [], {
      isIndexWhole: true,
    });
    opened.push({
      image,
      name: familiarName(one.reference),
      platformAsked: false,
      chosen,
      bundle: name,
      ...(index === undefined ? {} : { platforms: { images, index } }),
      ...(own.length === 0 ? {} : { attached: foundIn(bundle, own) }),
    });
  }
  return opened;
}

/** One image of each name, and no index: that would name what does not go. */
async function openOnly(
  bundle: Bundle,
  open: (bundle: Bundle, image: BundleImage) => Promise<Image>,
  platform: Platform,
): Promise<readonly PushedChoice[]> {
  const { images, name } = bundle.manifest;
  const references = [...new Set(images.map(({ reference }) => reference))];
  const chosen = references.map((reference) => {
    const own = images.filter((one) => one.reference === reference);
    const fitting = own.filter((one) => platformFits(parsePlatform(one.platform), platform));
    // Exactly that one, or the newest variant that runs there, as a store chooses.
    const [best] = fitting.toSorted(
      (a, b) => rank(b, platform) - rank(a, platform) || (a.platform < b.platform ? 1 : -1),
    );
    if (best !== undefined) return best;
    const wanted = formatPlatform(platform);
    throw new AirgapError('PLATFORM_MISSING', {
      image: familiarName(reference),
      wanted,
      found: own.map((one) => one.platform),
    });
  });
  const attached = await readBundleAttached(bundle);
  return await Promise.all(
    chosen.map(async (one) => {
      const own = attachedTo(attached.get(one.reference) ?? [], [one.manifest]);
      return {
        image: await open(bundle, one),
        name: familiarName(one.reference),
        platformAsked: true,
        chosen: { source: `bundle:${one.reference}`, inSpec: false },
        bundle: name,
        ...(own.length === 0 ? {} : { attached: foundIn(bundle, own) }),
      };
    }),
  );
}

/** What the bundle has of each name; checked again, since nobody need have verified it. @throws {AirgapError} DIGEST_MISMATCH, DOCUMENT_* */
async function readBundleAttached(bundle: Bundle): Promise<ReadonlyMap<string, readonly Attached[]>> {
  const rows = bundle.manifest.attached ?? [];
  const read = await Promise.all(
    rows.map(async ({ reference, manifest: digest, mediaType, tag }) => {
      const raw = await readPart(bundle, digest, maxManifestBytes);
      const attached = readAttached(
        { raw, descriptor: { mediaType, digest, size: raw.byteLength } },
        partName(bundle, digest),
      );
      return { reference, attached: { ...attached, ...(tag === undefined ? {} : { tag }) } };
    }),
  );
  return new Map(
    [...Map.groupBy(read, ({ reference }) => reference)].map(([reference, all]) => [
      reference,
      all.map((one) => one.attached),
    ]),
  );
}

function foundIn(bundle: Bundle, attached: readonly Attached[]): AttachedFound {
  return { attached, blob: ({ digest }) => readPart(bundle, digest, maxAttachedBytes) };
}

const partName = ({ manifest }: Bundle, digest: Digest): string =>
  text().parts.manifest(`${manifest.name}@${digest}`);

const readPart = (bundle: Bundle, digest: Digest, limitBytes: number): Promise<Buffer> =>
  readNamed(bundle, digest, { limitBytes, what: partName(bundle, digest) });

const rank = (one: BundleImage, platform: Platform): number =>
  formatPlatform(parsePlatform(one.platform)) === formatPlatform(platform) ? 1 : 0;

async function readIndex(bundle: Bundle, want: Digest): Promise<NonNullable<OpenedIndex['index']>> {
  const raw = await readPart(bundle, want, maxIndexBytes);
  const { mediaType } = parseIndex(raw, partName(bundle, want));
  return { raw, descriptor: { mediaType, digest: want, size: raw.byteLength }, isOriginal: true, left: [] };
}
