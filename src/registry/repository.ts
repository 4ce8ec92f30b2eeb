// Reads one repository of a registry: manifests and blobs, by tag and by digest, every byte measured and every document compared
// with its digest. @see distribution-spec 1.1 "Pull"
import { Readable } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import { type Descriptor, mediaTypes } from '../oci/descriptor.js';
import { type Digest, digestOf, isDigest } from '../oci/digest.js';
import { maxIndexBytes, maxManifestBytes } from '../oci/limits.js';
import { mediaTypeOf } from '../oci/media-type.js';
import { text } from '../text/text.js';
import { connectionError, webPage } from './errors.js';
import { maxTagsBytes, maxTries } from './limits.js';
import type { NoticeListener } from './notices.js';
import { tellLimit } from './rate-limits.js';
import { readBody } from './read-body.js';
import type { Answer, Registry } from './registry.js';
import { isCut, pause, pauseBefore } from './retry.js';

/** A manifest or an index, as it came; its digest is right. */
export interface FoundManifest {
  readonly descriptor: Descriptor;
  readonly raw: Buffer;
}

export interface Reading {
  readonly signal?: AbortSignal | undefined;
}

export interface ResolveOptions extends Reading {
  /** A document that was kept: then the registry is only asked which one it is, which no rate limit counts. */
  readonly known?: (digest: Digest) => Promise<Buffer | undefined>;
}

export interface Repository {
  readonly registry: Registry;
  /** Without the registry: `library/nginx`. */
  readonly name: string;
  /** What a tag or digest stands for; undefined if there is none. @throws {AirgapError} REGISTRY_*, DOCUMENT_*, DIGEST_MISMATCH */
  resolve(tagOrDigest: string, options?: ResolveOptions): Promise<FoundManifest | undefined>;
  /** A blob's bytes from `offset` on, across cuts; at most its size, not compared with its digest. Undefined if it is not there. */
  blob(
    descriptor: Pick<Descriptor, 'digest' | 'size'>,
    options?: Reading & { readonly offset?: number },
  ): Promise<Readable | undefined>;
  /** Some of its tags, for "did you mean"; none where the registry does not tell. */
  tags(options?: Reading): Promise<readonly string[]>;
}

/** What is asked for: an index before what it names. */
export const acceptedManifests = [
  mediaTypes.ociIndex,
  mediaTypes.dockerIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerManifest,
].join(', ');

/** A repository of that registry; nothing is asked yet. */
export function openRepository(registry: Registry, name: string, notify: NoticeListener): Repository {
  const scope = { repository: name, actions: ['pull'] } as const;
  const full = `${registry.host}/${name}`;
  const ask = (method: 'GET' | 'HEAD', path: string, options: AskOptions): Promise<Answer> =>
    registry.request({ method, path: `/v2/${name}/${path}`, scope, ...options });

  /** By HEAD, where the registry tells it. */
  const digestBehind = async (
    tag: string,
    signal: Reading['signal'],
  ): Promise<Digest | 'unknown' | 'absent'> => {
    const answer = await ask('HEAD', `manifests/${tag}`, {
      headers: { accept: acceptedManifests },
      accepts: [404, 405],
      signal,
    });
    answer.body.resume();
    tellLimit(registry.host, answer.headers, notify);
    if (answer.status === 404) return 'absent';
    const digest = answer.headers['docker-content-digest'];
    return isDigest(digest) ? digest : 'unknown';
  };

  const fetchManifest = async (
    tagOrDigest: string,
    signal: Reading['signal'],
  ): Promise<FoundManifest | undefined> => {
    const what = text().parts.manifest(
      isDigest(tagOrDigest) ? `${full}@${tagOrDigest}` : `${full}:${tagOrDigest}`,
    );
    const answer = await ask('GET', `manifests/${tagOrDigest}`, {
      headers: { accept: acceptedManifests },
      accepts: [404],
      signal,
    });
    tellLimit(registry.host, answer.headers, notify);
    if (answer.status === 404) {
      answer.body.destroy();
      return undefined;
    }
    const raw = await readBody(answer, { limitBytes: Math.max(maxIndexBytes, maxManifestBytes), what });
    if (/^\s*</.test(raw.toString('latin1', 0, 100)))
      throw webPage(registry.host, `GET /v2/${name}/manifests/${tagOrDigest}`);
    const got = digestOf(raw);
    const told = answer.headers['docker-content-digest'];
    const want = isDigest(tagOrDigest) ? tagOrDigest : isDigest(told) ? told : got;
    if (got !== want) throw new AirgapError('DIGEST_MISMATCH', { what, got, want });
    const mediaType = mediaTypeOf(answer.headers['content-type'], raw, what);
    return { raw, descriptor: { mediaType, digest: got, size: raw.byteLength } };
  };

  return {
    registry,
    name,
    async resolve(tagOrDigest, { known, signal } = {}) {
      const behind =
        isDigest(tagOrDigest) || known === undefined ? tagOrDigest : await digestBehind(tagOrDigest, signal);
      if (behind === 'absent') return undefined;
      const digest = isDigest(behind) ? behind : undefined;
      const kept = digest === undefined ? undefined : await known?.(digest);
      if (kept !== undefined && digest !== undefined && digestOf(kept) === digest) {
        const mediaType = mediaTypeOf(undefined, kept, full);
        return { raw: kept, descriptor: { mediaType, digest, size: kept.byteLength } };
      }
      return await again(() => fetchManifest(digest ?? tagOrDigest, signal), signal, registry.host);
    },
    async blob({ digest, size }, { offset = 0, signal } = {}) {
      const open = (from: number): Promise<Answer> => {
        const headers: Record<string, string> = from === 0 ? {} : { range: `bytes=${from}-` };
        return ask('GET', `blobs/${digest}`, { headers, accepts: [404], signal });
      };
      const first = await open(offset);
      if (first.status === 404) {
        first.body.destroy();
        return undefined;
      }
      const reading = {
        first,
        offset,
        size,
        open,
        signal,
        what: text().parts.blob(full, digest),
        host: registry.host,
      };
      return Readable.from(blobChunks(reading), { objectMode: false });
    },
    async tags({ signal } = {}) {
      try {
        const answer = await ask('GET', 'tags/list?n=1000', { accepts: [404], signal });
        const raw = await readBody(answer, { limitBytes: maxTagsBytes, what: full });
        const { tags } = JSON.parse(raw.toString('utf8')) as { tags?: unknown };
        return Array.isArray(tags)
          ? tags.filter((tag) => typeof tag === 'string' && tagPattern.test(tag))
          : [];
      } catch (error) {
        if (signal?.aborted === true) throw error;
        return [];
      }
    },
  };
}

const tagPattern = /^[\w][\w.-]{0,127}$/;

type AskOptions = Reading & {
  readonly headers?: Readonly<Record<string, string>>;
  readonly accepts?: readonly number[];
};

/** A document whose body was cut is small enough to be asked for again, whole. */
async function again<T>(fetch: () => Promise<T>, signal: Reading['signal'], host: string): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await fetch();
    } catch (error) {
      signal?.throwIfAborted();
      if (!isCut(error)) throw error;
      if (tries >= maxTries) throw connectionError(error, host, 'GET');
      await pause(pauseBefore(tries), signal);
    }
  }
}

interface BlobReading {
  readonly first: Answer;
  readonly offset: number;
  readonly size: number;
  readonly open: (from: number) => Promise<Answer>;
  readonly signal: Reading['signal'];
  readonly what: string;
  readonly host: string;
}

async function* blobChunks(reading: BlobReading): AsyncGenerator<Buffer, void, undefined> {
  const { offset, size, signal, what, host } = reading;
  let answer = reading.first;
  let position = offset;
  for (let failures = 0; ; ) {
    try {
      // A registry that does not know Range begins at the start: what is here already is passed over.
      let surplus = position - startOf(answer, position, what);
      for await (const chunk of answer.body as AsyncIterable<Buffer>) {
        const fresh = chunk.subarray(Math.min(surplus, chunk.byteLength));
        surplus -= chunk.byteLength - fresh.byteLength;
        if (fresh.byteLength === 0) continue;
        position += fresh.byteLength;
        if (position > size) throw new AirgapError('SIZE_MISMATCH', { what, got: position, want: size });
        failures = 0;
        yield fresh;
      }
      if (position === size) return;
      // An end that is none: a proxy may close a stream that it could not finish.
    } catch (error) {
      answer.body.destroy();
      signal?.throwIfAborted();
      if (isAirgapError(error)) throw error;
      if (!isCut(error)) throw connectionError(error, host, 'GET');
    } finally {
      answer.body.destroy();
    }
    failures += 1;
    if (failures >= maxTries) throw new AirgapError('SIZE_MISMATCH', { what, got: position, want: size });
    answer = await reopen(reading, position);
    if (answer.status === 404) throw new AirgapError('SIZE_MISMATCH', { what, got: position, want: size });
  }
}

/** A registry that has sent bytes before and is not there now is perhaps being started again. */
async function reopen({ open, signal }: BlobReading, position: number): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    await pause(pauseBefore(tries), signal);
    try {
      return await open(position);
    } catch (error) {
      if (!isAirgapError(error, 'REGISTRY_UNREACHABLE') || tries >= maxTries) throw error;
    }
  }
}

/** Where the body begins: what Content-Range says, of 206; the start, of anything else. */
function startOf(answer: Answer, asked: number, what: string): number {
  if (answer.status !== 206) return 0;
  const start = /^bytes (\d{1,15})-\d{1,15}\/(?:\d{1,15}|\*)$/.exec(
    answer.headers['content-range'] ?? '',
  )?.[1];
  // Later bytes in place of those asked for would only be found out at the end.
  if (start !== undefined && Number(start) <= asked) return Number(start);
  const problem = answer.headers['content-range']?.slice(0, 100) ?? 'no Content-Range';
  throw new AirgapError('SOURCE_GONE', { source: what, detail: problem });
}
