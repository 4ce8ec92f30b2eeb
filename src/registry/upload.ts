// Uploads one blob: small ones in one request, others in chunks, each going on where the registry says that it is; after a cut, and
// with a place that was kept also in another run. @see distribution-spec 1.1 "Pushing blobs", "Pushing a blob in chunks"
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import type { RateLimit } from '../streams/rate-limit.js';
import { text } from '../text/text.js';
import {
  chunkBytes,
  leastChunkBytes,
  maxBegins,
  maxRetryAfterMs,
  maxTries,
  mostChunkBytes,
} from './limits.js';
import { pushError } from './push-error.js';
import { type Begun, type PushRepository, pushStatuses, uploadPlace } from './push-repository.js';
import type { Answer } from './registry.js';
import { isPassing, parseRetryAfter, passingStatuses, pause, pauseBefore } from './retry.js';

export interface UploadSource {
  readonly digest: Digest;
  readonly size: number;
  /** So many bytes from `offset` on; opened anew for every chunk. */
  open(offset: number, length: number): Promise<Readable>;
}

/** Places of uploads that a cut has left, so that another run goes on with them. */
export interface KeptUploads {
  /** The place of this blob's upload; it is nobody else's from then on. */
  take(repository: string, digest: Digest): Promise<URL | undefined>;
  keep(repository: string, digest: Digest, place: URL): Promise<void>;
  forget(repository: string, digest: Digest): Promise<void>;
}

export interface UploadOptions {
  readonly repository: PushRepository;
  readonly blob: UploadSource;
  readonly kept: KeptUploads;
  /** Where it was begun already, as by a mount that came to nothing. */
  readonly begun?: Begun | undefined;
  /** Bytes handed over; negative where what was sent is lost. */
  readonly onBytes: (bytes: number) => void;
  readonly limit?: RateLimit | undefined;
  readonly onWait: (ms: number, why: string) => void;
  readonly signal?: AbortSignal | undefined;
}

export interface Uploaded {
  /** Bytes that an earlier run had brought. */
  readonly resumedBytes: number;
}

interface State {
  place: URL;
  /** Bytes that the registry has. */
  offset: number;
  /** Of a request. */
  chunk: number;
  /** In a row. */
  failures: number;
}

/** Brings the blob there, whole. @throws {AirgapError} REGISTRY_*, what `open` throws, the signal's reason */
export async function uploadBlob(options: UploadOptions): Promise<Uploaded> {
  const { repository, blob, kept, signal } = options;
  const { name, registry } = repository;
  let told = 0;
  const tell = (bytes: number): void => {
    if (bytes !== told) options.onBytes(bytes - told);
    told = bytes;
  };
  const found = options.begun === undefined ? await kept.take(name, blob.digest) : undefined;
  // A registry that cannot be asked now may know it later.
  if (found !== undefined) await kept.keep(name, blob.digest, found);
  let at = found === undefined ? undefined : await askPlace(options, found);
  if (at !== undefined) await kept.keep(name, blob.digest, at.location);
  let resumedBytes = at?.offset ?? 0;
  for (let begins = 1; ; begins += 1) {
    tell(at?.offset ?? 0);
    const begun =
      at ?? (begins === 1 ? options.begun : undefined) ?? (await repository.begin(blob.digest, { signal }));
    if (begun === undefined) return { resumedBytes: 0 };
    const { location: place, offset, leastBytes } = begun;
    const chunk = Math.min(mostChunkBytes, Math.max(chunkBytes, leastBytes ?? 0));
    try {
      const state: State = { place, offset, chunk, failures: 0 };
      while (!(await step(options, state, tell))) await kept.keep(name, blob.digest, state.place);
      tell(blob.size);
      await kept.forget(name, blob.digest);
      return { resumedBytes };
    } catch (error) {
      signal?.throwIfAborted();
      // What an earlier run left there may have been something else.
      const isStale =
        resumedBytes > 0 && isAirgapError(error, 'REGISTRY_PUSH') && error.facts.problem === 'digest';
      // Whatever else stops it, the next run goes on from there.
      if (!isStale && !(error instanceof LostError)) throw error;
      await kept.forget(name, blob.digest);
      if (begins >= maxBegins) {
        const detail = text().words.registry.lostUpload;
        const request = `PUT /v2/${name}/blobs/uploads/`;
        throw new AirgapError(
          'REGISTRY_FAILED',
          { registry: registry.host, request, detail },
          { cause: error },
        );
      }
      at = undefined;
      resumedBytes = 0;
    }
  }
}

/** The registry knows nothing of the upload any more. */
class LostError extends Error {}

/** One request. @returns whether the blob is there, whole */
async function step(options: UploadOptions, state: State, tell: (bytes: number) => void): Promise<boolean> {
  const { repository, blob, onWait, signal } = options;
  const { offset } = state;
  const rest = blob.size - offset;
  const length = Math.min(state.chunk, rest);
  // All of a small blob goes along with the end of its upload.
  const isEnd = rest === 0 || (offset === 0 && length === rest);
  const bytes = length === 0 ? Buffer.alloc(0) : await buffer(await blob.open(offset, length));
  if (bytes.byteLength !== length)
    throw new AirgapError('SIZE_MISMATCH', {
      what: blob.digest,
      got: offset + bytes.byteLength,
      want: blob.size,
    });
  let why: string;
  let askedMs = 0;
  try {
    const answer = await put(options, state, { bytes, isEnd, tell });
    const { status } = answer;
    if (status >= 200 && status < 300) {
      if (isEnd) {
        answer.body.resume();
        return true;
      }
      const next = await placeIn(options, answer);
      const isForward = next.offset > offset && next.offset <= offset + length;
      Object.assign(state, { place: next.location, failures: isForward ? 0 : state.failures + 1 });
      if (next.offset > blob.size || state.failures >= maxTries) throw new LostError('no progress');
      state.offset = next.offset;
      tell(next.offset);
      return false;
    }
    tell(offset);
    if (status === 404) {
      answer.body.destroy();
      throw new LostError('HTTP 404');
    }
    if (status === 413 && state.chunk > leastChunkBytes) {
      answer.body.destroy();
      state.chunk = Math.max(leastChunkBytes, Math.floor(Math.min(state.chunk, length) / 4));
      return false;
    }
    if (isPassing(status)) {
      askedMs = parseRetryAfter(answer.headers['retry-after'], Date.now()) ?? 0;
      if (askedMs > maxRetryAfterMs || state.failures + 1 >= maxTries)
        // Tells when to come again, or that it was asked often.
        throw await repository.failed(answer, isEnd ? 'PUT' : 'PATCH');
    } else if (status !== 416)
      throw await pushError({ ...repository, repository: repository.name, digest: blob.digest }, answer);
    answer.body.destroy();
    why = status === 429 ? text().words.registry.tooMany : `HTTP ${status}`;
  } catch (error) {
    signal?.throwIfAborted();
    tell(offset);
    if (!isAirgapError(error) || !error.retryable || state.failures + 1 >= maxTries) throw error;
    const isLimit = isAirgapError(error, 'REGISTRY_LIMIT');
    const isFailure = isAirgapError(error, 'REGISTRY_FAILED');
    // Of a token server, too, which this upload has to ask.
    askedMs = isLimit || isFailure ? (error.facts.seconds ?? 0) * 1000 : 0;
    if (askedMs > maxRetryAfterMs) throw error;
    const words = text().words.registry;
    why = isFailure ? error.facts.detail : isLimit ? words.tooMany : words.cut;
  }
  state.failures += 1;
  const ms = pauseBefore(state.failures) + askedMs;
  onWait(ms, why);
  await pause(ms, signal);
  // The answer to the last request may be what was cut.
  if (isEnd && (await repository.blobBytes(blob.digest, signal)) === blob.size) return true;
  const now = await askPlace(options, state.place);
  if (now === undefined || state.failures >= maxTries) throw new LostError(why);
  Object.assign(state, { place: now.location, offset: now.offset });
  tell(now.offset);
  return false;
}

interface Sending {
  readonly bytes: Buffer;
  readonly isEnd: boolean;
  readonly tell: (bytes: number) => void;
}

async function put(
  { repository, blob, limit, signal }: UploadOptions,
  { place, offset }: State,
  { bytes, isEnd, tell }: Sending,
): Promise<Answer> {
  const length = bytes.byteLength;
  const query = `${place.search === '' ? '?' : '&'}digest=${encodeURIComponent(blob.digest)}`;
  // A request is silent for as long as a slice waits for its turn: no longer than a second for each upload.
  const sliceBytes = Math.min(mostSliceBytes, Math.max(1, limit?.bytesPerSecond ?? mostSliceBytes));
  let paidBytes = Math.min(sliceBytes, length);
  // Before there is a request that could be cut meanwhile.
  if (paidBytes > 0) await limit?.take(paidBytes, signal);
  async function* slices(): AsyncGenerator<Buffer> {
    for (let at = 0; at < length; at += sliceBytes) {
      const slice = bytes.subarray(at, at + sliceBytes);
      if (paidBytes === 0) await limit?.take(slice.byteLength, signal);
      paidBytes = 0;
      yield slice;
      // Asked for more, so these have gone.
      tell(offset + at + slice.byteLength);
    }
  }
  return await repository.send({
    method: isEnd ? 'PUT' : 'PATCH',
    path: isEnd ? new URL(`${place.href}${query}`) : place,
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(length),
      ...(length === 0 ? {} : { 'content-range': `${offset}-${offset + length - 1}` }),
    },
    body: () => (length === 0 ? bytes : Readable.from(slices(), { objectMode: false })),
    accepts: [...pushStatuses, ...passingStatuses],
    signal,
  });
}

/** What is told of at once, and sent in one go. */
const mostSliceBytes = 64 * 1024;

/** Where the upload is; undefined where the registry does not know it, or does not tell. */
async function askPlace({ repository, blob, signal }: UploadOptions, place: URL): Promise<Begun | undefined> {
  const answer = await repository.send({
    method: 'GET',
    path: place,
    accepts: [...pushStatuses, 410, 501],
    signal,
  });
  if (answer.status >= 300) {
    answer.body.destroy();
    return undefined;
  }
  answer.body.resume();
  const offset = offsetIn(answer);
  if (offset === undefined || offset > blob.size) return undefined;
  const location =
    answer.headers.location === undefined ? place : await uploadPlace(repository.registry, answer);
  return { location, offset, leastBytes: undefined };
}

async function placeIn({ repository }: UploadOptions, answer: Answer): Promise<Begun> {
  answer.body.resume();
  const location = await uploadPlace(repository.registry, answer);
  const offset = offsetIn(answer);
  if (offset !== undefined) return { location, offset, leastBytes: undefined };
  const detail = `Range: ${String(answer.headers.range).slice(0, 50)}`;
  throw new AirgapError('REGISTRY_ANSWER', { registry: repository.registry.host, request: 'PATCH', detail });
}

/** `0-8388607`; docker's registry says `0-0` of nothing at all. */
function offsetIn({ headers }: Answer): number | undefined {
  const last = /^(?:bytes=)?0-(\d{1,15})$/.exec(String(headers.range ?? ''))?.[1];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}
