// A small text file of settings, if there is one.
import { readFile } from 'node:fs/promises';
import { AirgapError } from '../errors.js';
import { hasCode, plainly } from '../streams/fs-errors.js';

/** Undefined where there is none. @throws {AirgapError} REGISTRY_CONFIG where it cannot be read */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasCode(cause, 'ENOENT') || hasCode(cause, 'ENOTDIR')) return undefined;
    throw new AirgapError('REGISTRY_CONFIG', { path, problem: plainly(cause) }, { cause });
  }
}
