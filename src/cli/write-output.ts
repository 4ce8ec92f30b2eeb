// --output FILE: what would have gone to stdout, in a file.
import { writeFile } from 'node:fs/promises';
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
