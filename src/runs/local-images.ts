// What is on this machine: all images of the stores that answer, and one image looked at closely.
import { type AirgapError, isAirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import type { DiffId } from '../oci/digest.js';
import { formatReference } from '../oci/reference.js';
import type { ImageSummary, Store } from '../stores/store.js';
import type { InspectedImage, InspectedLayer } from './api.js';

interface ImageList {
  readonly images: readonly ImageSummary[];
  readonly unavailable: readonly { readonly store: string; readonly message: string }[];
}

/** Lists every store; one that does not answer is told, not thrown. */
export async function listImages(stores: readonly Store[]): Promise<ImageList> {
  const { images, refusals } = await askStores(stores);
  const unavailable = refusals.map(({ store, error }) => ({ store, message: error.message }));
  return { images, unavailable };
}

/**
 * The same where nobody's answer is no answer. All are asked at once; that one of the `others` is not here is not worth a
 * word. @throws {AirgapError} the first store's own, if none answered
 */
export async function listAnyImages(
  stores: readonly Store[],
  others: readonly Store[] = [],
): Promise<ImageList> {
  const [first, more] = await Promise.all([askStores(stores), askStores(others)]);
  const told = more.refusals.filter(({ error }) => !absences.some((code) => isAirgapError(error, code)));
  const [refusal] = first.refusals;
  const isSilent = first.refusals.length === stores.length && more.refusals.length === others.length;
  if (refusal !== undefined && isSilent) {
    const isAbsent = first.refusals.every(({ error }) => isAirgapError(error, 'ENGINE_MISSING'));
    throw isAbsent ? (told[0]?.error ?? refusal.error) : refusal.error;
  }
  // A docker that is not installed is nothing to be told of where another engine has answered.
  const othersAnswered = more.refusals.length < others.length;
  const refused = first.refusals.filter(
    ({ error }) => !(othersAnswered && isAirgapError(error, 'ENGINE_MISSING')),
  );
  return {
    images: byName([...first.images, ...more.images]),
    unavailable: [...refused, ...told].map(({ store, error }) => ({ store, message: error.message })),
  };
}

/** It is not here, does not run, or is not this user's. */
const absences = ['ENGINE_MISSING', 'ENGINE_UNREACHABLE', 'ENGINE_DENIED'] as const;

function byName(images: readonly ImageSummary[]): ImageSummary[] {
  return images.toSorted((a, b) => a.name.localeCompare(b.name));
}

async function askStores(stores: readonly Store[]): Promise<{
  readonly images: readonly ImageSummary[];
  readonly refusals: readonly { readonly store: string; readonly error: AirgapError }[];
}> {
  const images: ImageSummary[] = [];
  const refusals: { store: string; error: AirgapError }[] = [];
  for (const store of stores) {
    try {
      images.push(...(await store.list()));
    } catch (error) {
      if (!isAirgapError(error)) throw error;
      refusals.push({ store: store.transport, error });
    }
  }
  return { images: byName(images), refusals };
}

/** Joins an image's layers with the history lines that made them and with the other images that share them. */
export function inspectImage(image: Image, others: readonly ImageSummary[]): InspectedImage {
  const lines = image.config.history.filter((entry) => entry.empty_layer !== true);
  // History may be missing or of another length (squashed, imported): then no line is better than a wrong one.
  const matches = lines.length === image.layers.length;
  return {
    image,
    layers: image.layers.map((layer, at): InspectedLayer => {
      const exactBytes = layer.uncompressedBytes;
      return {
        diffId: layer.diffId,
        bytes: exactBytes ?? layer.estimatedBytes,
        exact: exactBytes !== undefined,
        createdBy: matches ? lines[at]?.created_by : undefined,
        sharedWith: sharers(layer.diffId, image, others),
      };
    }),
  };
}

function sharers(diffId: DiffId, image: Image, others: readonly ImageSummary[]): string[] {
  return others
    .filter((other) => other.diffIds.includes(diffId) && !isItself(other, image))
    .map(({ name }) => name);
}

/**
 * Whether the row is the image that is looked at, under any of its names. A containerd store tells the digest of its manifest, or of an
 * index around that, which no config tells: there it is known by its name, or by the ID that was asked for.
 */
function isItself(other: ImageSummary, { source, reference, imageId, manifest }: Image): boolean {
  if ([imageId, manifest?.descriptor.digest, reference?.digest].some((id) => id === other.imageId))
    return true;
  if (!source.startsWith(`${other.store}:`)) return false;
  const asked = source.slice(other.store.length + 1).replace(/^sha256:/, '');
  if (/^[0-9a-f]{2,64}$/.test(asked) && other.imageId.startsWith(`sha256:${asked}`)) return true;
  const name = reference === undefined ? undefined : formatReference(reference);
  return other.references.some((one) => formatReference(one) === name);
}
