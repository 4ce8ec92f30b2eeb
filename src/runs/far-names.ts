// The names that airgap itself sets on a far engine while it works, all under airgap.local/, and the last step of a run:
// real names, set only when everything has been proved, taken back if that cannot be finished.
import type { EngineCall, Far } from '../far/facts.js';
import type { Image } from '../image/image.js';
import type { Digest } from '../oci/digest.js';
import { hexOf } from '../oci/digest.js';
import { familiarReference, formatReference, parseReference, withoutDigest } from '../oci/reference.js';

/** Everything under this is ours. */
export const ownPrefix = 'airgap.local/';

/** Where an image is loaded and proved before it gets its name. */
export function temporaryName(client: string, imageId: Digest): string {
  return `${ownPrefix}loading:${client}-${hexOf(imageId).slice(0, 40)}`;
}

/** Keeps a held image from being collected while it is leaned on. */
export function baseName(client: string, farId: string): string {
  return `${ownPrefix}base:${client}-${hexOf(farId as Digest).slice(0, 40)}`;
}

/** Keeps the image that a name pointed at until the run ends. */
export function previousName(client: string, farId: string): string {
  return `${ownPrefix}previous:${client}-${hexOf(farId as Digest).slice(0, 40)}`;
}

/** Images without a name get this one: containerd stores collect what has none. */
export function untaggedName(imageId: Digest): string {
  return `${ownPrefix}untagged:${hexOf(imageId)}`;
}

/** The full name an image has of its own; one that has none gets one. */
export function ownName({ reference, imageId }: Pick<Image, 'reference' | 'imageId'>): string {
  return reference === undefined ? untaggedName(imageId) : formatReference(withoutDigest(reference));
}

/** Temporary names that an earlier run of this client left behind. */
export function leftoverNames(tags: Iterable<string>, client: string): string[] {
  const ours = new RegExp(`^${ownPrefix.replaceAll('.', '\\.')}(?:loading|base|previous):${client}-`);
  return [...tags].filter((tag) => ours.test(tag));
}

/** The spelling docker prints and takes. */
export function familiarName(input: string): string {
  return familiarReference(withoutDigest(parseReference(input)));
}

/** The full spelling, for archives. */
export function fullName(input: string): string {
  return formatReference(withoutDigest(parseReference(input)));
}

export interface NameChange {
  /** A name or Id that is the proved image. */
  readonly from: string;
  /** The real name. */
  readonly to: string;
  /** What it points at now, if that is another image. */
  readonly movesFrom: string | undefined;
}

/** Sets all names, or none: what was moved is moved back if one fails. */
export async function setNames(
  far: Far,
  call: EngineCall,
  client: string,
  changes: readonly NameChange[],
): Promise<void> {
  const done: NameChange[] = [];
  try {
    for (const change of changes) {
      const previous = previousName(client, change.movesFrom ?? 'sha256:0');
      await far.name(call, { from: change.from, to: change.to, previous });
      done.push(change);
    }
  } catch (error) {
    for (const { to, movesFrom } of done.reverse()) {
      if (movesFrom === undefined) continue;
      const back = { from: previousName(client, movesFrom), to, previous: previousName(client, 'sha256:0') };
      await far.name(call, back).catch(() => undefined);
    }
    throw error;
  }
}
