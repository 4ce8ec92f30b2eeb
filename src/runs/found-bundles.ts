// Bundles that lie somewhere, told from their documents alone: for a screen that offers them. No blob is read, nothing is proved.
import path from 'node:path';
import { findVolumes } from '../bundle/find-volumes.js';
import { type Bundle, openBundle } from '../bundle/reader.js';
import type { FoundBundle } from './local-api.js';

/** What lies at a path that somebody named. @throws {AirgapError} BUNDLE_*, DOCUMENT_INVALID, DRIVE_FAILED */
export async function lookAtBundle(named: string, home: string): Promise<FoundBundle> {
  return foundOf(await openBundle([path.resolve(named.replace(/^~(?=\/|$)/, home))]));
}

/** The bundles in a folder, or the one that it is; each volume goes to its own bundle. Never rejects. */
export async function findBundles(folder: string): Promise<readonly FoundBundle[]> {
  const volumes = await findVolumes(folder).catch(() => []);
  const places = new Map<string, string[]>();
  for (const { place } of volumes) {
    const bundle = await openBundle([place]).catch(() => undefined);
    if (bundle !== undefined) places.set(bundle.digest, [...(places.get(bundle.digest) ?? []), place]);
  }
  const found: FoundBundle[] = [];
  for (const all of places.values()) {
    const bundle = await openBundle(all).catch(() => undefined);
    if (bundle !== undefined) found.push(foundOf(bundle));
  }
  return found.toSorted((a, b) => a.name.localeCompare(b.name));
}

function foundOf({ manifest, volumes, missing }: Bundle): FoundBundle {
  const copies = manifest.contents.map(({ bytes, volume }) =>
    volume === undefined ? bytes * manifest.volumes : bytes,
  );
  return {
    paths: volumes.map(({ place }) => place),
    name: manifest.name,
    images: manifest.images.length,
    files: manifest.files.length,
    packages: manifest.packages.length,
    bytes: copies.reduce((sum, bytes) => sum + bytes, 0),
    missing,
  };
}
