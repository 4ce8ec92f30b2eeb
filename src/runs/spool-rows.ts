// `airgap spool`: what lies in it, and taking it away.
import type { Spool } from '../streams/spool.js';
import type { Core } from './api.js';

type OpenSpool = (directory: string | undefined) => Promise<Spool>;

/** @throws {AirgapError} SPOOL_DENIED, SPOOL_DAMAGED */
export async function listSpool(openSpool: OpenSpool, directory?: string): ReturnType<Core['spoolEntries']> {
  const spool = await openSpool(directory);
  const entries = await spool.rows();
  await spool.close();
  return { directory: spool.directory, entries, limitBytes: spool.limitBytes };
}

/** @returns the bytes that went. @throws {AirgapError} SPOOL_DENIED, SPOOL_BUSY */
export async function pruneSpool(
  openSpool: OpenSpool,
  { directory, all }: Parameters<Core['spoolPrune']>[0],
): ReturnType<Core['spoolPrune']> {
  const spool = await openSpool(directory);
  const bytes = await spool.prune({ all });
  await spool.close();
  return bytes;
}
