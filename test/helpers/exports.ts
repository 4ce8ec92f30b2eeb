// Bundles for tests, made by the real export in this process: small images of a seed, in a layout.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { createCore } from '../../src/core.js';
import type { ExportOptions, ExportResult } from '../../src/runs/api.js';
import { ociFiles, type TestImage, writeFiles } from './images.js';

/** Writes these images into an OCI layout and gives the sources that name them. */
export async function layoutSources(folder: string, images: readonly TestImage[]): Promise<string[]> {
  await writeFiles(folder, ociFiles(images));
  return images.map((image) => `oci:${folder}:${image.name}`);
}

/** Runs an export in folders of its own below `home`. */
export async function exportTo(
  home: string,
  options: ExportOptions,
  use: { readonly cancelAfterEvents?: number } = {},
): Promise<ExportResult> {
  const core = createCore({
    PATH: process.env.PATH,
    HOME: home,
    XDG_CACHE_HOME: join(home, 'cache'),
    XDG_STATE_HOME: join(home, 'state'),
  });
  const run = core.export(options);
  let count = 0;
  for await (const _event of run.events) {
    count += 1;
    if (count === use.cancelAfterEvents) run.cancel();
  }
  return await run.result;
}

/** Every file below a folder with its bytes, by path. */
export async function filesBelow(folder: string): Promise<Map<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files.set(relative(folder, file).split(sep).join('/'), await readFile(file));
  }
  return files;
}
