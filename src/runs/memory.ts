// What earlier receipts teach: which manifests a host's containerd store was given, and how fast the way there was.
import type { KnownManifest } from '../plan/target.js';
import type { Receipt } from '../receipt/receipt.js';

/** Manifests once given to this address, so that an image Id there tells which blobs lie there. */
export function knownManifests(receipts: readonly Receipt[], address: string): KnownManifest[] {
  const known = new Map<string, KnownManifest>();
  for (const image of receipts
    // An import names this machine in its receipts as import.sh does.
    .filter((one) => one.address === address || (address === 'local' && one.address === 'local:'))
    .flatMap((one) => one.images)) {
    if (image.manifest === undefined || image.manifest.layers.length !== image.diffIds.length) continue;
    const layers = image.manifest.layers.flatMap((layer, at) => {
      const diffId = image.diffIds[at];
      return diffId === undefined ? [] : [{ diffId, ...layer }];
    });
    known.set(image.manifest.digest, { digest: image.manifest.digest, imageId: image.imageId, layers });
  }
  return [...known.values()];
}

/** Bytes a second that the latest telling run to this address saw. */
export function seenLinkRate(receipts: readonly Receipt[], address: string): number | undefined {
  const rated = receipts.filter((one) => one.address === address && one.linkRate !== undefined);
  return rated.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))[0]?.linkRate;
}
