// Which processes count as this client's: those with its mark that run on this machine, and nobody else's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { root } from '../helpers/command-line.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/command.js';

const test = needing('root', 'namespaces', 'busybox');
const part = (name: string): string => readFileSync(join(root, `src/far/sh/${name}.sh`), 'utf8');
const source = part('21-procs');

/** Starts a program that lives until its stdin ends, and waits until it runs. */
async function start(argv: readonly string[], mine: string): Promise<ChildProcess> {
  const [program = '', ...args] = argv;
  const child = spawn(program, args, {
    env: { ...process.env, AIRGAP_FAR: mine },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const stdout = child.stdio[1];
  if (stdout === null) throw new Error('no stdout');
  await once(stdout, 'data');
  return child;
}

const waits = ['sh', '-c', 'echo here; exec cat >/dev/null'];

for (const shell of [['sh'], ['bash'], ['busybox', 'sh']]) {
  test(`another-containers-import: only what runs on this machine counts (${shell.join(' ')})`, async (t: ExecutionContext) => {
    await withTempDir(async (mine) => {
      const ours = await start(waits, mine);
      const theirs = await start(['unshare', '--pid', '--fork', '--mount-proc', ...waits], mine);
      try {
        const script = `is_count() { return 1; }\nboot=x\n${source}\nrunning "$1"`;
        const { stdout } = await run([...shell, '-c', script, 'sh', mine]);
        const found = stdout
          .split('\n')
          .filter((line) => line !== '')
          .map(Number);
        t.true(found.includes(ours.pid ?? 0), 'a program of ours is found');
        // unshare itself is of this machine; what it started is not.
        const inside = await run(['pgrep', '-P', String(theirs.pid)]);
        t.false(found.includes(Number(inside.stdout)), 'one in a container is left alone');
      } finally {
        for (const child of [ours, theirs]) {
          child.stdin?.end();
          await once(child, 'exit');
        }
      }
    });
  });
}

for (const shell of [['sh'], ['bash'], ['busybox', 'sh']]) {
  test(`two-names-of-one-machine: a run ends what its client left behind, and no look (${shell.join(' ')})`, async (t) => {
    await withTempDir(async (stage) => {
      const client = '0123456789abcdef';
      const mine = join(stage, client);
      for (const name of ['procs', 'work', 'layers']) await mkdir(join(mine, name), { recursive: true });
      const far = ['sh', '-c', 'echo here; cat >/dev/null; :', 'far.sh', `client=${client}`];
      const looks = await start(far, 'elsewhere');
      const puts = await start(far, 'elsewhere');
      const gone = 4_194_304;
      for (const [pid, command] of [
        [looks.pid, 'probe'],
        [puts.pid, 'put'],
        [gone, 'probe'],
      ] as const) {
        await writeFile(join(mine, 'procs', String(pid)), `x ${command}\n`);
        await mkdir(join(mine, 'work', String(pid)));
      }
      const ended = once(puts, 'exit');
      try {
        const script = `is_count() { case $1 in *[!0-9]*) return 1 ;; esac; }
repair_store() { :; }
boot=x mine=$1 client=${client}
${part('cmd-begin')}
cmd_begin`;
        const { stdout } = await run([...shell, '-c', `${source}\n${script}`, 'sh', mine]);
        t.is(stdout.trim(), `ended ${puts.pid}`);
        await ended;
        for (const folder of ['procs', 'work'])
          t.deepEqual(await readdir(join(mine, folder)), [String(looks.pid)]);
      } finally {
        for (const child of [looks, puts]) child.stdin?.end();
        if (looks.exitCode === null) await once(looks, 'exit');
      }
    });
  });
}
