// Compares what lies on the far side with what was sent; only this makes an image count as arrived.
import { type EngineFacts, storeRules } from '../engines/engine.js';
import { AirgapError } from '../errors.js';
import type { EngineCall, Far, FarImage } from '../far/facts.js';
import type { Image } from '../image/image.js';
import type { Codec } from '../oci/descriptor.js';
import type { Digest } from '../oci/digest.js';
import { besideSending } from './play-archive.js';
import type { Sender } from './sender.js';

export interface ProofContext {
  readonly hostName: string;
  readonly far: Far;
  readonly call: EngineCall;
  readonly engine: EngineFacts;
  readonly sender: Sender;
}

/** The manifest that an archive carried, for stores that keep one. */
export interface LoadedManifest {
  readonly digest: Digest;
  readonly layers: readonly { readonly digest: Digest; readonly size: number; readonly codec: Codec }[];
}

/**
 * @returns what lies there under `name`
 * @throws {AirgapError} VERIFY_FAILED with what differs; FAR_*
 */
export async function prove(
  { far, call, engine, hostName, sender }: ProofContext,
  image: Image,
  name: string,
  expected: Digest | LoadedManifest | undefined,
): Promise<FarImage> {
  const create = engine.storeKind === 'containerd';
  const { digest: manifest, layers = [] } = typeof expected === 'object' ? expected : { digest: expected };
  // A layout proves nothing of what it held before: the far side hashes that too.
  const blobs = engine.storeKind === 'layout' ? [...new Set(layers.map(({ digest }) => digest))] : [];
  const found = await besideSending(sender, () => far.verify(call, name, { create, blobs }));
  const fail = (what: string, got: string, want: string): never => {
    throw new AirgapError('VERIFY_FAILED', { host: hostName, image: image.source, what, got, want });
  };
  if (found === undefined) return fail('the image', 'missing', image.imageId);
  const wantId = storeRules[engine.storeKind].id === 'config' ? image.imageId : manifest;
  if (wantId !== undefined && found.farId !== wantId) return fail('its Id', found.farId, wantId);
  const damaged = found.damaged?.[0];
  if (damaged !== undefined) return fail('a layer that was there before', 'damaged', damaged);
  const diffIds = image.layers.map((layer) => layer.diffId);
  if (engine.storeKind !== 'layout' && found.diffIds?.join() !== diffIds.join()) {
    return fail('its layer list', found.diffIds?.at(-1) ?? 'missing', diffIds.at(-1) ?? 'empty');
  }
  if (!create || found.created) return found;
  if (engine.proof === 'manifest-and-check')
    return fail('its check', found.refused ?? 'not complete', 'complete');
  return fail('a container of it', 'not made', 'made');
}
