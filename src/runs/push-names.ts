// What images are called in the registry that they are pushed to: the prefix and their path, or what the user says.
import type { Spec } from '../bundle/spec.js';
import { specError } from '../bundle/yaml-file.js';
import { AirgapError } from '../errors.js';
import { familiarReference, formatReference, parseReference, type Reference } from '../oci/reference.js';
import { asRegistry, notRegistry, parseRegistry } from '../registry/login.js';
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
  const bare = written.replace(/^(?:https?:|docker:)?\/\//i, '').replace(/\/+$/, '');
  const slash = bare.indexOf('/');
  const host = parseRegistry(slash < 0 ? bare : bare.slice(0, slash), 'registry');
  const own = slash < 0 ? '' : bare.slice(slash + 1);
  const added = more.replace(/^\/+|\/+$/g, '');
  // A prefix is a path: with a tag or a digest it is an image's name, written last by mistake.
  if (/[:@]/.test(added)) throw notRegistry(more, 'prefix', 'repository');
  if (/[:@]/.test(own)) throw notRegistry(written, 'registry', 'registry');
  if (own !== '') asRegistry(written, 'registry', () => parseReference(`${host}/${own}/x`));
  const prefix = [own, added].filter((part) => part !== '').join('/');
  if (added !== '') asRegistry(more, 'prefix', () => parseReference(`${host}/${prefix}/x`));
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
  renames?: PushRenames,
): Reference {
  const below = (path: string): Reference =>
    tagOrDigest(parseReference([host, ...(prefix === '' ? [] : [prefix]), path].join('/')));
  // What the command line says counts before what bundle.yaml says.
  const as = (chosen.inSpec ? undefined : chosen.as) ?? renames?.nameOf({ image, chosen }) ?? chosen.as;
  if (as !== undefined) {
    // It follows from what is in an image, and cannot be given to one.
    if (as.includes('@'))
      throw new AirgapError('USAGE', { problem: text().words.push.digestIn(as), command: 'push' });
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

/** A tag says all; its digest is proved when it is read. */
function tagOrDigest({ registry, repository, tag, digest }: Reference): Reference {
  return {
    registry,
    repository,
    ...(tag === undefined ? (digest === undefined ? {} : { digest }) : { tag }),
  };
}

/** The names that bundle.yaml gives to images in a registry. */
export interface PushRenames {
  nameOf(one: Pick<OpenedChoice, 'image' | 'chosen'>): string | undefined;
}

/** @throws {AirgapError} SPEC_INVALID for a name that none of these images has: it is a slip */
export function pushRenames(
  spec: Pick<Spec, 'push' | 'path' | 'lineOf'>,
  opened: readonly Pick<OpenedChoice, 'image' | 'chosen'>[],
): PushRenames {
  const ownNames = ({ image: { reference }, chosen: { as } }: Pick<OpenedChoice, 'image' | 'chosen'>) => [
    ...(as === undefined ? [] : [familiarReference(parseReference(as))]),
    ...(reference === undefined ? [] : [familiarReference(reference)]),
  ];
  const all = new Set(opened.flatMap(ownNames));
  for (const name of spec.push.keys())
    if (!all.has(name))
      throw specError(spec.path, spec.lineOf(['push', name]), text().words.spec.pushUnused(name));
  return {
    nameOf: (one) =>
      ownNames(one)
        .map((name) => spec.push.get(name))
        .find((name) => name !== undefined),
  };
}

/** The name as it is told: with its tag, or with the digest where it gets none. */
export function toldName(reference: Reference): string {
  const { registry, repository, tag } = reference;
  return formatReference(tag === undefined ? reference : { registry, repository, tag });
}
