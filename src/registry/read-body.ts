// The whole body of an answer, under a limit.
import { AirgapError } from '../errors.js';
import type { Answer } from './transport.js';

/** @throws {AirgapError} DOCUMENT_TOO_LARGE before a byte is read where the answer says so, else at the limit; what the stream throws */
export async function readBody(
  { headers, body }: Answer,
  { limitBytes, what }: { readonly limitBytes: number; readonly what: string },
): Promise<Buffer> {
  const refuse = (): never => {
    body.destroy();
    throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
  };
  if (Number(headers['content-length'] ?? 0) > limitBytes) refuse();
  const chunks: Buffer[] = [];
  let count = 0;
  for await (const chunk of body as AsyncIterable<Buffer>) {
    count += chunk.byteLength;
    if (count > limitBytes) refuse();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
