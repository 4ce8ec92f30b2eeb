// Branded digests: `sha256:<64 hex>`. The only makers are here, so kinds cannot be swapped by mistake.
// @see image-spec v1.1 descriptor.md#digests, config.md#layer-chainid
import { createHash } from 'node:crypto';
import { AirgapError } from '../errors.js';

declare const brand: unique symbol;

/** `sha256:<64 hex>` of bytes as stored. */
export type Digest = string & { readonly [brand]: 'digest' };
/** Digest of a layer's uncompressed tar; the key for layers. */
export type DiffId = Digest & { readonly [brand]: 'digest'; readonly diffId: true };
/** Digest that names a stack of layers. */
export type ChainId = Digest & { readonly [brand]: 'digest'; readonly chainId: true };

const pattern = /^sha256:[0-9a-f]{64}$/;

/** True if the text is a sha256 digest in its one canonical spelling. */
export function isDigest(text: unknown): text is Digest {
  return typeof text === 'string' && pattern.test(text);
}

/** Parses a digest. @throws {AirgapError} DIGEST_INVALID */
export function parseDigest(text: unknown, where: string): Digest {
  if (isDigest(text)) return text;
  throw new AirgapError('DIGEST_INVALID', { input: String(text).slice(0, 100), where });
}

/** Parses a diffID. @throws {AirgapError} DIGEST_INVALID */
export function parseDiffId(text: unknown, where: string): DiffId {
  return parseDigest(text, where) as DiffId;
}

/** The digest of these bytes. */
export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

/** A digest from 64 hex digits, such as a blob's file name. @throws {AirgapError} DIGEST_INVALID */
export function digestFromHex(hex: string, where: string): Digest {
  return parseDigest(`sha256:${hex}`, where);
}

/** The 64 hex digits of a digest. */
export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** The first 12 hex digits, for people. */
export function shortDigest(digest: string): string {
  return digest.replace(/^sha256:/, '').slice(0, 12);
}

/** The chainIDs of a stack, base first: one for every layer. @see image-spec v1.1 config.md#layer-chainid */
export function chainIds(diffIds: readonly DiffId[]): ChainId[] {
  const chains: ChainId[] = [];
  for (const diffId of diffIds) {
    const parent = chains.at(-1);
    chains.push((parent === undefined ? diffId : digestOf(`${parent} ${diffId}`)) as Digest as ChainId);
  }
  return chains;
}
