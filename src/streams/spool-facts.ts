// What stays known of a layer when its data has been evicted: a small file per codec.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { type DiffId, isDigest } from '../oci/digest.js';
import { spoolError } from './fs-errors.js';
import type { SpooledLayer } from './spool-types.js';
import type { SpoolFiles } from './spool-writer.js';

// Our own files have 200 bytes; anything larger is not one.
const maxFactsBytes = 4096;

/** Writes them whole or not at all. @throws SPOOL_FULL */
export async function writeFacts(files: SpoolFiles, layer: SpooledLayer): Promise<void> {
  const temporary = `${files.factsPath}.${randomUUID()}`;
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(`${JSON.stringify({ version: 1, ...layer })}\n`);
      await file.datasync();
    } finally {
      await file.close();
    }
    await rename(temporary, files.factsPath);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw await spoolError(error, files.directory, maxFactsBytes);
  }
}

/** Reads them; undefined if there are none, or none that fit this layer and codec. */
export function readFacts(files: SpoolFiles, diffId: DiffId): SpooledLayer | undefined {
  const { codec } = files;
  try {
    const text = readFileSync(files.factsPath, 'utf8');
    if (text.length > maxFactsBytes) return undefined;
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const facts: { [key: string]: unknown } = { ...parsed };
    const { rawBytes, segmentCount, bytes } = facts;
    if (facts.version !== 1 || !isDigest(facts.diffId) || facts.diffId !== diffId || facts.codec !== codec) {
      return undefined;
    }
    if (!isCount(rawBytes) || !isCount(segmentCount) || !isCount(bytes)) return undefined;
    return { diffId, codec, rawBytes, segmentCount, bytes };
  } catch {
    // Unreadable is as good as unknown: the size will be learnt again.
    return undefined;
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
