// A repository of RPMs: createrepo_c makes it, out of copies whose times are all the same. @see createrepo_c(8)
import { constants, copyFile, mkdtemp, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { text } from '../text/text.js';
import type { Metadata, PackageFile } from './packages.js';
import type { MetadataOptions } from './packages-deb.js';
import { runProgram } from './run-program.js';

// The largest distributions have 200 MB of it for 60,000 packages.
const maxMetadataBytes = 256 * 1024 * 1024;

/** @throws {AirgapError} PACKAGES_INVALID, PROGRAM_MISSING */
export async function rpmMetadata(
  files: readonly PackageFile[],
  { host, fail, signal }: MetadataOptions,
): Promise<Metadata> {
  const say = text().words.packages;
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-packages-'));
  try {
    const placed = new Map<PackageFile, string>();
    for (const file of files) {
      const name = path
        .basename(file.file)
        .replace(/[^A-Za-z0-9._+~-]/g, '_')
        .replace(/^[.-]+/, '');
      const copy = path.join(folder, name);
      await copyFile(file.file, copy, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL).catch(() => {
        throw fail(say.twice(name));
      });
      // createrepo_c writes the time of each file into its lists.
      await utimes(copy, 0, 0);
      placed.set(file, name);
    }
    const argv = [
      'createrepo_c',
      '--quiet',
      '--workers=1',
      '--no-database',
      '--simple-md-filenames',
      '--general-compress-type=gz',
      '--revision=0',
      '--set-timestamp-to-revision',
      folder,
    ];
    const ran = await runProgram(host, argv, { maxBytes: 0, ...(signal === undefined ? {} : { signal }) });
    if (ran.exitCode !== 0) throw fail(say.unreadable('createrepo_c', ran.complaint));
    const made = new Map<string, Buffer>();
    for (const name of (await readdir(path.join(folder, 'repodata'))).toSorted()) {
      const file = path.join(folder, 'repodata', name);
      if ((await stat(file)).size > maxMetadataBytes) throw fail(say.tooLarge);
      made.set(`repodata/${name}`, await readFile(file));
    }
    const primary = made.get('repodata/primary.xml.gz');
    if (primary === undefined) throw fail(say.control('createrepo_c'));
    const names = packageNames(gunzipSync(primary, { maxOutputLength: maxMetadataBytes }).toString('utf8'));
    // What it cannot read it leaves out, and says so in passing.
    if (names.length !== files.length) throw fail(say.unreadable('createrepo_c', ran.complaint));
    return { names, placed, made };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function packageNames(primary: string): string[] {
  const pattern = /<package type="rpm">\s*<name>([A-Za-z0-9][A-Za-z0-9.+_-]{0,199})<\/name>/g;
  return [...primary.matchAll(pattern)].map(([, name = '']) => name);
}
