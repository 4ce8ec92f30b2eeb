// JSON documents from outside: measured before they are decoded, checked against a schema, never trusted before.
import type { z } from 'zod';
import { AirgapError } from '../errors.js';

const utf8 = new TextDecoder('utf-8', { fatal: true });

export interface ParseOptions<T> {
  readonly schema: z.ZodType<T>;
  readonly limitBytes: number;
  /** What the document is, for the message: `the config of alpine:3.20`. */
  readonly what: string;
}

/** A value that has passed its schema, or why there is none; `field`: the first that is not as expected, of what is not the whole. */
export type Decoded<T> =
  | { readonly value: T; readonly problem?: undefined }
  | {
      readonly problem: 'too-large' | 'not-json' | 'form';
      readonly field: string;
      readonly cause: unknown;
    };

/** Decodes a document of at most that many bytes. Never throws for what is in it. */
export function decodeJson<T>(
  raw: Uint8Array,
  { schema, limitBytes }: Pick<ParseOptions<T>, 'schema' | 'limitBytes'>,
): Decoded<T> {
  if (raw.byteLength > limitBytes) return { problem: 'too-large', field: '', cause: undefined };
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(raw));
  } catch (cause) {
    return { problem: 'not-json', field: '', cause };
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return { value: parsed.data };
  const field = parsed.error.issues[0]?.path.map(String).join('.') ?? '';
  return { problem: 'form', field: field.slice(0, maxFieldLength), cause: parsed.error };
}

// Keys of maps are from outside, too.
const maxFieldLength = 200;

/** Parses a document of at most that many bytes. @throws {AirgapError} DOCUMENT_TOO_LARGE, DOCUMENT_INVALID */
export function parseJson<T>(raw: Uint8Array, { what, ...options }: ParseOptions<T>): T {
  const decoded = decodeJson(raw, options);
  if (decoded.problem === undefined) return decoded.value;
  const { problem, field, cause } = decoded;
  if (problem === 'too-large')
    throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes: options.limitBytes });
  const told = problem === 'not-json' ? 'json' : field === '' ? 'shape' : `field: ${field}`;
  throw new AirgapError('DOCUMENT_INVALID', { what, problem: told }, { cause });
}
