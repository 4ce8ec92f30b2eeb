// How quick the screen is, in a terminal made by `script`: the first frame of the built program; with 2,000 images and ten
// transfers, a key until its picture; and the share of a core that moving bars take. Run: npm run build && npm run bench:screen
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';

const root = path.resolve(import.meta.dirname, '..');
const rounds = 9;
const keys = 40;
const cpuMs = 5000;
const ticksPerSecond = 100;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** The program in a terminal of 80×24, its home an empty folder. */
function open(command: string, home: string): { child: ChildProcess; shown: () => string } {
  const child = spawn('script', ['-qefc', `stty rows 24 cols 80; exec ${command}`, '/dev/null'], {
    cwd: root,
    env: {
      PATH: process.env.PATH,
      HOME: home,
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      NO_COLOR: '1',
      NODE_ENV: 'production',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  let shown = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    shown = (shown + chunk).slice(-20_000);
  });
  // Bold and faint, which NO_COLOR leaves, stand between a row's signs and its name.
  return { child, shown: () => stripVTControlCharacters(shown) };
}

async function until(shown: () => string, text: string): Promise<void> {
  const end = performance.now() + 60_000;
  while (!shown().includes(text)) {
    if (performance.now() > end) throw new Error(`never shown: ${text}\n${shown().slice(-2000)}`);
    await sleep(1);
  }
}

async function close(child: ChildProcess): Promise<void> {
  const over = new Promise((resolve) => child.once('close', resolve));
  child.kill();
  await over;
}

async function firstFrame(home: string): Promise<number> {
  const begun = performance.now();
  const { child, shown } = open('bin/airgap', home);
  await until(shown, 'Images');
  const tookMs = performance.now() - begun;
  await close(child);
  return tookMs;
}

/** Of the program that `script` runs, in milliseconds. */
function cpuOf(child: ChildProcess): number {
  const own = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ')[0];
  const fields = readFileSync(`/proc/${own}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return ((Number(fields[11]) + Number(fields[12])) / ticksPerSecond) * 1000;
}

async function underWay(home: string): Promise<{ keyMs: number; worstMs: number; share: number }> {
  const { child, shown } = open(`'${process.execPath}' --import=tsx bench/screen-child.ts`, home);
  const press = async (key: string, then: string): Promise<void> => {
    child.stdin?.write(key);
    await until(shown, then);
  };
  await until(shown, 'service-0:1');
  await press(' ', '[x] team/service-0:1');
  await press('2', 'web10');
  await press('a', '[x] web10');
  await press('4', 'Enter starts');
  await press('\r', 'running');
  await sleep(2000);
  const before = cpuOf(child);
  const begun = performance.now();
  await sleep(cpuMs);
  const share = (cpuOf(child) - before) / (performance.now() - begun);
  await press('1', '[1 Images]');
  await sleep(500);
  const took: number[] = [];
  for (let n = 1; n < keys; n += 1) {
    const at = performance.now();
    await press('\x1b[B', `> [ ] team/service-${n + 1}:1`);
    took.push(performance.now() - at);
    await sleep(37);
  }
  await close(child);
  return { keyMs: median(took), worstMs: Math.max(...took), share };
}

const home = await mkdtemp(path.join(tmpdir(), 'airgap-bench-'));
try {
  const frames: number[] = [];
  for (let n = 0; n < rounds; n += 1) frames.push(await firstFrame(home));
  console.log(
    `first frame   ${median(frames).toFixed(0)} ms (${rounds} starts, ${Math.min(...frames).toFixed(0)}–${Math.max(...frames).toFixed(0)})`,
  );
  const { keyMs, worstMs, share } = await underWay(home);
  console.log(
    `a key         ${keyMs.toFixed(0)} ms, at worst ${worstMs.toFixed(0)} (2,000 images, ten transfers)`,
  );
  console.log(`moving bars   ${(share * 100).toFixed(0)} % of a core (ten transfers)`);
} finally {
  await rm(home, { recursive: true, force: true });
}
