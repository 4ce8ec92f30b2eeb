// What a program says, as far as it is kept: read to its end, so that it never waits for a reader.
import type { Readable } from 'node:stream';

/** The first `maxBytes` of a stream; the rest is read and dropped. */
export async function readUpTo(
  stream: Readable,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  const chunks: Buffer[] = [];
  let count = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    if (count < maxBytes) chunks.push(chunk.subarray(0, maxBytes - count));
    count += chunk.byteLength;
  }
  return { bytes: Buffer.concat(chunks), isCut: count > maxBytes };
}
