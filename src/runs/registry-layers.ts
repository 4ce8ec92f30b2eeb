// Which layers the images of a repository have, by diffID: how a bundle that leaves some out finds them there.
import { buffer } from 'node:stream/consumers';
import type { Descriptor } from '../oci/descriptor.js';
import { type DiffId, digestOf } from '../oci/digest.js';
import { maxConfigBytes } from '../oci/limits.js';
import { isManifestType, parseConfig, parseManifest } from '../oci/manifest.js';
import type { Registry } from '../registry/registry.js';
import { openRepository } from '../registry/repository.js';
import type { PushItem } from './plan-push.js';

// Of one repository: enough for the versions that a bundle may lean on.
const maxTags = 30;

/** Asks once a repository; what cannot be read there is passed over. */
export function createLayerFinder(
  registry: Registry,
  signal: AbortSignal,
): (item: PushItem) => Promise<ReadonlyMap<DiffId, Descriptor>> {
  const known = new Map<string, Promise<ReadonlyMap<DiffId, Descriptor>>>();
  return ({ repository: { name }, reference: { tag } }) => {
    const found = known.get(name) ?? readLayers(registry, { name, tag, signal });
    known.set(name, found);
    return found;
  };
}

async function readLayers(
  registry: Registry,
  {
    name,
    tag,
    signal,
  }: { readonly name: string; readonly tag: string | undefined; readonly signal: AbortSignal },
): Promise<ReadonlyMap<DiffId, Descriptor>> {
  const there = openRepository(registry, name, () => undefined);
  const tags = await there.tags({ signal });
  const layers = new Map<DiffId, Descriptor>();
  const wanted = [...(tag === undefined ? [] : [tag]), ...tags.toReversed()].slice(0, maxTags);
  for (const one of new Set(wanted)) {
    signal.throwIfAborted();
    try {
      const manifest = await there.resolve(one, { signal });
      if (manifest === undefined || !isManifestType(manifest.descriptor.mediaType)) continue;
      const parsed = parseManifest(manifest.raw, name);
      const body = await there.blob(parsed.config, { signal });
      if (body === undefined) continue;
      const what = `${name}:${one}`;
      // At most the size that the manifest tells, so that is what is limited.
      if (parsed.config.size > maxConfigBytes) continue;
      const raw = await buffer(body);
      if (digestOf(raw) !== parsed.config.digest) continue;
      const { diffIds } = parseConfig(raw, what);
      if (diffIds.length !== parsed.layers.length) continue;
      for (const [at, diffId] of diffIds.entries()) {
        const blob = parsed.layers[at];
        if (blob !== undefined && !layers.has(diffId)) layers.set(diffId, blob);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Error)) throw error;
    }
  }
  return layers;
}
