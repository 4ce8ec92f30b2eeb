import { mkdir, readdir, readlink } from 'node:fs/promises';
import { openWriter, spoolFiles } from '../../src/streams/spool-writer.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';

needing('linux')('files that were opened are closed when a later step of opening fails', async (t) => {
  await withTempDir(async (directory) => {
    const files = spoolFiles(directory, 'zstd');
    await mkdir(files.indexPath);
    const error = await t.throwsAsync(openWriter(files));
    t.like(error, { code: 'SPOOL_DAMAGED' });
    const links = (await readdir('/proc/self/fd')).map((fd) => readlink(`/proc/self/fd/${fd}`));
    const open = (await Promise.allSettled(links)).map((link) =>
      link.status === 'fulfilled' ? link.value : '',
    );
    t.deepEqual(
      open.filter((path) => path.startsWith(directory)),
      [],
    );
  });
});
