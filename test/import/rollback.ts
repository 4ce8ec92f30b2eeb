// sh import.sh --rollback: on a machine that has no airgap, what an import has changed is taken back by the program that changed it.
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { otherShells } from '../helpers/far-box.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { type LocalImport, withImport } from '../helpers/local-import.js';

const test = ava.serial;

/** Two bundles for the same files, one that is there and one that is not, on a machine without an engine. */
async function siteWith({ folder }: LocalImport) {
  const host = path.join(folder, 'host');
  const [old, fresh] = [path.join(host, 'old.conf'), path.join(host, 'deep/new.conf')];
  await mkdir(host);
  await writeFile(old, 'first\n');
  await chmod(old, 0o640);
  const scripts = [];
  for (const text of ['second\n', 'third\n']) {
    const files = { [old]: text, [fresh]: text };
    const [site = ''] = (await makeBundle({ folder: path.join(folder, text.trim()), images: [], files }))
      .volumes;
    scripts.push(path.join(site, 'import.sh'));
  }
  const [second = '', third = ''] = scripts;
  return { host, old, fresh, second, third, words: ['--allow-dir', host] };
}

for (const shell of otherShells) {
  test(`what an import has changed is taken back by its own program, newest first (${shell})`, (t) =>
    withImport(async (box) => {
      const { host, old, fresh, second, third, words } = await siteWith(box);
      const none = await box.run(second, ['--rollback'], { shell });
      t.is(none.exitCode, 49, none.stderr);
      t.regex(none.stderr, /keeps no files from before any import \[ROLLBACK_UNKNOWN\]\nhint: /);

      const one = await box.run(second, words, { shell });
      t.is(one.exitCode, 0, one.stderr);
      t.notRegex(one.stderr, /airgap rollback/);
      const [, command = '', id = ''] =
        /^To put back the files that were there before: (sh .*import\.sh .*--rollback ([0-9a-f-]+))$/m.exec(
          one.stderr,
        ) ?? [];
      t.true(command.includes(` --stage '${path.join(box.folder, 'sta ge')}' `), command);
      const two = await box.run(third, words, { shell });
      t.is(two.exitCode, 0, two.stderr);
      t.is(await readFile(fresh, 'utf8'), 'third\n');

      const strange = await box.run(third, ['--rollback', 'ffff-0'], { shell });
      t.regex(strange.stderr, /from before ffff-0 \[ROLLBACK_UNKNOWN\]/);
      const newest = await box.run(third, ['--rollback'], { shell });
      t.is(newest.exitCode, 0, newest.stderr);
      t.like(JSON.parse(newest.stdout), {
        version: 1,
        by: 'import.sh',
        files: [
          { path: old, done: 'restored' },
          { path: fresh, done: 'restored' },
        ],
      });
      t.is(await readFile(old, 'utf8'), 'second\n');

      // Changed since by somebody: left alone and said, unless it is to go all the same.
      await writeFile(old, 'mine\n');
      const changed = await box.run(second, ['--rollback', id], { shell });
      t.is(changed.exitCode, 49, changed.stderr);
      t.regex(changed.stderr, /has changed since the import \[FILE_CHANGED\]\nhint: .*--rollback --force /m);
      t.is(await readFile(old, 'utf8'), 'mine\n');

      // Wherever the bundle is by then: the program alone does it.
      const alone = path.join(box.folder, 'import.sh');
      await writeFile(alone, await readFile(second));
      const lone = await box.run(alone, ['--force'], { shell });
      t.is(lone.code, 'USAGE', lone.stderr);
      const back = await box.run(alone, [`--rollback=${id.slice(0, 8)}`, '--force'], { shell });
      t.is(back.exitCode, 0, back.stderr);
      t.deepEqual(JSON.parse(back.stdout), {
        version: 1,
        by: 'import.sh',
        receipt: id,
        files: [
          { path: old, done: 'restored' },
          { path: fresh, done: 'removed' },
        ],
      });
      t.is(await readFile(old, 'utf8'), 'first\n');
      t.is((await stat(old)).mode & 0o777, 0o640);
      t.deepEqual(await readdir(host), ['old.conf']);
    }));
}
