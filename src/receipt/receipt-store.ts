// Receipts on disk: one JSON file each, written whole or not at all, read back under a size limit.
// `<startedAt compact>-<first 8 of the id>.json`: the names sort by time.
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { writeWhole } from '../streams/write-whole.js';
import type { Receipt } from './receipt.js';
import { readReceiptFile } from './receipt-file.js';

/** Receipts of one near side, newest first. */
export interface ReceiptStore {
  /** Writes one: temp name, fsync, rename, fsync of the folder. Safe in parallel. @returns the file's path */
  write(receipt: Receipt): Promise<string>;
  /** All that can be read; those that can't are counted. No folder yet: none. */
  list(): Promise<{ readonly receipts: readonly Receipt[]; readonly damaged: number }>;
  /** By number from 1 = newest, or by the first characters (4 or more) of the id; undefined if none or several match. */
  find(idOrNumber: string): Promise<Receipt | undefined>;
}

// What is looked at in one listing; a send an hour makes 8760 a year.
const maxReceipts = 20_000;
const fileName = /^\d{8}T\d{9}Z-[0-9a-f]{8}\.json$/;
const leastPrefix = 4;

/** @param directory made on the first write, 0700, as receipts tell names of hosts */
export function createReceiptStore(directory: string): ReceiptStore {
  const list = async (): Promise<{ receipts: readonly Receipt[]; damaged: number }> => {
    const names = (await namesIn(directory)).filter((name) => fileName.test(name)).sort();
    const receipts: Receipt[] = [];
    let damaged = 0;
    for (const name of names.reverse().slice(0, maxReceipts)) {
      const receipt = await readReceipt(path.join(directory, name));
      if (receipt === undefined) damaged += 1;
      else receipts.push(receipt);
    }
    return { receipts, damaged };
  };
  return {
    async write(receipt) {
      await mkdir(directory, { recursive: true, mode: 0o700 });
      const file = path.join(directory, nameOf(receipt));
      await writeWhole(file, `${JSON.stringify(receipt, undefined, 2)}\n`);
      return file;
    },
    list,
    async find(idOrNumber) {
      const { receipts } = await list();
      const place = /^[1-9]\d{0,4}$/.test(idOrNumber) ? receipts[Number(idOrNumber) - 1] : undefined;
      if (place !== undefined) return place;
      const wanted = idOrNumber.toLowerCase();
      if (wanted.length < leastPrefix) return undefined;
      const found = receipts.filter((receipt) => receipt.id.startsWith(wanted));
      return found.length === 1 ? found[0] : undefined;
    },
  };
}

function nameOf(receipt: Receipt): string {
  const compact = new Date(receipt.startedAt).toISOString().replace(/[-:.]/g, '');
  return `${compact}-${receipt.id.slice(0, 8)}.json`;
}

async function namesIn(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if (isCode(error, 'ENOENT')) return [];
    throw error;
  }
}

async function readReceipt(file: string): Promise<Receipt | undefined> {
  try {
    return await readReceiptFile(file, { noLinks: true });
  } catch {
    // It is counted, the others are still good.
    return undefined;
  }
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
