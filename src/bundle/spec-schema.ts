// The keys of bundle.yaml: one schema that checks, that the JSON Schema for editors is made of, and that the docs are held to.
import * as z from 'zod';
import { isAirgapError } from '../errors.js';
import { isTarget, modePattern } from '../oci/host-file.js';
import { parsePlatform, parsePlatforms } from '../oci/platform.js';
import { parseReference } from '../oci/reference.js';
import { text } from '../text/text.js';

// One line, nothing that hides.
const line = z
  .string()
  .min(1)
  .max(1000)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]+$/u);
/** Relative, below the folder of bundle.yaml; that no link leads out is checked where it is resolved. */
const inside = line.refine((path) => !path.startsWith('/') && !path.split(/[\\/]/).includes('..'));
// What the host would refuse is refused here, with its line.
const target = z.string().refine(isTarget);
const mode = z.string().regex(modePattern);
const platforms = z.string().refine((input) => isParsed(parsePlatforms, input));
const platform = z.union([
  platforms,
  z
    .array(z.string().refine((input) => isParsed(parsePlatform, input)))
    .min(1)
    .max(100),
]);
const reference = z.string().refine((input) => isParsed(parseReference, input));

const image = z.union([
  line,
  z.strictObject({ from: line, as: reference.exactOptional(), platform: platform.exactOptional() }),
]);
const file = z.strictObject({ from: inside, to: target, mode: mode.exactOptional() });
const repo = z.strictObject({
  from: inside.regex(/\.(?:repo|list|sources)$/),
  baseurl: z
    .string()
    .max(1000)
    .regex(/^(?:https?|ftp|file):\/\/[^\s"'<>`\\]+$/)
    .exactOptional(),
  gpgkey: inside.exactOptional(),
});

/** What bundle.yaml may say. */
export const specSchema = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  images: z.array(image).max(1000).exactOptional(),
  compose: z.array(inside).max(100).exactOptional(),
  files: z.array(file).max(999).exactOptional(),
  repos: z.array(repo).max(100).exactOptional(),
  packages: z.array(inside).max(100).exactOptional(),
  daemon: z.record(z.string(), z.unknown()).refine(isJson).exactOptional(),
  push: z
    .record(line, reference)
    .refine((names) => Object.keys(names).every((name) => isParsed(parseReference, name)))
    .exactOptional(),
  targets: z
    .array(z.string().regex(/^[^\s,]{1,255}$/))
    .max(1000)
    .exactOptional(),
});

export type SpecText = z.infer<typeof specSchema>;

/** Every key with the path that its description stands under, such as `images[].from`. */
export function specKeys(): string[] {
  const keys: string[] = [];
  eachProperty(z.toJSONSchema(specSchema, { io: 'input' }), '', (path) => keys.push(path));
  return keys;
}

/** The JSON Schema for editors, as it lies in bundles/bundle.schema.json. */
export function specJsonSchema(): string {
  const { keys } = text().words.spec;
  const schema = z.toJSONSchema(specSchema, { io: 'input' });
  const described: Readonly<Record<string, string>> = keys;
  eachProperty(schema, '', (path, property) => {
    property.description = described[path] ?? path;
  });
  return `${JSON.stringify({ ...schema, title: 'bundle.yaml' }, undefined, 2)}\n`;
}

type JsonSchema = z.core.JSONSchema.BaseSchema;

function eachProperty(
  schema: JsonSchema,
  path: string,
  found: (path: string, property: JsonSchema) => void,
): void {
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (typeof property === 'boolean') continue;
    const at = path === '' ? key : `${path}.${key}`;
    found(at, property);
    eachProperty(property, at, found);
  }
  const { items } = schema;
  if (typeof items === 'object' && !Array.isArray(items)) eachProperty(items, `${path}[]`, found);
  for (const one of schema.anyOf ?? []) if (typeof one === 'object') eachProperty(one, path, found);
}

function isParsed(parse: (input: string) => unknown, input: string): boolean {
  try {
    parse(input);
    return true;
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    return false;
  }
}

// YAML knows infinities, and numbers that lose digits on their way.
function isJson(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isJson);
  if (typeof value === 'object' && value !== null) return Object.values(value).every(isJson);
  if (typeof value === 'number')
    return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
  return value === null || typeof value === 'string' || typeof value === 'boolean';
}
