// `airgap rollback`: puts the files of a receipt back, on a host or on this machine.
import { bundleClient } from '../bundle/recipe.js';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { Far } from '../far/facts.js';
import type { RolledBack, RootCall } from '../far/file-facts.js';
import type { ReceiptStore } from '../receipt/receipt-store.js';
import { findRoot } from './host-files.js';

export interface RollbackOptions {
  readonly hostName: string;
  readonly user: string;
  /** Ours there. */
  readonly client: string;
  /** An ID or the beginning of one; the newest if undefined. */
  readonly receipt: string | undefined;
  readonly force: boolean;
  readonly ask: Ask;
  /** What import.sh keeps there: it knows nobody's client, and has one of its own. */
  readonly openImports: () => Promise<Far>;
}

/** Instead of what is found out over there, or out of the receipts here. */
interface RollbackHostOptions extends Omit<RollbackOptions, 'user' | 'openImports'> {
  readonly receipts: Pick<ReceiptStore, 'find'>;
  readonly openAs: (client: string) => Promise<Far>;
}

/** The receipt may be a number of the list of receipts, or the beginning of an ID. @throws {AirgapError} as `rollbackFiles` */
export async function rollbackHost(far: Far, options: RollbackHostOptions): Promise<RollbackResult> {
  const { receipt, receipts, openAs } = options;
  const { user } = await far.probe({ engine: 'docker', sudo: 'no' });
  const known = receipt === undefined ? undefined : await receipts.find(receipt);
  return await rollbackFiles(far, {
    ...options,
    user: user.name,
    receipt: known?.id ?? receipt,
    openImports: () => openAs(bundleClient),
  });
}

/** What was put back, and who had changed it: a run of airgap, or import.sh. */
export interface RollbackResult extends RolledBack {
  readonly by: 'airgap' | 'import.sh';
}

/**
 * Without a receipt the newest change there, whether this client has made it or import.sh; with one, whoever knows it.
 * @throws {AirgapError} ROLLBACK_UNKNOWN, FILE_CHANGED, FAR_SUDO_DENIED, INSTALL_FAILED, FAR_*
 */
export async function rollbackFiles(far: Far, options: RollbackOptions): Promise<RollbackResult> {
  const { hostName } = options;
  if (options.receipt !== undefined && !/^[0-9a-z-]{1,64}$/.test(options.receipt))
    throw new AirgapError('ROLLBACK_UNKNOWN', { host: hostName, receipt: options.receipt });
  await far.begin();
  const newest = options.receipt === undefined ? await unlessUnknown(far.newest()) : undefined;
  // Where none is whole, what a kill has left is still put back on the way to saying so.
  const receipt = options.receipt ?? newest?.receipt ?? 'newest';
  const own =
    newest === undefined || newest.client === options.client
      ? await unlessUnknown(rollbackOf(far, receipt, options))
      : undefined;
  if (own !== undefined) return { ...own, by: 'airgap' };
  // No begin: it would end an import that runs.
  return { ...(await rollbackOf(await options.openImports(), receipt, options)), by: 'import.sh' };
}

async function unlessUnknown<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (!isAirgapError(error, 'ROLLBACK_UNKNOWN')) throw error;
    return undefined;
  }
}

async function rollbackOf(far: Far, receipt: string, options: RollbackOptions): Promise<RolledBack> {
  const { hostName, user, force, ask } = options;
  try {
    const first = await far.rollback({ sudo: 'no' }, { receipt, force });
    if (first.root === 'no') return first;
    const root: RootCall = await findRoot(first.root, { hostName, user, ask });
    return await far.rollback(root, { receipt, force });
  } catch (error) {
    if (!isAirgapError(error, 'FILE_CHANGED')) throw error;
    // There is no plan here, and a way to do it all the same.
    throw new AirgapError('FILE_CHANGED', { ...error.facts, isRollback: true }, { cause: error });
  }
}
