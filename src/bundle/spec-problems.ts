// What is wrong with a bundle.yaml, out of what its schema found: the line, the key, what stands there and what is wanted.
import type { z } from 'zod';
import { nearest } from '../text/near.js';
import { text } from '../text/text.js';
import { specKeys } from './spec-schema.js';
import { specError, type YamlFile } from './yaml-file.js';

/** The first thing wrong, by its place in the file. */
export function issueError(yaml: YamlFile, issues: readonly z.core.$ZodIssue[]): Error {
  const found = issues.map((issue) => describe(yaml, issue));
  // A mistyped key is also one that is missing.
  const isMistyped = found.some(({ kind }) => kind === 'unknown');
  const told = isMistyped ? found.filter(({ kind }) => kind !== 'missing') : found;
  const [first] = told.sort((a, b) => (a.line ?? 0) - (b.line ?? 0));
  return specError(yaml.path, first?.line, first?.problem ?? text().words.spec.wrong('', yaml.value, ''));
}

interface Found {
  readonly kind: 'unknown' | 'missing' | 'wrong';
  readonly line: number | undefined;
  readonly problem: string;
}

function describe(yaml: YamlFile, issue: z.core.$ZodIssue, above: readonly PropertyKey[] = []): Found {
  const say = text().words.spec;
  const keys = [...above, ...issue.path];
  const where = keys.reduce<string>(
    (said, key) =>
      typeof key === 'number' ? `${said}[${key}]` : said === '' ? String(key) : `${said}.${String(key)}`,
    '',
  );
  // Keys of `push` are names of images.
  const path = where.replace(/\[\d+\]/g, '[]').replace(/^push\..+$/s, 'push[]');
  const got = valueAt(yaml.value, keys);
  if (issue.code === 'invalid_union') {
    // The branch of the right kind says more than "neither fits".
    const branch = issue.errors.find((one) =>
      one.every((inner) => inner.path.length > 0 || inner.code === 'unrecognized_keys'),
    );
    const inner = branch?.find((one) => one.code === 'unrecognized_keys') ?? branch?.[0];
    if (inner !== undefined) return describe(yaml, inner, keys);
  }
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const known = keysUnder(path);
    return {
      kind: 'unknown',
      line: yaml.lineOf([...keys, key]),
      problem: say.unknownKey(key.slice(0, 60), where, nearest(key, known), known),
    };
  }
  const last = keys.at(-1);
  const parent = valueAt(yaml.value, keys.slice(0, -1));
  if (typeof last === 'string' && got === undefined && typeof parent === 'object') {
    const at = where.includes('.') ? where.slice(0, where.lastIndexOf('.')) : '';
    return { kind: 'missing', line: yaml.lineOf(keys.slice(0, -1)), problem: say.missingKey(last, at) };
  }
  return { kind: 'wrong', line: yaml.lineOf(keys), problem: say.wrong(where, got, path) };
}

function keysUnder(path: string): string[] {
  const lead = path === '' ? '' : `${path}.`;
  return specKeys()
    .filter((key) => key.startsWith(lead) && !key.slice(lead.length).includes('.'))
    .map((key) => key.slice(lead.length));
}

function valueAt(value: unknown, keys: readonly PropertyKey[]): unknown {
  return keys.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? Reflect.get(at, key) : undefined,
    value,
  );
}
