// What a drive has brought: bundles and passports at its top, passports and receipts in airgap-returns. It was in other hands, so
// everything is read under limits, and what is not as it should be is passed over.
import { open, readdir, statfs } from 'node:fs/promises';
import path from 'node:path';
import { openFlags } from '../bundle/open-flags.js';
import { maxPassportBytes, parsePassport } from '../bundle/passport.js';
import type { Receipt } from '../receipt/receipt.js';
import { readReceiptFile } from '../receipt/receipt-file.js';
import { findBundles } from './found-bundles.js';
import type { FolderLook, FoundPassport } from './local-api.js';

const returnsFolder = 'airgap-returns';
// A visit a day for a year; of more, the newest by name.
const maxFiles = 400;
// All passports of one drive together: a big one is 10 MB.
const maxBytes = 4 * maxPassportBytes;

/** Never rejects. */
export async function lookAtFolder(folder: string): Promise<FolderLook> {
  const returns = path.join(folder, returnsFolder);
  const [top, returned, bundles, free] = await Promise.all([
    listJson(folder),
    listJson(returns),
    findBundles(folder),
    statfs(folder).catch(() => undefined),
  ]);
  const isReceipt = (file: string): boolean => file.endsWith('-receipt.json');
  let left = maxBytes;
  const passports: FoundPassport[] = [];
  for (const file of [...top, ...returned].filter((one) => !isReceipt(one))) {
    const { passport, bytes } = await readPassport(file, left);
    left -= bytes;
    if (passport !== undefined) passports.push(passport);
  }
  const receipts: Receipt[] = [];
  for (const file of returned.filter(isReceipt)) {
    const receipt = await readReceiptFile(file, { noLinks: true }).catch(() => undefined);
    if (receipt !== undefined) receipts.push(receipt);
  }
  return {
    freeBytes: free === undefined ? undefined : free.bavail * free.bsize,
    bundles,
    passports: passports.toSorted((a, b) => a.host.localeCompare(b.host) || b.made.localeCompare(a.made)),
    receipts: receipts.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt)),
  };
}

async function listJson(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && entry.name.endsWith('.json'))
    .map(({ name }) => path.join(folder, name))
    .sort()
    .slice(-maxFiles);
}

async function readPassport(
  file: string,
  left: number,
): Promise<{ readonly passport?: FoundPassport; readonly bytes: number }> {
  try {
    await using handle = await open(file, openFlags);
    const stat = await handle.stat();
    if (!stat.isFile() || stat.size > Math.min(left, maxPassportBytes)) return { bytes: 0 };
    const { host, made, images } = parsePassport(await handle.readFile(), file);
    return { passport: { path: file, host, made, images: images.length }, bytes: stat.size };
  } catch {
    return { bytes: 0 };
  }
}
