// Digest and size of bytes that nothing else is done with. Where they go on, verified.ts checks them as they pass.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type Digest, digestFromHex } from '../oci/digest.js';

export interface HashOptions {
  /** Checked before each chunk. */
  readonly signal?: AbortSignal | undefined;
  readonly onBytes?: (bytes: number) => void;
}

export interface Hashed {
  readonly digest: Digest;
  readonly bytes: number;
}

/** Reads to the end. @throws what the source throws, the signal's reason */
export async function hashBytes(
  chunks: AsyncIterable<Uint8Array>,
  { signal, onBytes }: HashOptions = {},
): Promise<Hashed> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of chunks) {
    signal?.throwIfAborted();
    hash.update(chunk);
    bytes += chunk.byteLength;
    onBytes?.(chunk.byteLength);
  }
  return { digest: digestFromHex(hash.digest('hex'), 'sha256'), bytes };
}

/** As `hashBytes`, of a file. */
export async function hashFile(file: string, options: HashOptions = {}): Promise<Hashed> {
  return await hashBytes(createReadStream(file, { highWaterMark: 1024 * 1024 }), options);
}
