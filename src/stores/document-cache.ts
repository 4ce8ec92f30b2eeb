// Small files that spare a `docker save`: the raw config (and manifest) of images seen before, by the engine's own ID. A cache:
// what is missing, damaged or unwritable is as if it were not there.
import { randomBytes } from 'node:crypto';
import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';
import { maxConfigBytes, maxManifestBytes } from '../oci/limits.js';
import { parseConfig, parseManifest } from '../oci/manifest.js';
import { makeFolder } from '../streams/make-folder.js';

/** An image's documents, as its engine keeps them. */
export interface ImageDocuments {
  readonly rawConfig: Uint8Array;
  /** Only where the engine has one: containerd stores. */
  readonly rawManifest?: Uint8Array;
}

export interface DocumentCache {
  /** What was kept under this ID (and platform, where the ID is an index's), if it is whole. */
  read(id: Digest, platform?: string): Promise<ImageDocuments | undefined>;
  write(id: Digest, documents: ImageDocuments, platform?: string): Promise<void>;
}

/** Beyond it the oldest half goes: some 10 KiB each. */
const maxFiles = 2000;
// base64 makes 4 of 3.
const maxFileBytes = Math.ceil((4 * (maxConfigBytes + maxManifestBytes)) / 3) + 1024;
const schema = z.object({ version: z.literal(1), config: z.string(), manifest: z.string().optional() });

/** A cache in `directory`; without one nothing is kept. */
export function createDocumentCache(directory: string | undefined): DocumentCache {
  if (directory === undefined) return { read: async () => undefined, write: async () => undefined };
  const fileOf = (id: Digest, platform: string | undefined): string => {
    const suffix = platform === undefined ? '' : `-${platform.replace(/[^a-z0-9_.-]/gi, '_')}`;
    return path.join(directory, `${hexOf(id)}${suffix}.json`);
  };
  return {
    async read(id, platform) {
      try {
        const file = fileOf(id, platform);
        if ((await stat(file)).size > maxFileBytes) return undefined;
        const kept = schema.parse(JSON.parse(await readFile(file, 'utf8')));
        const rawConfig = Buffer.from(kept.config, 'base64');
        const rawManifest = kept.manifest === undefined ? undefined : Buffer.from(kept.manifest, 'base64');
        parseConfig(rawConfig, file);
        const named = rawManifest === undefined ? id : parseManifest(rawManifest, file).config.digest;
        if (digestOf(rawConfig) !== named) return undefined;
        return { rawConfig, ...(rawManifest === undefined ? {} : { rawManifest }) };
      } catch {
        return undefined;
      }
    },
    async write(id, { rawConfig, rawManifest }, platform) {
      const text = JSON.stringify({
        version: 1,
        config: Buffer.from(rawConfig).toString('base64'),
        ...(rawManifest === undefined ? {} : { manifest: Buffer.from(rawManifest).toString('base64') }),
      });
      try {
        await makeFolder(directory);
        const temporary = path.join(directory, `.${randomBytes(8).toString('hex')}.tmp`);
        await writeFile(temporary, text, { mode: 0o600 });
        await rename(temporary, fileOf(id, platform));
        await thin(directory, maxFiles);
      } catch {
        // Next time it costs a save again.
      }
    },
  };
}

/** Removes the oldest half of the files, where there are more than so many. */
export async function thin(directory: string, maxFiles: number): Promise<void> {
  const names = await readdir(directory);
  if (names.length <= maxFiles) return;
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      at: (await stat(path.join(directory, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  const oldest = aged.sort((a, b) => a.at - b.at).slice(0, maxFiles / 2);
  for (const { name } of oldest) await rm(path.join(directory, name), { force: true });
}
