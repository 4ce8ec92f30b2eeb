// A send through a registry: the images go there once, and the engine of each host pulls them by their digests.
import { AirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { formatReference, parseReference } from '../oci/reference.js';
import type { PlannedImage } from '../plan/plan.js';
import { text } from '../text/text.js';
import type { SendOptions } from './api.js';
import { type Chosen, isContainerSource } from './choose-images.js';
import { refuseAddresses } from './far-names.js';
import type { LoadContext, LoadedImage } from './load-image.js';
import { besideSending } from './play-archive.js';
import { type LoadedManifest, prove } from './prove-image.js';
import { parsePushTarget } from './push-names.js';
import type { PushOptions, PushResult } from './push-options.js';

/** What an engine pulls: `REGISTRY/REPOSITORY@DIGEST`, and the manifest behind that. */
export interface Pulled {
  readonly from: string;
  readonly manifest: LoadedManifest;
}

/** What a push brought, by the images of a plan. */
export type FindPulled = (planned: Pick<PlannedImage, 'imageId' | 'source'>) => Pulled;

/** The registry that the hosts pull from, as it is told. @throws {AirgapError} REFERENCE_INVALID, USAGE for what cannot go that way */
export function registryOf(
  { throughRegistry }: Pick<SendOptions, 'throughRegistry'>,
  { images }: Chosen,
): string | undefined {
  if (throughRegistry === undefined) return undefined;
  const { name } = parsePushTarget(throughRegistry);
  refuseAddresses([name]);
  // Found out by the push, it would be told after hours of looking at hosts, and of another command.
  if (images.length === 0)
    throw new AirgapError('USAGE', { problem: text().words.push.nothingThrough, command: 'send' });
  // It would be committed twice, and be another image each time.
  const container = images.find(({ source }) => isContainerSource(source));
  if (container !== undefined)
    throw new AirgapError('USAGE', {
      problem: text().words.push.containerThrough(container.source),
      command: 'send',
    });
  return name;
}

/** The push that goes before: the same images, under the same names. */
export function pushBefore(options: SendOptions, registry: string): PushOptions {
  const { images, spec, platform, noClobber, dryRun, limitBytesPerSecond, through, connect } = options;
  return {
    registry,
    images,
    connect,
    ...(spec === undefined ? {} : { spec }),
    ...(platform === undefined ? {} : { platform }),
    ...(noClobber === undefined ? {} : { noClobber }),
    ...(dryRun === undefined ? {} : { dryRun }),
    ...(limitBytesPerSecond === undefined ? {} : { limitBytesPerSecond }),
    ...(through === undefined ? {} : { through }),
  };
}

/** @throws {AirgapError} SOURCE_GONE for an image that was another one when it was pushed */
export function pulledOf({ receipt }: PushResult): FindPulled {
  const found = new Map<string, Pulled>();
  for (const { imageId, reference, manifest } of receipt?.images ?? []) {
    if (manifest === undefined || found.has(imageId)) continue;
    const { registry, repository } = parseReference(reference);
    const from = formatReference({ registry, repository, digest: manifest.digest });
    const layers = manifest.layers.flatMap(({ codec, ...layer }) =>
      codec === undefined ? [] : [{ ...layer, codec }],
    );
    found.set(imageId, { from, manifest: { digest: manifest.digest, layers } });
  }
  return ({ imageId, source }) => {
    const pulled = found.get(imageId);
    if (pulled === undefined) throw new AirgapError('SOURCE_GONE', { source, detail: imageId });
    return pulled;
  };
}

/** Has one image pulled, under a name of ours, and proved. @throws {AirgapError} PULL_FAILED, VERIFY_FAILED, TARGET_FULL, SSH_LOST, FAR_* */
export async function pullImage(
  context: LoadContext,
  image: Image,
  planned: PlannedImage,
  { from, manifest }: Pulled,
): Promise<LoadedImage> {
  const { far, call, sender } = context;
  const name = context.nameFor(planned.imageId);
  await besideSending(sender, () => far.pull(call, { from, name }));
  context.onLoaded(planned);
  const farImage = await prove(context, image, name, manifest.digest);
  return { farImage, name, told: { manifest, pulledFrom: from } };
}
