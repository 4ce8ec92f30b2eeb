// One layer into one blob as its source holds it: the very bytes are written, and unpacked in passing, so that what is said of
// the layer is proved before it is in the bundle. @see docs/format.md B-60
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type DiffId, digestFromHex } from '../oci/digest.js';
import type { PackedLayer, PackOptions } from './pack-layer.js';
import { type CarriedCodec, unpackCarried } from './unpack-carried.js';
import { UnpackError } from './unpack-layer.js';

export interface CarryOptions extends Pick<PackOptions, 'writer' | 'after' | 'onRead' | 'signal'> {
  readonly diffId: DiffId;
  readonly blob: Descriptor;
  readonly codec: CarriedCodec;
  readonly stream: Readable;
  /** Beyond it the blob is a bomb. */
  readonly limitBytes: number;
  /** Told of bytes as stored. */
  readonly onProgress?: (storedBytes: number) => void;
}

/** @throws {AirgapError} DIGEST_MISMATCH, SIZE_MISMATCH, ARCHIVE_INVALID, ARCHIVE_BOMB, DRIVE_*, what the stream throws */
export async function carryLayer(options: CarryOptions): Promise<PackedLayer> {
  const { diffId, blob, codec, stream, writer, signal, limitBytes } = options;
  const path = blob.digest;
  try {
    await options.after;
    const hash = createHash('sha256');
    let rawBytes = 0;
    for await (const raw of unpackCarried(written(options), codec)) {
      rawBytes += raw.byteLength;
      if (rawBytes > limitBytes) throw new AirgapError('ARCHIVE_BOMB', { path, limitBytes });
      hash.update(raw);
    }
    signal?.throwIfAborted();
    options.onRead?.();
    const got = digestFromHex(hash.digest('hex'), path);
    if (got !== (diffId as string))
      throw new AirgapError('DIGEST_MISMATCH', { what: path, got, want: diffId });
    const placed = await writer.end();
    if (placed.bytes !== blob.size)
      throw new AirgapError('SIZE_MISMATCH', { what: path, got: placed.bytes, want: blob.size });
    if (placed.digest !== blob.digest)
      throw new AirgapError('DIGEST_MISMATCH', { what: path, got: placed.digest, want: blob.digest });
    return { diffId, rawBytes, blob: placed };
  } catch (error) {
    stream.destroy();
    await writer.discard();
    if (!(error instanceof UnpackError)) throw error;
    const problem = `damaged: ${codec}`;
    throw new AirgapError('ARCHIVE_INVALID', { path, problem }, { cause: error });
  }
}

/** The bytes, once they are written. */
async function* written({
  stream,
  writer,
  signal,
  onProgress,
}: CarryOptions): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    signal?.throwIfAborted();
    await writer.write(chunk);
    onProgress?.(chunk.byteLength);
    yield chunk;
  }
}
