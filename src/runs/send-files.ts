// The last step of a send to one host: its files, after the images are proved and named. The receipt tells both.
import { isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Receipt } from '../receipt/receipt.js';
import { installFiles } from './host-files.js';
import type { Prepared } from './prepare-host.js';

/** The receipt with its files, or with why there are none: images that arrived stay, and are told. */
export async function addFiles(
  { name, far, session, files, startedAt }: Prepared,
  receipt: Receipt,
  reload: boolean,
  emit: Emit,
): Promise<{ readonly receipt: Receipt; readonly failure: unknown }> {
  if (files === undefined) return { receipt, failure: undefined };
  emit({ type: 'step.started', step: 'files', host: name });
  try {
    const done = await installFiles({
      far,
      hostName: name,
      session,
      files,
      receiptId: receipt.id,
      reload,
    });
    emit({ type: 'step.finished', step: 'files', host: name });
    return {
      receipt: { ...receipt, durationMs: Date.now() - startedAt, files: done },
      failure: undefined,
    };
  } catch (error) {
    if (!isAirgapError(error)) throw error;
    const { code, message } = error;
    return { receipt: { ...receipt, files: [], filesFailed: { code, message } }, failure: error };
  }
}
