// YAML that people write, read as hostile: bounded, one document, no tags of anybody's own, no bombs; and which line each value
// stands on. @see YAML 1.2.2, core schema
import {
  type Document,
  isAlias,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
} from 'yaml';
import { AirgapError } from '../errors.js';
import { text } from '../text/text.js';

/** Far above anything written by hand. */
export const maxYamlBytes = 1024 * 1024;
// Each alias may count for as many nodes as what it stands for: enough for shared blocks, too little for a bomb.
const maxAliasCount = 200;
const maxDepth = 50;
const plainTags = new Set(
  ['str', 'int', 'float', 'bool', 'null', 'map', 'seq'].map((name) => `tag:yaml.org,2002:${name}`),
);

export interface YamlFile {
  /** As messages name the file. */
  readonly path: string;
  /** Plain JSON-like values; not checked further. */
  readonly value: unknown;
  /** From 1: where the value of this path, or the nearest thing above it, is written. */
  lineOf(keys: readonly PropertyKey[]): number | undefined;
}

/** Parses one document. `merge`: `<<` merges, as compose files have it. @throws {AirgapError} SPEC_INVALID */
export function parseYaml(raw: Uint8Array, path: string, { merge = false } = {}): YamlFile {
  const say = text().words.spec;
  const fail = (problem: string, line?: number): AirgapError => specError(path, line, problem);
  if (raw.byteLength > maxYamlBytes) throw fail(say.tooLarge(maxYamlBytes));
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(raw);
  } catch {
    throw fail(say.notUtf8);
  }
  const lines = new LineCounter();
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const document = parseDocument(source, {
    version: '1.2',
    schema: 'core',
    merge,
    strict: true,
    uniqueKeys: true,
    prettyErrors: false,
    // `silent` would also let a second document pass without a word.
    logLevel: 'error',
    lineCounter: lines,
  });
  const [wrong] = [...document.errors, ...document.warnings];
  if (document.errors.some(({ code }) => code === 'RESOURCE_EXHAUSTION')) throw fail(say.tooDeep);
  if (wrong?.code === 'TAG_RESOLVE_FAILED') throw fail(say.tag, lineAt(wrong.pos[0]));
  if (wrong !== undefined) throw fail(say.notYaml(wrong.message), lineAt(wrong.pos[0]));
  refuseTraps(document, (problem, offset) =>
    fail(problem, offset === undefined ? undefined : lineAt(offset)),
  );
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount });
  } catch {
    // What has been parsed fails here for one reason: aliases that multiply.
    throw fail(say.aliases);
  }
  return { path, value, lineOf: (keys) => lineOf(document, keys, lineAt) };
}

/** SPEC_INVALID; what came out of the file is cut to a length that fits a line. */
export function specError(path: string, line: number | undefined, problem: string): AirgapError {
  return new AirgapError('SPEC_INVALID', { path, line, problem: problem.slice(0, 600) });
}

function refuseTraps(
  document: Document,
  fail: (problem: string, offset: number | undefined) => AirgapError,
): void {
  const say = text().words.spec;
  visit(document, {
    Node(_key, node, ancestors) {
      const offset = node.range?.[0];
      if (ancestors.length > maxDepth * 2) throw fail(say.tooDeep, offset);
      if (isAlias(node)) {
        const target = node.resolve(document);
        if (target !== undefined && ancestors.some((one) => one === target)) throw fail(say.aliases, offset);
      } else if (node.tag !== undefined && !plainTags.has(node.tag)) throw fail(say.tag, offset);
    },
    Pair(_key, { key }) {
      const offset = isNode(key) ? key.range?.[0] : undefined;
      if (!isScalar(key)) throw fail(say.key, offset);
      if (key.value === '__proto__') throw fail(say.key, offset);
    },
  });
}

function lineOf(
  document: Document,
  keys: readonly PropertyKey[],
  lineAt: (offset: number) => number,
): number | undefined {
  let node: unknown = document.contents;
  let offset = isNode(node) ? node.range?.[0] : undefined;
  for (const key of keys) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find((one) => isScalar(one.key) && String(one.key.value) === String(key));
      if (pair === undefined) break;
      if (isNode(pair.key)) offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(key)];
      if (isNode(node)) offset = node.range?.[0] ?? offset;
    } else break;
  }
  return offset === undefined ? undefined : lineAt(offset);
}
