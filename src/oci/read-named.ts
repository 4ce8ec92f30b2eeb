// Documents and small blobs by the digest that names them, wherever a layout's paths lead to them.
import { AirgapError } from '../errors.js';
import { blobPath } from './build.js';
import { type Digest, digestOf } from './digest.js';

/**
 * The bytes, compared with their digest: whoever reads them need not have verified where they come from. `what` is for the error.
 * @throws {AirgapError} DIGEST_MISMATCH; what `read` throws
 */
export async function readNamed(
  from: { read(path: string, limitBytes: number): Promise<Buffer> },
  want: Digest,
  { limitBytes, what }: { readonly limitBytes: number; readonly what: string },
): Promise<Buffer> {
  const raw = await from.read(blobPath(want), limitBytes);
  const got = digestOf(raw);
  if (got !== want) throw new AirgapError('DIGEST_MISMATCH', { what, got, want });
  return raw;
}
