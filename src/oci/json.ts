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

/** Parses a document of at most that many bytes. @throws {AirgapError} DOCUMENT_TOO_LARGE, DOCUMENT_INVALID */
export function parseJson<T>(raw: Uint8Array, { schema, limitBytes, what }: ParseOptions<T>): T {
  if (raw.byteLength > limitBytes) throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
  let value: unknown;
  try {
    value = JSON.parse(utf8.decode(raw));
  } catch (cause) {
    throw new AirgapError('DOCUMENT_INVALID', { what, problem: 'json' }, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const field = issue === undefined || issue.path.length === 0 ? '' : issue.path.map(String).join('.');
  const problem = field === '' ? 'shape' : `field: ${field.slice(0, 200)}`;
  throw new AirgapError('DOCUMENT_INVALID', { what, problem }, { cause: parsed.error });
}
