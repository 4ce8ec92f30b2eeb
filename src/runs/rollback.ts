// `airgap rollback`: puts the files of a receipt back, on a host or on this machine.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { Far } from '../far/facts.js';
import type { RolledBack, RootCall } from '../far/file-facts.js';
import { findRoot } from './host-files.js';

export interface RollbackOptions {
  readonly hostName: string;
  readonly user: string;
  /** An ID or the beginning of one; the newest if undefined. */
  readonly receipt: string | undefined;
  readonly force: boolean;
  readonly ask: Ask;
  /** What import.sh keeps there: it knows nobody's client, and has one of its own. */
  readonly openImports: () => Promise<Far>;
}

/**
 * What this client has changed, else what import.sh has.
 * @throws {AirgapError} ROLLBACK_UNKNOWN, FILE_CHANGED, FAR_SUDO_DENIED, INSTALL_FAILED, FAR_*
 */
export async function rollbackFiles(far: Far, options: RollbackOptions): Promise<RolledBack> {
  const { hostName, receipt = 'newest' } = options;
  if (!/^[0-9a-z-]{1,64}$/.test(receipt))
    throw new AirgapError('ROLLBACK_UNKNOWN', { host: hostName, receipt });
  try {
    await far.begin();
    return await rollbackOf(far, receipt, options);
  } catch (error) {
    if (!isAirgapError(error, 'ROLLBACK_UNKNOWN')) throw error;
    // No begin: it would end an import that runs.
    return await rollbackOf(await options.openImports(), receipt, options);
  }
}

async function rollbackOf(far: Far, receipt: string, options: RollbackOptions): Promise<RolledBack> {
  const { hostName, user, force, ask } = options;
  const first = await far.rollback({ sudo: 'no' }, { receipt, force });
  if (first.root === 'no') return first;
  const root: RootCall = await findRoot(first.root, { hostName, user, ask });
  return await far.rollback(root, { receipt, force });
}
