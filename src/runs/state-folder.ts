// The folder of what must last (receipts, client id, locks): what the system says of it, told as an error with a way out.
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { AirgapError } from '../errors.js';
import { makeFolder } from '../streams/make-folder.js';

/** Does something in that folder. @throws {AirgapError} STATE_DENIED for what the system refuses, else what `work` throws */
export async function inState<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    // Only calls of the system have a number; everything else keeps its own name.
    if (!(cause instanceof Error && 'errno' in cause && typeof cause.errno === 'number')) throw cause;
    const problem = getSystemErrorMessage(cause.errno);
    throw new AirgapError('STATE_DENIED', { path: directory, problem }, { cause });
  }
}

/** Makes sure that files can be written there. @throws {AirgapError} STATE_DENIED */
export async function checkState(directory: string): Promise<void> {
  await inState(directory, async () => {
    await makeFolder(directory);
    const file = path.join(directory, `.${randomBytes(8).toString('hex')}.tmp`);
    await writeFile(file, '', { flag: 'wx', mode: 0o600 });
    await rm(file, { force: true });
  });
}
