// All registries of a run: one connection pool and one set of tokens each, however many images come from them; mirrors are
// tried before what they mirror.
import { type AirgapError, isAirgapError } from '../errors.js';
import { formatReference, type Reference } from '../oci/reference.js';
import { createLogins } from './credentials.js';
import { createEndpoints, type Endpoint } from './endpoints.js';
import { isLoopback } from './loopback.js';
import type { NoticeListener, RegistryNotice } from './notices.js';
import { type Places, readPlaces } from './places.js';
import { createRegistry, type Registry } from './registry.js';
import { openRepository, type Repository } from './repository.js';
import { type Connect, createTransport } from './transport.js';
import { createTrust } from './trust.js';

export interface Registries {
  /** Where a reference is read from. @throws {AirgapError} REGISTRY_CONFIG, REGISTRY_BLOCKED */
  source(reference: Reference): Promise<RegistrySource>;
  /** The registry of that name itself, whatever mirrors it has: what is pushed goes there. @throws {AirgapError} REGISTRY_CONFIG */
  registry(host: string): Promise<Registry>;
  /** @returns what ends it */
  listen(listener: NoticeListener): () => void;
  /** Ends idle connections; whoever asks again opens new ones. */
  close(): void;
}

/** A repository, by way of its mirrors. What one place does not have or serve comes from the next. */
export interface RegistrySource {
  readonly reference: Reference;
  /** As for messages: `registry.lan/team/app:1`. */
  readonly name: string;
  /**
   * The first that is not undefined. @throws what the registry itself throws; a mirror's failure is told and passed over
   */
  first<T>(
    ask: (repository: Repository) => Promise<T | undefined>,
    signal?: AbortSignal,
  ): Promise<T | undefined>;
}

export interface OpenRegistriesOptions {
  readonly places?: Places;
  /** How connections are made, where it is not this machine that reaches registries. */
  readonly connect?: Connect | undefined;
}

/** Reads no file and asks nobody before it must. */
export function openRegistries(
  env: NodeJS.ProcessEnv,
  { places = readPlaces(env), connect }: OpenRegistriesOptions = {},
): Registries {
  const endpoints = createEndpoints(places);
  const transport = createTransport({ env, trust: createTrust(places), connect });
  const logins = createLogins(places);
  const registries = new Map<string, Registry>();
  const listeners = new Set<NoticeListener>();
  const told = new Set<string>();
  // A mirror that was not there for one image is not waited for again.
  const lost = new Set<Registry>();

  const notify: NoticeListener = (notice) => {
    const key = onceKey(notice);
    if (key !== undefined && told.has(key)) return;
    if (key !== undefined) told.add(key);
    for (const listener of listeners) listener(notice);
  };

  const open = ({ host, scheme, isInsecure }: Omit<Endpoint, 'repository' | 'isMirror'>): Registry => {
    const key = `${scheme ?? ''} ${host} ${isInsecure}`;
    const known = registries.get(key);
    if (known !== undefined) return known;
    const made = createRegistry({
      host,
      scheme,
      isInsecure,
      transport,
      credentials: (repository) => logins.find(host, repository),
      isInsecureHost: endpoints.isInsecure,
      notify,
    });
    registries.set(key, made);
    if ((isInsecure || scheme === 'http') && !isLoopback(host)) notify({ kind: 'insecure', endpoint: host });
    return made;
  };

  return {
    async source(reference) {
      const found = await endpoints.of(reference);
      const places = found.map(({ isMirror, repository, ...endpoint }) => ({
        isMirror,
        repository: openRepository(open(endpoint), repository, notify),
      }));
      return {
        reference,
        name: formatReference(reference),
        async first(ask, signal) {
          for (const { isMirror, repository } of places) {
            const { registry } = repository;
            if (isMirror && lost.has(registry)) continue;
            try {
              const answer = await ask(repository);
              if (answer === undefined) continue;
              if (isMirror)
                notify({
                  kind: 'mirror',
                  registry: reference.registry,
                  endpoint: await registry.origin(signal),
                });
              return answer;
            } catch (error) {
              if (!isMirror || signal?.aborted === true || !isAirgapError(error)) throw error;
              if (isGone(error)) lost.add(registry);
              notify({ kind: 'mirror-failed', endpoint: registry.host, why: error.message });
            }
          }
          return undefined;
        },
      };
    },
    async registry(host) {
      return open({ host, scheme: undefined, isInsecure: await endpoints.isInsecure(host) });
    },
    listen(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
        // Another run is told anew.
        if (listeners.size > 0) return;
        told.clear();
        lost.clear();
        logins.forget();
        registries.clear();
      };
    },
    close() {
      transport.close();
    },
  };
}

function isGone(error: AirgapError): boolean {
  return ['REGISTRY_UNREACHABLE', 'REGISTRY_TLS', 'REGISTRY_FAILED', 'REGISTRY_LIMIT'].includes(error.code);
}

/** What is told once a run; undefined for what is told each time. */
function onceKey(notice: RegistryNotice): string | undefined {
  switch (notice.kind) {
    case 'mirror':
      return `${notice.kind} ${notice.registry} ${notice.endpoint}`;
    case 'mirror-failed':
      return `${notice.kind} ${notice.endpoint} ${notice.why}`;
    case 'insecure':
      return `${notice.kind} ${notice.endpoint}`;
    case 'limit':
      return `${notice.kind} ${notice.registry}`;
    case 'waiting':
      return undefined;
  }
}
