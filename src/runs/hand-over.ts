// What goes home with the drive: receipts and a passport, in a folder beside the bundle that an import has read.
import { lstat, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { syncFolder } from '../bundle/folder-container.js';
import type { Receipt } from '../receipt/receipt.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import { text } from '../text/text.js';
import type { RunContext } from './run.js';

export interface HandOverOptions {
  /** The bundle's first volume. */
  readonly beside: string | undefined;
  readonly receipts: readonly Receipt[];
  readonly passport: string | undefined;
}

/** @returns the folder; undefined, and told, where it cannot be written */
export async function handOver(
  { beside, receipts, passport }: HandOverOptions,
  { emit }: Pick<RunContext, 'emit'>,
): Promise<string | undefined> {
  const [first] = receipts;
  if (beside === undefined || first === undefined) return undefined;
  const folder = path.join(path.dirname(beside), 'airgap-returns');
  try {
    await openReturns(folder);
    const write = (receipt: Receipt, what: string, body: string): Promise<void> => {
      const stamp = receipt.startedAt.replace(/[-:]|\.\d+/g, '');
      const name = receipt.host.replace(/[^A-Za-z0-9.-]/g, '_').slice(0, 60);
      return writeNew((more) => path.join(folder, `${stamp}-${name}${more}-${what}.json`), body);
    };
    for (const receipt of receipts)
      await write(receipt, 'receipt', `${JSON.stringify(receipt, undefined, 2)}\n`);
    if (passport !== undefined) await write(first, 'passport', passport);
    await syncFolder(folder);
    return folder;
  } catch (error) {
    const message = text().words.import.noReturns(folder, plainly(error));
    emit({ type: 'warning', code: 'RETURNS_DENIED', message });
    return undefined;
  }
}

/** The drive was in other hands: a link there could lead anywhere on this machine, and this may be root. */
async function openReturns(folder: string): Promise<void> {
  await mkdir(folder).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error;
  });
  if (!(await lstat(folder)).isDirectory()) throw new Error('it is a link or a file, and no folder');
}

/** Another import may have begun in the same second: what is there is never written over. */
async function writeNew(place: (more: string) => string, body: string): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await writeFile(place(tries === 1 ? '' : `.${tries}`), body, { flush: true, flag: 'wx' });
      return;
    } catch (error) {
      if (!hasCode(error, 'EEXIST') || tries >= 99) throw error;
    }
  }
}
