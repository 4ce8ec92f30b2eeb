// Which processes count as this client's: those with its mark that run on this machine, and nobody else's.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { root } from '../helpers/command-line.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { run } from '../rig/command.js';

const test = needing('root', 'namespaces', 'busybox');
const source = readFileSync(join(root, 'src/far/sh/21-procs.sh'), 'utf8');

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
