// The last step of a send to one host: its files and packages, after the images are proved and named. The receipt tells all of it.
import { isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { PackagesReceipt, Receipt } from '../receipt/receipt.js';
import { type InstalledFiles, installFiles, undoFiles } from './host-files.js';
import { bringSets, installSets } from './host-packages.js';
import type { Prepared } from './prepare-host.js';

export interface AddedFiles {
  readonly receipt: Receipt;
  readonly failure: unknown;
}

/** The receipt with its files and packages, or with why there are none: images that arrived stay, and are told. */
export async function addFiles(
  prepared: Prepared,
  receipt: Receipt,
  reload: boolean,
  emit: Emit,
): Promise<AddedFiles> {
  const { name: host, far, files, packages, startedAt } = prepared;
  if (files === undefined && packages === undefined) return { receipt, failure: undefined };
  const brought = new Map<string, PackagesReceipt>();
  let done: InstalledFiles | undefined;
  const finish = (more: Partial<Receipt>): Receipt => ({
    ...receipt,
    durationMs: Date.now() - startedAt,
    ...done,
    ...(packages === undefined ? {} : { packages: [...brought.values()] }),
    ...more,
  });
  try {
    emit({ type: 'step.started', step: 'files', host });
    if (packages !== undefined)
      await bringSets({
        far,
        hostName: host,
        packages,
        emit,
        onDone: (one) => brought.set(one.set, one),
      });
    if (files !== undefined) done = await putFiles(prepared, receipt.id, reload);
    emit({ type: 'step.finished', step: 'files', host });
    if (packages === undefined) return { receipt: finish({}), failure: undefined };
    emit({ type: 'step.started', step: 'packages', host });
    await installSets(far, packages, (set) => {
      const one = brought.get(set);
      if (one !== undefined) brought.set(set, { ...one, installed: true });
    });
    emit({ type: 'step.finished', step: 'packages', host });
    return { receipt: finish({}), failure: undefined };
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    const failed = { code: error.code, message: error.message };
    if (done !== undefined && (await areTakenBack(prepared, receipt.id, done))) done = undefined;
    const withoutFiles = files === undefined || done !== undefined ? {} : { files: [], filesFailed: failed };
    const withoutPackages = packages === undefined ? {} : { packagesFailed: failed };
    return { receipt: finish({ ...withoutFiles, ...withoutPackages }), failure: error };
  }
}

async function putFiles(prepared: Prepared, receiptId: string, reload: boolean): Promise<InstalledFiles> {
  const { name, far, session, files } = prepared;
  if (files === undefined) return { files: [] };
  return await installFiles({ far, hostName: name, session, files, receiptId, reload });
}

/** Files of an import whose packages failed go back, as with import.sh. False where they could not: then they are told as they are. */
async function areTakenBack(
  { far, files }: Prepared,
  receiptId: string,
  { files: put, reload }: InstalledFiles,
): Promise<boolean> {
  if (files === undefined) return false;
  if (put.every(({ backup }) => backup === null)) return true;
  try {
    await undoFiles({ far, files, receiptId }, { isReloaded: reload !== undefined });
    return true;
  } catch {
    return false;
  }
}
