import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { client, otherShells, programPath, shells, withFar } from '../helpers/far-box.js';
import { installFile, oldFile, plainCall, receiptId, treeOf } from '../helpers/far-files.js';
import { needing } from '../helpers/needs.js';
import { run, until } from '../rig/command.js';

const { serial: test } = needing('root', 'linux');
const steps = ['mv', 'cp', 'ln', 'dd', 'chmod', 'chown', 'sync', 'rm', 'mkdir'];

/** Programs that end the shell which starts them, the one whose turn the file `turn` tells. */
async function withTraps(
  use: (bin: string, turn: (n: number, how: string) => Promise<void>) => Promise<void>,
) {
  const bin = await mkdtemp(path.join(tmpdir(), 'airgap-traps-'));
  try {
    for (const name of steps) {
      const real = (await run(['sh', '-c', `PATH=/usr/bin:/bin command -v ${name}`])).stdout.trim();
      const lines = [
        '#!/bin/sh',
        `[ -f ${bin}/turn ] || exec ${real} "$@"`,
        `read -r n how <${bin}/turn`,
        'n=$((n - 1))',
        `echo "$n $how" >${bin}/turn`,
        `[ "$n" -ne 0 ] || [ "$how" != before ] || { kill -s KILL $PPID; exit 1; }`,
        `${real} "$@"`,
        'code=$?',
        `[ "$n" -ne 0 ] || { [ "$how" = term ] && kill -s TERM $PPID || kill -s KILL $PPID; }`,
        'exit $code',
      ];
      await writeFile(path.join(bin, name), `${lines.join('\n')}\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    await use(bin, async (n, how) => {
      await rm(path.join(bin, 'turn'), { force: true });
      if (n > 0) await writeFile(path.join(bin, 'turn'), `${n} ${how}\n`);
    });
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
}

// Every second step in each shell: together they take all of them. (An ash with its own mv would start no program.)
for (const [offset, shell] of (['dash', 'bash'] as const).entries()) {
  test(`an installation that is killed at any step is undone by the next begin (${shell})`, (t) =>
    withTraps(async (bin, turn) => {
      const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
      await withFar(
        shell,
        async ({ far, folder, raw, mine }) => {
          const etc = path.join(folder, 'etc');
          await oldFile(`${etc}/a`, 'old', { mode: 0o604, uid: 3, gid: 4 });
          await oldFile(`${etc}/same`, 'same', { mode: 0o600 });
          const before = await treeOf(etc);
          const files = [
            installFile(`${etc}/a`, 'new', { wasText: 'old' }),
            installFile(`${etc}/same`, 'same', { wasText: 'same' }),
            installFile(`${etc}/dir/b`, 'new'),
          ];
          let ended = false;
          let killed = 0;
          for (let n = 1 + offset; !ended; n += 2) {
            const how = ['before', 'after', 'term'][Math.floor(n / 2) % 3] ?? 'after';
            await turn(n, how);
            const installed = await far
              .install(plainCall, { receipt: receiptId, allow: [folder], files })
              .then(() => true)
              .catch(() => false);
            ended = installed && !(await readFile(path.join(bin, 'turn'), 'utf8')).startsWith('-');
            await turn(0, '');
            await far.begin();
            const now = await treeOf(etc);
            if (installed) {
              // Killed after the point of no return: then it is done, whole, and can be taken back.
              t.true(Object.values(now).includes('644 3:4 new'), `${how} ${n}`);
              await raw('rollback', ['receipt=newest', 'sudo=no']);
            } else if (Object.values(now).includes('644 3:4 new')) {
              t.is(now['dir/b'], '644 0:0 new', `done as a whole: ${how} ${n}`);
              await raw('rollback', ['receipt=newest', 'sudo=no']);
            }
            killed += 1;
            t.deepEqual(await treeOf(etc), before, `${how} ${n}`);
            await rm(path.join(mine, 'backups'), { recursive: true, force: true });
            await mkdir(path.join(mine, 'backups'));
          }
          t.true(killed > 10, `${killed} steps were tried`);
        },
        { env },
      );
    }));
}

for (const shell of otherShells) {
  test(`a rollback whose reader is gone goes to its end (${shell})`, (t) =>
    withFar(shell, async ({ far, folder, stage }) => {
      const names = ['a', 'b', 'c', 'd'].map((name) => path.join(folder, 'etc', name));
      for (const name of names) await oldFile(name, 'old');
      const before = await treeOf(path.join(folder, 'etc'));
      const files = names.map((name) => installFile(name, 'new', { wasText: 'old' }));
      await far.install(plainCall, { receipt: receiptId, allow: [folder], files });
      const words = `stage="$2" client=${client} receipt=newest sudo=no`;
      const script = `{ ${shells[shell].join(' ')} "$1" rollback ${words}; echo ended >"$3"; } | head -n 2`;
      await run(['sh', '-c', script, 'sh', programPath(stage), stage, `${folder}/ended`]);
      await until(
        'the end',
        async () => (await readFile(`${folder}/ended`).catch(() => undefined)) !== undefined || undefined,
      );
      t.deepEqual(await treeOf(path.join(folder, 'etc')), before);
    }));
}
