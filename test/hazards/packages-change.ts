// A package that changes between the making of its repository's lists and its copy into the bundle.
import { appendFile, mkdir, truncate, writeFile } from 'node:fs/promises';
import { createLocalHost } from '../../src/hosts/local.js';
import { packPayload } from '../../src/runs/pack-payload.js';
import { buildDeb } from '../helpers/deb.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

const test = needing('dpkg-deb');

for (const [what, change] of [
  ['grows', (file: string) => appendFile(file, 'x')],
  ['shrinks', (file: string) => truncate(file, 10)],
  ['becomes another of its size', (file: string, size: number) => writeFile(file, Buffer.alloc(size))],
] as const)
  test(`a package that ${what} while it is packed fails the export`, async (t) => {
    await withTempDir(async (home) => {
      const folder = `${home}/tools`;
      await mkdir(folder);
      const file = await buildDeb(folder, { name: 'plant-tools' });
      const packed = await packPayload({
        options: { destination: home, packages: [folder] },
        spec: undefined,
        host: createLocalHost(process.env),
        signal: new AbortController().signal,
      });
      const deb = packed.packageFiles.find((one) => one.path.endsWith('.deb'));
      await change(file, deb?.size ?? 0);
      const read = async (): Promise<void> => {
        for await (const _chunk of deb?.open() ?? []);
      };
      await t.throwsAsync(read, { code: 'PACKAGES_INVALID', message: /has changed while it was read/ });
    });
  });
