// Documents of registries as they came, by digest: what was read once is not asked for again. A cache: what is missing, damaged or
// unwritable is as if it were not there.
import { randomBytes } from 'node:crypto';
import { readFile, rename, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';
import { makeFolder } from '../streams/make-folder.js';
import { thin } from './document-cache.js';

export interface RawCache {
  /** Bytes of that digest, at most so many. */
  read(digest: Digest, limitBytes: number): Promise<Buffer | undefined>;
  /** `raw` is of that digest. */
  write(digest: Digest, raw: Uint8Array): Promise<void>;
}

/** An image has two or three documents of some 10 KiB. */
const maxFiles = 6000;
// Reading a folder of thousands after each write would take longer than the write.
const writesBetweenLooks = 500;

/** A cache in `directory`. */
export function createRawCache(directory: string): RawCache {
  let writes = 0;
  const fileOf = (digest: Digest): string => path.join(directory, hexOf(digest));
  return {
    async read(digest, limitBytes) {
      try {
        const file = fileOf(digest);
        if ((await stat(file)).size > limitBytes) return undefined;
        const raw = await readFile(file);
        return digestOf(raw) === digest ? raw : undefined;
      } catch {
        return undefined;
      }
    },
    async write(digest, raw) {
      try {
        if (writes === 0) await makeFolder(directory);
        const temporary = path.join(directory, `.${randomBytes(8).toString('hex')}.tmp`);
        await writeFile(temporary, raw, { mode: 0o600 });
        await rename(temporary, fileOf(digest));
        if (writes % writesBetweenLooks === 0) await thin(directory, maxFiles);
        writes += 1;
      } catch {
        // Next time it is asked for again.
      }
    },
  };
}
