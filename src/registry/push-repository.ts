// Writes into one repository of a registry: asks what is there, mounts what another repository has, puts manifests and tags.
// Blobs go up by upload.ts. @see distribution-spec 1.1 "Push"
import { AirgapError, isAirgapError } from '../errors.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf, isDigest } from '../oci/digest.js';
import { maxIndexBytes, maxManifestBytes } from '../oci/limits.js';
import { text } from '../text/text.js';
import { pushError } from './push-error.js';
import { readBody } from './read-body.js';
import { type Answer, locationOf, type Registry, type RegistryRequest, type Scope } from './registry.js';
import { acceptedManifests } from './repository.js';

export interface PushRepository {
  readonly registry: Registry;
  /** Without the registry: `plant/app`. */
  readonly name: string;
  /** Bytes of a blob that it has; undefined for one that it has not. @throws {AirgapError} REGISTRY_* */
  blobBytes(digest: Digest, signal?: AbortSignal): Promise<number | undefined>;
  /** What a tag or digest stands for there. @throws {AirgapError} REGISTRY_* */
  manifestDigest(tagOrDigest: string, signal?: AbortSignal): Promise<Digest | undefined>;
  /**
   * Begins an upload, or has the registry take the blob over from another of its repositories.
   * @returns where to upload to; undefined where nothing is left to do. @throws {AirgapError} REGISTRY_*
   */
  begin(digest: Digest, options?: BeginOptions): Promise<Begun | undefined>;
  /** A request about an upload of this repository. @throws {AirgapError} REGISTRY_* but for what it accepts */
  send(request: Omit<RegistryRequest, 'scope' | 'path'> & { readonly path: URL }): Promise<Answer>;
  /** The error of an answer to `send` that counts as a failure. Reads the body. */
  failed(answer: Answer, method: RegistryRequest['method']): Promise<AirgapError>;
  /**
   * Puts a manifest or an index under its digest or a tag. @returns the digests of blobs that the registry misses, none where it is
   * there now. @throws {AirgapError} REGISTRY_*
   */
  putManifest(manifest: PutManifest): Promise<'put' | 'blob-unknown'>;
  /** Reads back what a tag stands for. @throws {AirgapError} REGISTRY_*, DOCUMENT_TOO_LARGE */
  readBack(tagOrDigest: string, mediaType: string, signal?: AbortSignal): Promise<Digest | undefined>;
}

export interface BeginOptions {
  /** Another repository of the same registry that has it. */
  readonly from?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface Begun {
  readonly location: URL;
  /** Bytes that are there already. */
  readonly offset: number;
  /** Least bytes of a chunk but the last, where the registry says so. */
  readonly leastBytes: number | undefined;
}

export interface PutManifest {
  readonly raw: Uint8Array;
  readonly descriptor: Pick<Descriptor, 'mediaType' | 'digest'>;
  /** Its digest where absent. */
  readonly tag?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Statuses that mean something in a push, each told by pushError. */
export const pushStatuses = [400, 403, 404, 405, 409, 412, 413, 415, 416, 422, 507] as const;

/** Opens it; nothing is asked yet. */
export function openPushRepository(registry: Registry, name: string): PushRepository {
  const scope: Scope = { repository: name, actions: ['pull', 'push'] };
  const root = `/v2/${name}`;

  const manifest = (
    method: 'GET' | 'HEAD',
    tagOrDigest: string,
    more: { readonly accept: string; readonly signal: AbortSignal | undefined },
  ): Promise<Answer> =>
    registry.request({
      method,
      path: `${root}/manifests/${tagOrDigest}`,
      scope,
      headers: { accept: more.accept },
      accepts: method === 'HEAD' ? [404, 405] : [404],
      signal: more.signal,
    });

  const readBack: PushRepository['readBack'] = async (tagOrDigest, mediaType, signal) => {
    const answer = await manifest('GET', tagOrDigest, { accept: mediaType, signal });
    if (answer.status === 404) {
      answer.body.destroy();
      return undefined;
    }
    const what = text().parts.manifest(`${registry.host}/${name}:${tagOrDigest}`);
    return digestOf(await readBody(answer, { limitBytes: Math.max(maxIndexBytes, maxManifestBytes), what }));
  };

  const begunBy = async (answer: Answer): Promise<Begun> => {
    answer.body.resume();
    const least = answer.headers['oci-chunk-min-length'];
    const leastBytes = typeof least === 'string' && /^\d{1,10}$/.test(least) ? Number(least) : undefined;
    return { location: await uploadPlace(registry, answer), offset: 0, leastBytes };
  };

  return {
    registry,
    name,
    readBack,
    async blobBytes(digest, signal) {
      const path = `${root}/blobs/${digest}`;
      const answer = await registry.request({ method: 'HEAD', path, scope, accepts: [404], signal });
      answer.body.resume();
      if (answer.status === 404) return undefined;
      const told = answer.headers['content-length'];
      if (told !== undefined && /^\d{1,15}$/.test(told)) return Number(told);
      const request = `HEAD ${path}`;
      throw new AirgapError('REGISTRY_ANSWER', {
        registry: registry.host,
        request,
        detail: 'no Content-Length',
      });
    },
    async manifestDigest(tagOrDigest, signal) {
      const answer = await manifest('HEAD', tagOrDigest, { accept: acceptedManifests, signal });
      answer.body.resume();
      if (answer.status === 404) return undefined;
      const told = answer.headers['docker-content-digest'];
      return isDigest(told) ? told : await readBack(tagOrDigest, acceptedManifests, signal);
    },
    async begin(digest, { from, signal } = {}) {
      const ask = async (query: string, scopeOfQuery: Scope): Promise<Answer> =>
        await registry.request({
          method: 'POST',
          path: `${root}/blobs/uploads/${query}`,
          scope: scopeOfQuery,
          headers: { 'content-length': '0' },
          accepts: pushStatuses,
          // One that was begun twice costs the registry an empty file.
          repeats: true,
          signal,
        });
      if (from !== undefined) {
        const query = `?mount=${digest}&from=${encodeURIComponent(from)}`;
        const mounted = await ask(query, { ...scope, from }).catch((error: unknown) => {
          if (!isAirgapError(error) || signal?.aborted === true) throw error;
          return undefined;
        });
        if (mounted?.status === 202) return await begunBy(mounted);
        mounted?.body.destroy();
        if (mounted?.status === 201) return undefined;
        // Whatever it has against that, it may take the blob itself; if not, that is what is told.
      }
      const answer = await ask('', scope);
      if (answer.status !== 202) throw await pushError({ registry, repository: name, digest }, answer);
      return await begunBy(answer);
    },
    failed: (answer, method) => registry.failed(answer, { method, scope }),
    send: (request) => registry.request({ ...request, scope }),
    async putManifest({ raw, descriptor, tag, signal }) {
      const { mediaType, digest } = descriptor;
      const answer = await registry.request({
        method: 'PUT',
        path: `${root}/manifests/${tag ?? digest}`,
        scope,
        headers: { 'content-type': mediaType, 'content-length': String(raw.byteLength) },
        body: () => raw,
        accepts: pushStatuses,
        repeats: true,
        signal,
      });
      if (answer.status < 200 || answer.status >= 300) {
        const error = await pushError({ registry, repository: name, digest }, answer);
        if (isAirgapError(error, 'REGISTRY_PUSH') && error.facts.problem === 'blob-unknown')
          return 'blob-unknown';
        throw error;
      }
      answer.body.resume();
      const told = answer.headers['docker-content-digest'];
      if (told !== undefined && told !== digest) {
        const facts = { registry: registry.host, repository: name, detail: String(told).slice(0, 100) };
        throw new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'digest', digest });
      }
      return 'put';
    },
  };
}

/**
 * Where an upload goes on. A registry behind a proxy that ends TLS may think that it is spoken to without: the same host is reached
 * as before. @throws {AirgapError} REGISTRY_ANSWER, REGISTRY_REDIRECT
 */
export async function uploadPlace(registry: Registry, answer: Answer): Promise<URL> {
  const to = locationOf(answer);
  if (to === undefined || !/^https?:$/.test(to.protocol)) {
    const detail = to === undefined ? 'no Location' : `Location: ${to.protocol}`;
    throw new AirgapError('REGISTRY_ANSWER', { registry: registry.host, request: 'upload', detail });
  }
  const home = new URL(await registry.origin());
  if (home.protocol === 'https:' && to.protocol === 'http:') {
    if (to.hostname !== home.hostname)
      throw new AirgapError('REGISTRY_REDIRECT', {
        registry: registry.host,
        to: to.origin,
        problem: 'scheme',
      });
    return new URL(`${to.pathname}${to.search}`, home);
  }
  return to;
}
