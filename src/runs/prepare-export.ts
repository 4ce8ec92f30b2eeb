// The near half of an export: opens the images, reads passports and earlier bundles, plans. Nothing is written.
import { readFile } from 'node:fs/promises';
import type { PlacedLayer } from '../bundle/journal.js';
import type { BundleManifest } from '../bundle/manifest.js';
import {
  type Holder,
  holderOf,
  type Passport,
  parsePassport,
  readsZstd,
  stackHolder,
} from '../bundle/passport.js';
import { type ExportPlan, exportLevels, planExport } from '../bundle/plan-export.js';
import { AirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { type Digest, digestOf } from '../oci/digest.js';
import { formatPlatform } from '../oci/platform.js';
import { text } from '../text/text.js';
import type { ExportOptions } from './api.js';
import type { ExportParts } from './export.js';
import { fullName, ownName } from './far-names.js';

export interface OpenedImage {
  readonly image: Image;
  readonly reference: string;
}

/** Opens every image; the same one twice counts once. @throws {AirgapError} USAGE for two of one name */
export async function openImages(
  parts: ExportParts,
  options: ExportOptions,
  signal: AbortSignal,
): Promise<OpenedImage[]> {
  const images = new Map<string, OpenedImage>();
  for (const { source, as, platform = options.platform } of options.images) {
    const image = await parts.openImage(source, { ...(platform === undefined ? {} : { platform }), signal });
    const reference = fullName(as ?? ownName(image));
    const before = images.get(reference);
    if (before !== undefined && before.image.imageId !== image.imageId) {
      throw new AirgapError('USAGE', { problem: text().words.export.sameName(reference), command: 'export' });
    }
    images.set(reference, before ?? { image, reference });
  }
  return [...images.values()];
}

/** @throws {AirgapError} PASSPORT_INVALID */
export async function readPassport(
  file: string,
): Promise<{ readonly passport: Passport; readonly digest: Digest }> {
  const raw = await readFile(file).catch((cause: NodeJS.ErrnoException) => {
    throw new AirgapError(
      'PASSPORT_INVALID',
      { path: file, problem: cause.code ?? cause.message },
      { cause },
    );
  });
  return { passport: parsePassport(raw, file), digest: digestOf(raw) };
}

export interface PrepareOptions {
  readonly parts: ExportParts;
  readonly options: ExportOptions;
  readonly images: readonly OpenedImage[];
  readonly passports: readonly { readonly passport: Passport }[];
  readonly bases: readonly { readonly manifest: BundleManifest }[];
  readonly freeBytes: number;
}

/** The plan, once it is known what is at the destination already. */
export function planOf(given: PrepareOptions): (reusable: readonly PlacedLayer[]) => ExportPlan {
  const { options, images } = given;
  const asked = options.compress === undefined || options.compress === 'auto' ? undefined : options.compress;
  return (reusable) =>
    planExport({
      images: images.map(({ image, reference }) => ({
        source: image.source,
        reference,
        imageId: image.imageId,
        platform: formatPlatform(image.platform),
        layers: image.layers.map(({ diffId, uncompressedBytes, estimatedBytes }) => ({
          diffId,
          raw:
            uncompressedBytes === undefined
              ? { bytes: estimatedBytes ?? 0, kind: 'estimate' as const }
              : { bytes: uncompressedBytes, kind: 'exact' as const },
        })),
      })),
      ...(asked === undefined ? {} : { codec: asked.codec, level: asked.level ?? exportLevels[asked.codec] }),
      hosts: given.passports.map(({ passport }) => ({
        holder: holderOf(passport),
        readsZstd: readsZstd(passport),
      })),
      bases: given.bases.map(({ manifest }) => baseHolder(manifest)),
      there: new Map(reusable.map(({ layer }) => [layer.diffId, layer.bytes])),
      payloadBytes: [...(options.payloads ?? []), ...(options.packageFiles ?? [])].reduce(
        (sum, { size }) => sum + size,
        0,
      ),
      importBytes: given.parts.importProgram().byteLength,
      freeBytes: given.freeBytes,
    });
}

/** Who has an earlier bundle, and loaded it, has its images whole. */
function baseHolder(manifest: BundleManifest): Holder {
  return stackHolder(manifest.images.map((image) => image.layers));
}

/** Whether a bundle that is there holds these images under these names. */
export function sameImages(manifest: BundleManifest, images: readonly OpenedImage[]): boolean {
  const key = (reference: string, imageId: string): string => `${reference} ${imageId}`;
  const there = manifest.images.map((image) => key(image.reference, image.imageId)).toSorted();
  const here = images.map(({ reference, image }) => key(reference, image.imageId)).toSorted();
  return there.join('\n') === here.join('\n');
}
