// `airgap rollback`: puts the files of a receipt back, on a host or on this machine.
import { AirgapError } from '../errors.js';
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
}

/** @throws {AirgapError} ROLLBACK_UNKNOWN, FILE_CHANGED, FAR_SUDO_DENIED, INSTALL_FAILED, FAR_* */
export async function rollbackFiles(far: Far, options: RollbackOptions): Promise<RolledBack> {
  const { hostName, user, receipt = 'newest', force, ask } = options;
  if (!/^[0-9a-z-]{1,64}$/.test(receipt))
    throw new AirgapError('ROLLBACK_UNKNOWN', { host: hostName, receipt });
  await far.begin();
  const first = await far.rollback({ sudo: 'no' }, { receipt, force });
  if (first.root === 'no') return first;
  const root: RootCall = await findRoot(first.root, { hostName, user, ask });
  return await far.rollback(root, { receipt, force });
}
