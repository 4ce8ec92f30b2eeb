// What images are called in the registry that they are pushed to: the prefix and their path, or what the user says.
import { AirgapError } from '../errors.js';
import { formatReference, parseReference, type Reference } from '../oci/reference.js';
import { parseRegistry } from '../registry/login.js';
import { text } from '../text/text.js';
import type { OpenedChoice } from './choose-images.js';

export interface PushTarget {
  /** HOST[:PORT] */
  readonly host: string;
  /** Before each path; empty for none. */
  readonly prefix: string;
  /** Both. */
  readonly name: string;
}

/** HOST[:PORT][/PREFIX], and what --prefix adds. @throws {AirgapError} REFERENCE_INVALID */
export function parsePushTarget(written: string, more = ''): PushTarget {
  const bare = written.replace(/^(?:https?:|docker:)?\/\//, '').replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  const host = parseRegistry(slash < 0 ? bare : bare.slice(0, slash));
  const parts = [slash < 0 ? '' : bare.slice(slash + 1), more.replace(/^\/+|\/+$/g, '')];
  const prefix = parts.filter((part) => part !== '').join('/');
  // A prefix is a path: with a tag or a digest it is an image's name, written last by mistake.
  if (/[:@]/.test(prefix))
    throw new AirgapError('REFERENCE_INVALID', { input: written.slice(0, 300), problem: 'registry' });
  if (prefix !== '') parseReference(`${host}/${prefix}/x`);
  return { host, prefix, name: prefix === '' ? host : `${host}/${prefix}` };
}

/**
 * Where an image goes. Without NAME its own path counts, without its registry: `docker.io/library/nginx:1` becomes
 * `PREFIX/library/nginx:1`, as mirrors want it. NAME stands below the prefix, too, unless it begins with the registry.
 * @throws {AirgapError} REFERENCE_INVALID, USAGE for an image without a name
 */
export function pushName(
  { host, prefix }: PushTarget,
  { image, chosen }: Pick<OpenedChoice, 'image' | 'chosen'>,
): Reference {
  const below = (path: string): Reference =>
    parseReference([host, ...(prefix === '' ? [] : [prefix]), path].join('/'));
  const { as } = chosen;
  if (as !== undefined) {
    if (as.startsWith(`${host}/`)) return parseReference(as);
    const first = as.split('/')[0] ?? '';
    const isRegistry = as.includes('/') && (/[.:]/.test(first) || first === 'localhost');
    return below(isRegistry ? as.slice(first.length + 1) : as);
  }
  const { reference } = image;
  if (reference === undefined)
    throw new AirgapError('USAGE', { problem: text().words.push.nameless(image.source), command: 'push' });
  // The Hub has no third level, and its official images are nobody's to push.
  const { repository, tag, digest } = reference;
  const path = host === 'docker.io' ? repository.replace(/^library\/(?=[^/]+$)/, '') : repository;
  const suffix = tag !== undefined ? `:${tag}` : digest === undefined ? ':latest' : `@${digest}`;
  return below(`${path}${suffix}`);
}

/** The name as it is told: with its tag, or with the digest where it gets none. */
export function toldName(reference: Reference): string {
  const { registry, repository, tag } = reference;
  return formatReference(tag === undefined ? reference : { registry, repository, tag });
}
