// --output FILE: what would have gone to stdout, in a file.
import { lstat, writeFile } from 'node:fs/promises';
import { AirgapError } from '../errors.js';

/** @throws {AirgapError} DRIVE_FAILED */
export async function writeOutput(file: string, content: string): Promise<void> {
  try {
    await writeFile(file, content);
  } catch (cause) {
    const detail = cause instanceof Error ? cause.message : String(cause);
    throw new AirgapError('DRIVE_FAILED', { path: file, detail }, { cause });
  }
}

/** The same for a screen, which asks before it writes over a file: false where there is one. @throws {AirgapError} DRIVE_FAILED */
export async function saveOutput(file: string, content: string, how: 'new' | 'over'): Promise<boolean> {
  if (how === 'new' && (await lstat(file).catch(() => undefined)) !== undefined) return false;
  await writeOutput(file, content);
  return true;
}
