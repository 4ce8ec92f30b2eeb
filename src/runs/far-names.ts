// The names that airgap itself sets on a far engine while it works, all under airgap.local/, and the last step of a run:
// real names, set only when everything has been proved, taken back if that cannot be finished.
import type { EngineFacts } from '../engines/engine.js';
import { AirgapError } from '../errors.js';
import type { EngineCall, Far } from '../far/facts.js';
import type { Image } from '../image/image.js';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';
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

/** Keeps the image that this real name pointed at until the run ends: one for each, whatever it turns out to be. */
export function previousName(client: string, name: string): string {
  return `${ownPrefix}previous:${client}-${hexOf(digestOf(name)).slice(0, 40)}`;
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

/** Refuses an IPv6 address in a name: only engines since 2023 take one. @throws {AirgapError} REFERENCE_INVALID */
export function refuseAddresses(names: readonly string[]): void {
  const input = names.find((name) => name.startsWith('['));
  if (input !== undefined) throw new AirgapError('REFERENCE_INVALID', { input, problem: 'address' });
}

/** The spelling in which an engine is told a name. */
export function engineName({ fullNames }: Pick<EngineFacts, 'fullNames'>, familiar: string): string {
  return fullNames ? fullName(familiar) : familiar;
}

/** The full spelling, for archives. */
export function fullName(input: string): string {
  return formatReference(withoutDigest(parseReference(input)));
}

export interface NameChange {
  /** A name or Id that is the proved image. */
  readonly from: string;
  /** The Id of that image there. */
  readonly farId: string;
  /** The real name. */
  readonly to: string;
  /** What it pointed at when the plan was made, if that is another image. */
  readonly movesFrom: string | undefined;
}

export interface SetNamesOptions {
  readonly far: Far;
  readonly call: EngineCall;
  readonly client: string;
  readonly noClobber: boolean;
}

/**
 * Sets all names, or none: what was set is taken back if one fails. The caller removes the `previousName` of every change
 * afterwards, whatever happened. @throws {AirgapError} NAME_TAKEN if a name came to be taken since the plan; FAR_*
 */
export async function setNames(
  { far, call, client, noClobber }: SetNamesOptions,
  changes: readonly NameChange[],
): Promise<void> {
  const begun: { name: string; farId: string; previous: string | undefined }[] = [];
  try {
    for (const { from, farId, to, movesFrom } of changes) {
      const previous = previousName(client, to);
      // One that fails may have been set all the same: its answer was lost.
      const change = { name: to, farId, previous: movesFrom === undefined ? undefined : previous };
      begun.push(change);
      // What it pointed at a moment ago counts, not what the plan saw.
      const moved = await far.name(call, { from, to, previous, noClobber });
      change.previous = moved === undefined ? undefined : previous;
    }
  } catch (error) {
    for (const change of begun.reverse()) await far.revert(call, change).catch(() => undefined);
    throw error;
  }
}
