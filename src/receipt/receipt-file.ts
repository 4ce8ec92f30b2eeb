// One receipt in a file, of the store or carried home from a host by hand: hostile until it has passed limits and schema.
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { AirgapError, type ErrorFacts } from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import type { Receipt } from './receipt.js';
import { receiptSchema } from './receipt-schema.js';

// 1000 images with 127 layers each is 10 MB of JSON; a real receipt is a few kB.
const maxReceiptBytes = 16 * 1024 * 1024;

/** Whether a word names a file rather than a receipt of the store: IDs and numbers have neither slash nor dot. */
export function isReceiptFile(word: string): boolean {
  return word.includes('/') || word.endsWith('.json');
}

/** @param noLinks for a folder of ours, where a link is not what was written there. @throws {AirgapError} RECEIPT_INVALID */
export async function readReceiptFile(
  file: string,
  { noLinks = false }: { readonly noLinks?: boolean } = {},
): Promise<Receipt> {
  const invalid = (
    problem: ErrorFacts['RECEIPT_INVALID']['problem'],
    cause?: unknown,
    detail = '',
  ): AirgapError => new AirgapError('RECEIPT_INVALID', { path: file, problem, detail }, { cause });
  let raw: Uint8Array;
  try {
    // A pipe of that name must not keep anybody waiting.
    const flags = constants.O_RDONLY | constants.O_NONBLOCK | (noLinks ? constants.O_NOFOLLOW : 0);
    await using handle = await open(file, flags);
    const stat = await handle.stat();
    if (!stat.isFile()) throw invalid('not-a-file');
    if (stat.size > maxReceiptBytes) throw invalid('too-large');
    raw = await handle.readFile();
  } catch (cause) {
    if (cause instanceof AirgapError) throw cause;
    if (hasCode(cause, 'ENOENT')) throw invalid('no-file', cause);
    throw invalid('unreadable', cause, plainly(cause));
  }
  const decoded = decodeJson(raw, { schema: receiptSchema, limitBytes: maxReceiptBytes });
  if (decoded.problem === undefined) return decoded.value;
  throw invalid(decoded.problem, decoded.cause, decoded.field);
}
