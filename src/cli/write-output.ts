// --output FILE: what would have gone to stdout, in a file.
import { writeFile } from 'node:fs/promises';
import { AirgapError } from '../errors.js';

/** @throws {AirgapError} DRIVE_FAILED */
export async function writeOutput(file: string, content: string): Promise<void> {
  await saveOutput(file, content, 'over');
}

/** The same for a screen, which asks before it writes over a file: false where there is one. @throws {AirgapError} DRIVE_FAILED */
export async function saveOutput(file: string, content: string, how: 'new' | 'over'): Promise<boolean> {
  try {
    // In one step: nothing can come to lie there between the look and the write.
    await writeFile(file, content, { flag: how === 'new' ? 'wx' : 'w' });
    return true;
  } catch (cause) {
    if (how === 'new' && cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return false;
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AirgapError('DRIVE_FAILED', { path: file, detail }, { cause });
  }
}
