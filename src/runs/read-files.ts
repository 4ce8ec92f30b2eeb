// Reads the files that a send takes along from this machine, under a limit, before any host is asked.
import { open } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { daemonJsonPath } from '../files/daemon-json.js';
import type { WantedFile } from '../files/planned-file.js';
import { text } from '../text/text.js';
import type { FileChoice } from './api.js';

// They are held in memory and sent as one block; what is larger is an image's business.
const maxFileBytes = 64 * 1024 * 1024;

/** @throws {AirgapError} USAGE where one cannot be read or is too large */
export async function readFiles(choices: readonly FileChoice[]): Promise<WantedFile[]> {
  return await Promise.all(
    choices.map(async ({ kind, source, to, mode, content, keyPlaces }) => ({
      kind,
      from: source,
      ...(content === undefined ? { source: path.resolve(source) } : {}),
      to: kind === 'daemon' ? daemonJsonPath : to,
      mode,
      content: content ?? (await readWhole(source)),
      ...(keyPlaces === undefined ? {} : { keyPlaces }),
    })),
  );
}

/** @throws {AirgapError} USAGE */
export async function readWhole(file: string): Promise<Uint8Array> {
  const { wrong } = text().words.commands;
  try {
    const handle = await open(file);
    try {
      const found = await handle.stat();
      if (!found.isFile()) throw new AirgapError('USAGE', { problem: wrong.unreadable(file, 'not a file') });
      if (found.size > maxFileBytes) throw new AirgapError('USAGE', { problem: wrong.tooLarge(file) });
      return await handle.readFile();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (error instanceof AirgapError) throw error;
    const detail = error instanceof Error ? error.message : String(error);
    throw new AirgapError('USAGE', { problem: wrong.unreadable(file, detail) }, { cause: error });
  }
}
