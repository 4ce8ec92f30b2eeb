// Hashes one file of a bundle, or the pieces of one blob together, and unpacks the layer on the way if asked to. Synchronous,
// which is the quickest: it runs in workers, and in the main thread for what is small.
import { createHash, type Hash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import type { Codec } from '../oci/descriptor.js';
import { openFlags } from './open-flags.js';
import type { StoredFile } from './stored-file.js';
import { type CarriedCodec, unpackCarried } from './unpack-carried.js';
import { createUnpacker, UnpackError } from './unpack-layer.js';

/** What to check. */
export interface CheckJob {
  readonly id: number;
  /** One file, or all pieces of a blob in order. */
  readonly parts: readonly StoredFile[];
  /** To unpack. */
  readonly layer?: { readonly codec: Codec; readonly rawBytes: number; readonly carried?: boolean };
}

/** What a file turned out to be. */
export interface CheckResult {
  readonly id: number;
  /** Of each part, in hex; what could not be read has an errno of the system, or `ESIZE` where it was cut. */
  readonly parts: readonly ({ readonly hex: string } | { readonly errno: string; readonly detail: string })[];
  /** Of all parts together. */
  readonly hex: string;
  readonly raw?: { readonly hex: string; readonly bytes: number } | { readonly detail: string };
}

// Stays in a core's own cache between being read and being hashed.
const chunkBytes = 256 * 1024;

/** `onBytes` is told what was read since. */
export function runCheck(
  job: CheckJob,
  onBytes: (bytes: number) => void,
): CheckResult | Promise<CheckResult> {
  const { layer } = job;
  if (layer?.carried === true && layer.codec !== 'none')
    return runCarried(job, { ...layer, codec: layer.codec }, onBytes);
  // Thousands of small files need no large buffer each.
  const largest = Math.max(1, ...job.parts.map(({ bytes }) => bytes));
  const reading = readParts(job, onBytes, Buffer.allocUnsafe(Math.min(chunkBytes, largest)));
  const unpacking = layer === undefined ? undefined : startUnpacking(layer);
  for (const bytes of reading.chunks) unpacking?.push(bytes);
  return { ...reading.result(), ...(unpacking === undefined ? {} : { raw: unpacking.end() }) };
}

/** The decoders of carried layers are streams, so this one takes its time. */
async function runCarried(
  job: CheckJob,
  { codec, rawBytes }: { readonly codec: CarriedCodec; readonly rawBytes: number },
  onBytes: (bytes: number) => void,
): Promise<CheckResult> {
  const { chunks, result } = readParts(job, onBytes);
  // Never ended by its reader: what a decoder leaves is hashed all the same.
  async function* stored(): AsyncGenerator<Buffer, void, undefined> {
    for (let next = chunks.next(); next.done !== true; next = chunks.next()) yield next.value;
  }
  const raw = await hashCarried(unpackCarried(stored(), codec), rawBytes);
  while (chunks.next().done !== true);
  return { ...result(), raw };
}

async function hashCarried(
  unpacked: AsyncIterable<Buffer>,
  rawBytes: number,
): Promise<NonNullable<CheckResult['raw']>> {
  const hash = createHash('sha256');
  let bytes = 0;
  try {
    for await (const raw of unpacked) {
      bytes += raw.byteLength;
      if (bytes > rawBytes) throw tooLong();
      hash.update(raw);
    }
    return { hex: hash.digest('hex'), bytes };
  } catch (error) {
    if (!(error instanceof UnpackError)) throw error;
    return { detail: error.message };
  }
}

interface Reading {
  /** Hashed; each is good until the next one where they share a buffer. */
  readonly chunks: Generator<Buffer, void, undefined>;
  /** Once all were read. */
  result(): Omit<CheckResult, 'raw'>;
}

/** @param buffer of all chunks; each has its own without it */
function readParts(job: CheckJob, onBytes: (bytes: number) => void, buffer?: Buffer): Reading {
  const whole = job.parts.length === 1 ? undefined : createHash('sha256');
  const parts: CheckResult['parts'][number][] = [];
  function* all(): Generator<Buffer, void, undefined> {
    for (const part of job.parts) {
      const hash = createHash('sha256');
      try {
        for (const bytes of readAll(part, buffer)) {
          hash.update(bytes);
          whole?.update(bytes);
          onBytes(bytes.byteLength);
          yield bytes;
        }
        parts.push({ hex: hash.digest('hex') });
      } catch (error) {
        parts.push(failure(error));
      }
    }
  }
  return {
    chunks: all(),
    result() {
      const [first] = parts;
      const hex = whole?.digest('hex') ?? (first !== undefined && 'hex' in first ? first.hex : '');
      return { id: job.id, parts, hex };
    },
  };
}

function tooLong(): UnpackError {
  return new UnpackError('more bytes than the layer has');
}

interface Unpacking {
  push(bytes: Uint8Array): void;
  end(): { readonly hex: string; readonly bytes: number } | { readonly detail: string };
}

/** A layer that cannot be unpacked is hashed as stored all the same. */
function startUnpacking({ codec, rawBytes }: NonNullable<CheckJob['layer']>): Unpacking {
  const hash: Hash = createHash('sha256');
  let bytes = 0;
  let detail: string | undefined;
  const attempt = (work: () => void): void => {
    if (detail !== undefined) return;
    try {
      work();
    } catch (error) {
      if (!(error instanceof UnpackError)) throw error;
      detail = error.message;
    }
  };
  const unpacker = createUnpacker(codec, (raw) => {
    bytes += raw.byteLength;
    if (bytes > rawBytes) throw tooLong();
    hash.update(raw);
  });
  return {
    push: (stored) => attempt(() => unpacker.push(stored)),
    end: () => {
      attempt(() => unpacker.end());
      return detail === undefined ? { hex: hash.digest('hex'), bytes } : { detail };
    },
  };
}

function* readAll(part: StoredFile, buffer: Buffer | undefined): Generator<Buffer, void, undefined> {
  const fd = openSync(part.file, openFlags);
  try {
    const found = fstatSync(fd);
    if (!found.isFile()) throw failed('ELOOP');
    if (part.isWhole && found.size !== part.bytes) throw failed('ESIZE');
    for (let done = 0; done < part.bytes; ) {
      const chunk = buffer ?? Buffer.allocUnsafeSlow(Math.min(chunkBytes, part.bytes - done));
      const count = readSync(fd, chunk, 0, Math.min(chunk.byteLength, part.bytes - done), part.offset + done);
      if (count === 0) throw failed('ESIZE');
      yield chunk.subarray(0, count);
      done += count;
    }
  } finally {
    closeSync(fd);
  }
}

function failed(code: string): Error {
  return Object.assign(new Error(code), { code });
}

function failure(error: unknown): { readonly errno: string; readonly detail: string } {
  if (!(error instanceof Error && 'code' in error)) throw error;
  return { errno: String(error.code), detail: error.message };
}
