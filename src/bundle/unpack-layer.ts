// A stored layer back to its tar, unit by unit, strictly as the format cuts it: each zstd frame or gzip member holds 8 MiB of it,
// the last one less. So no unit can unpack to more than has room, however it was made. Synchronous: it runs in workers.
// @see docs/format.md B-10, B-12; RFC 8878 §3.1.1, RFC 1952 §2.3
import zlib from 'node:zlib';
import type { Codec } from '../oci/descriptor.js';
import { segmentRawBytes as segmentBytes } from '../streams/spool-types.js';

/** Takes the stored bytes in any chunks and hands on the tar. */
export interface Unpacker {
  /** Throws `UnpackError` for what is not a layer of this codec. */
  push(stored: Uint8Array): void;
  /** No more will come. Throws `UnpackError` for a layer that was cut. */
  end(): void;
}

/** Why a layer cannot be unpacked, in words of the decoder. */
export class UnpackError extends Error {
  override readonly name = 'UnpackError';
}

/** What a unit may weigh stored: zstd's and deflate's own bound for bytes that do not compress, with room to spare. */
const maxUnitBytes = segmentBytes + (segmentBytes >> 6) + 4096;
/** `ZSTD_WINDOWLOG` of 8 MiB. */
const maxWindowLog = 23;

/** Bytes of the unit at the front; undefined if it needs more of them. */
type Unit = { readonly raw: Buffer; readonly usedBytes: number } | undefined;

export function createUnpacker(codec: Codec, onRaw: (raw: Uint8Array) => void): Unpacker {
  if (codec === 'none') return { push: onRaw, end: () => undefined };
  const take = codec === 'zstd' ? takeFrame : takeMember;
  const held = Buffer.allocUnsafeSlow(2 * maxUnitBytes);
  let from = 0;
  let to = 0;
  let short = false;
  const takeOne = (isAll: boolean): boolean => {
    const unit = take(held.subarray(from, Math.min(to, from + maxUnitBytes)), isAll);
    if (unit === undefined) return false;
    if (short) throw new UnpackError('a unit after the last one');
    short = unit.raw.byteLength < segmentBytes;
    from += unit.usedBytes;
    onRaw(unit.raw);
    return true;
  };
  return {
    push(stored) {
      for (let at = 0; at < stored.byteLength; ) {
        if (to === held.byteLength) {
          held.copyWithin(0, from, to);
          to -= from;
          from = 0;
        }
        const count = Math.min(held.byteLength - to, stored.byteLength - at);
        held.set(stored.subarray(at, at + count), to);
        to += count;
        at += count;
        while (to - from >= maxUnitBytes && takeOne(false));
      }
    },
    end() {
      while (to > from) if (!takeOne(true)) throw new UnpackError('it ends too early');
    },
  };
}

function takeFrame(stored: Buffer, isAll: boolean): Unit {
  const usedBytes = frameLength(stored);
  if (usedBytes === undefined) {
    // So much is there that any frame of ours would be whole.
    if (!isAll) throw new UnpackError('a frame of more than 8 MiB');
    return undefined;
  }
  const raw = decode(() =>
    zlib.zstdDecompressSync(stored.subarray(0, usedBytes), {
      maxOutputLength: segmentBytes,
      chunkSize: segmentBytes,
      params: { [zlib.constants.ZSTD_d_windowLogMax]: maxWindowLog },
    }),
  );
  return { raw, usedBytes };
}

const frameMagic = 0xfd2fb528;

/** How long the frame at the front is; undefined if its end is not there. */
function frameLength(stored: Buffer): number | undefined {
  if (stored.byteLength < 5) return undefined;
  if (stored.readUInt32LE(0) !== frameMagic) throw new UnpackError('no zstd frame');
  const descriptor = stored[4] ?? 0;
  const isSingle = (descriptor & 0x20) !== 0;
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3] ?? 0;
  const sizeBytes = [isSingle ? 1 : 0, 2, 4, 8][descriptor >> 6] ?? 0;
  let at = 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes;
  for (let last = false; !last; ) {
    if (at + 3 > stored.byteLength) return undefined;
    const word = stored.readUIntLE(at, 3);
    last = (word & 1) === 1;
    // A run-length block holds one byte however long it is.
    at += 3 + (((word >> 1) & 3) === 1 ? 1 : word >> 3);
  }
  at += (descriptor & 4) === 0 ? 0 : 4;
  return at <= stored.byteLength ? at : undefined;
}

const memberHeaderBytes = 10;
const memberTrailerBytes = 8;

function takeMember(stored: Buffer, isAll: boolean): Unit {
  if (stored.byteLength < memberHeaderBytes + memberTrailerBytes) return undefined;
  // Magic, deflate, and no optional field: members that we write have none.
  if (stored.readUInt32BE(0) !== 0x1f8b0800) throw new UnpackError('no gzip member');
  const { raw, usedBytes } = inflate(stored.subarray(memberHeaderBytes));
  const end = memberHeaderBytes + usedBytes;
  if (end + memberTrailerBytes > stored.byteLength) {
    if (!isAll) throw new UnpackError('a member of more than 8 MiB');
    return undefined;
  }
  if (stored.readUInt32LE(end) !== zlib.crc32(raw) || stored.readUInt32LE(end + 4) !== raw.byteLength)
    throw new UnpackError('a gzip trailer that does not fit');
  return { raw, usedBytes: end + memberTrailerBytes };
}

function inflate(deflated: Buffer): { readonly raw: Buffer; readonly usedBytes: number } {
  const options = { maxOutputLength: segmentBytes, chunkSize: segmentBytes, info: true };
  // With `info` the decoder comes along, and tells where the deflate stream ended; @types/node does not know.
  const result: unknown = decode(() => zlib.inflateRawSync(deflated, options));
  if (typeof result === 'object' && result !== null && 'buffer' in result && 'engine' in result) {
    const { buffer: raw, engine } = result;
    if (Buffer.isBuffer(raw) && typeof engine === 'object' && engine !== null && 'bytesWritten' in engine)
      return { raw, usedBytes: Number(engine.bytesWritten) };
  }
  throw new UnpackError('the decoder does not tell where it ended');
}

function decode<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new UnpackError(error instanceof Error ? error.message : String(error));
  }
}
