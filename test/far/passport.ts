// What a passport tells of a machine, under every shell: the same names, programs and digests.
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { digestOf } from '../../src/oci/digest.js';
import { shellNames, withFar } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';

for (const shell of shellNames) {
  const [program = ''] = shell.split(' ');
  needing(program)(`this machine's name, programs and config are told as they are (${shell})`, async (t) => {
    await withFar(shell, async ({ far, raw }) => {
      const { host, tools, config } = await far.passport();
      t.is(host, hostname().replace(/[^A-Za-z0-9._-]/g, '') || 'localhost');
      t.true(tools.includes('gzip'));
      for (const { path, digest } of config) t.is(digest, digestOf(await readFile(path)), path);
      const { stdout } = await raw('passport', []);
      t.regex(stdout, /^host [^\n]+\n(?:tool [a-z0-9-]+\n)*(?:config [^\n]+\n)*done\n$/);
    });
  });
}
