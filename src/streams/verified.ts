// Checks size and digest of bytes as they pass: what comes out at the end was right, or the end is an error.
import { createHash } from 'node:crypto';
import { AirgapError } from '../errors.js';
import { type Digest, digestFromHex } from '../oci/digest.js';

export interface VerifiedOptions {
  /** Named in the error, e.g. `layer 3f1a…` or `config of nginx:1`. */
  readonly what: string;
  readonly digest?: Digest;
  /** Exact bytes; more than that ends the stream at once, so a lie about the size costs nothing. */
  readonly size?: number;
}

/**
 * The same chunks, checked. The consumer must read to the end: only the end proves.
 * @throws {AirgapError} SIZE_MISMATCH as soon as there is too much, or at the end; DIGEST_MISMATCH at the end
 */
export async function* verified(
  chunks: AsyncIterable<Buffer> | Iterable<Buffer>,
  { what, digest, size }: VerifiedOptions,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let got = 0;
  for await (const chunk of chunks) {
    got += chunk.length;
    if (size !== undefined && got > size) throw new AirgapError('SIZE_MISMATCH', { what, got, want: size });
    hash.update(chunk);
    yield chunk;
  }
  if (size !== undefined && got !== size) throw new AirgapError('SIZE_MISMATCH', { what, got, want: size });
  if (digest === undefined) return;
  const found = digestFromHex(hash.digest('hex'), what);
  if (found !== digest) throw new AirgapError('DIGEST_MISMATCH', { what, got: found, want: digest });
}
