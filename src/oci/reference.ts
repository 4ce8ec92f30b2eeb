// Image references by the distribution grammar. @see distribution/reference v0.6 (grammar in its package comment)
import { AirgapError } from '../errors.js';
import { type Digest, isDigest } from './digest.js';

export interface Reference {
  /** With docker.io where none was named. */
  readonly registry: string;
  /** With `library/` for official images on docker.io. */
  readonly repository: string;
  /** Undefined only when there is a digest. */
  readonly tag?: string;
  readonly digest?: Digest;
}

const domain =
  /^(?:(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])(?:\.(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9]))*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?$/;
const pathPart = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[\w][\w.-]{0,127}$/;
// `USER:PASSWORD@HOST/…`, as in web addresses.
const loginPattern = /^((?:https?:\/\/)?[^/@:]*):[^@]*@(?=[^/]*\/)/;
// distribution/reference: the name without tag and digest.
const maxNameLength = 255;

/** Parses a reference as docker does: `nginx` is docker.io/library/nginx:latest. @throws {AirgapError} REFERENCE_INVALID */
export function parseReference(input: string): Reference {
  const refuse = (problem: string): never => {
    throw new AirgapError('REFERENCE_INVALID', { input: input.slice(0, 300), problem });
  };
  const login = loginPattern.exec(input);
  // It must not go on into messages and logs.
  if (login !== null)
    throw new AirgapError('REFERENCE_INVALID', {
      input: `${login[1]}:***@${input.slice(login[0].length)}`.slice(0, 300),
      problem: 'login',
    });
  let rest = input;
  let digest: Digest | undefined;
  const at = rest.indexOf('@');
  if (at >= 0) {
    const text = rest.slice(at + 1);
    if (!isDigest(text)) return refuse('digest');
    digest = text;
    rest = rest.slice(0, at);
  }
  let tag: string | undefined;
  const colon = rest.lastIndexOf(':');
  if (colon > rest.lastIndexOf('/')) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (!tagPattern.test(tag)) return refuse('tag');
  }
  if (/^[0-9a-f]{64}$/.test(rest)) return refuse('id');
  const { registry, path } = splitDomain(rest);
  if (path.includes(':')) return refuse('colons');
  if (!domain.test(registry)) return refuse('registry');
  if (path !== path.toLowerCase()) return refuse('uppercase');
  if (path === '' || !path.split('/').every((part) => pathPart.test(part))) return refuse('repository');
  const repository = registry === 'docker.io' && !path.includes('/') ? `library/${path}` : path;
  // Engines take it for an ID, and set no such name. @see distribution/reference "digest algorithm as a name"
  if (registry === 'docker.io' && repository === 'library/sha256') return refuse('algorithm');
  if (registry.length + 1 + repository.length > maxNameLength) return refuse('length');
  return {
    registry,
    repository,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** The full, normalised spelling: `docker.io/library/nginx:latest`. */
export function formatReference(reference: Reference): string {
  return `${reference.registry}/${reference.repository}${suffix(reference)}`;
}

/** As people and docker write it: `nginx:latest`. */
export function familiarReference(reference: Reference): string {
  const path =
    reference.registry === 'docker.io'
      ? reference.repository.replace(/^library\/(?=[^/]+$)/, '')
      : `${reference.registry}/${reference.repository}`;
  return `${path}${suffix(reference)}`;
}

/**
 * The name to set on a far engine: without the digest, which engines do not take as a name. Where there is nothing but a
 * digest the tag is made of it, such as `sha256-0a1b2c3d4e5f`: nobody has said that this is the latest.
 */
export function withoutDigest(reference: Reference): Reference {
  const { registry, repository, tag, digest } = reference;
  return { registry, repository, tag: tag ?? digest?.replace(':', '-').slice(0, 19) ?? 'latest' };
}

function suffix({ tag, digest }: Reference): string {
  return `${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

function splitDomain(name: string): { registry: string; path: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  // Docker's rule: the first part is a registry if it could not be a repository's part.
  const isRegistry = /[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase();
  if (!isRegistry) return { registry: 'docker.io', path: name };
  const registry = first === 'index.docker.io' ? 'docker.io' : first;
  return { registry, path: name.slice(slash + 1) };
}
