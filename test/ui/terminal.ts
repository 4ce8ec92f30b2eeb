// The screen in a real terminal: resizes, the mouse, Ctrl-Z, signals, crashes; whatever happens, the terminal is as it was.
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { type TmuxTerminal, withTmux } from '../helpers/tmux.js';

const withTerminal = needing('tmux', 'bash', 'linux');

/** One after the other: each starts Node and tsx anew. */
function test(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  withTerminal.serial(title, async (t) => {
    t.timeout(300_000);
    await body(t as ExecutionContext);
  });
}

const asItWas = { otherScreen: false, mouse: false, cursor: true };
const taken = { otherScreen: true, mouse: true, cursor: false };

/** What the terminal does when its mouse is used. Both count from 1, as people and terminals do. */
const click = (terminal: TmuxTerminal, column: number, row: number): Promise<void> =>
  terminal.report(`\x1b[<0;${column};${row}M\x1b[<0;${column};${row}m`);

async function untilModes(
  t: ExecutionContext,
  terminal: TmuxTerminal,
  wanted: typeof asItWas,
): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    if (JSON.stringify(await terminal.modes()) === JSON.stringify(wanted)) break;
    await sleep(100);
  }
  t.deepEqual(await terminal.modes(), wanted);
}

/** Chooses the first image and the first host, makes the plan and starts. */
async function startRun(terminal: TmuxTerminal): Promise<void> {
  await terminal.until(/> \[ \] nginx:1\.27/);
  await terminal.keys('Space', '2');
  await terminal.until(/web1 \(10\.0\.0\.7\) +docker 28/);
  await terminal.keys('Space', '4');
  await terminal.until(/Enter starts/);
  await terminal.keys('Enter');
}

test('a resize in the middle leaves nothing of the picture before', async (t) => {
  await withTmux({ scene: 'hangs', args: [], columns: 120, rows: 40 }, async (terminal) => {
    await startRun(terminal);
    await terminal.until(/To web1 +running/);
    for (const [columns, rows] of [
      [60, 20],
      [120, 40],
      [80, 24],
    ] as const) {
      await terminal.resize(columns, rows);
      await sleep(1500);
      const seen = await terminal.rows();
      const text = seen.join('\n');
      for (const once of [/\[5 Run\]/g, /q quit/g, /To web1/g]) t.is(text.match(once)?.length, 1, text);
      t.regex(seen[0] ?? '', /\[5 Run\]/);
      t.regex(seen[rows - 2] ?? '', /q quit/);
    }
  });
});

test('a click goes to a row, a second one chooses it, a click on a tab goes there, the wheel moves', async (t) => {
  await withTmux({ scene: 'works', args: [] }, async (terminal) => {
    const screen = await terminal.until(/> \[ \] nginx:1\.27/);
    await untilModes(t, terminal, taken);
    const row = screen.split('\n').findIndex((line) => line.includes('app:2')) + 1;
    await click(terminal, 10, row);
    await terminal.until(/> \[ \] app:2/);
    await click(terminal, 10, row);
    await terminal.until(/> \[x\] app:2/);
    await terminal.report('\x1b[<64;10;5M');
    await terminal.until(/> \[ \] nginx:1\.27/);
    await click(terminal, 22, 1);
    await terminal.until(/\[2 Targets\]/);
  });
});

test('what the mouse reports is never typed, however it is cut', async (t) => {
  await withTmux({ scene: 'works', args: [] }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.keys('/', 'a');
    await terminal.until(/Filter: a_/);
    for (const parts of [
      ['\x1b[<64;10;5', 'M'],
      ['\x1b[<', '64;10;5M'],
      ['\x1b[', '<64;10;5M'],
      ['\x1b[<35;1;1M\x1b[<3', '5;2;2M'],
    ]) {
      for (const part of parts) {
        await terminal.report(part);
        await sleep(300);
      }
    }
    await terminal.keys('p');
    t.regex(await terminal.until(/Filter: ap\S*/), /Filter: ap_/);
  });
});

test('enter-lost-in-a-read: what is typed faster than it is read is typed; what is pasted starts nothing', async (t) => {
  await withTmux({ scene: 'works', args: [] }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.report('/app\r ');
    await terminal.until(/> \[x\] app:2[\s\S]*Filter: app /);
    await terminal.report('\x1b[200~q4\r\x1b[201~');
    await terminal.keys('2');
    await terminal.report('+');
    await terminal.until(/Host \[user@\]host/);
    await terminal.report('\x1b[200~/mnt/stick\r\x1b[201~');
    t.regex(await terminal.until(/stick/), /folder[^\n]*\s+\/mnt\/stick_/);
    await terminal.keys('Enter');
    await terminal.until(/\[x\] \/mnt\/stick/);
  });
});

test('esc-lost-in-a-read: a filter is taken away by Esc, whatever key comes in the same read', async (t) => {
  await withTmux({ scene: 'works', args: [] }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.report('/app\r\x1b/ngi');
    await terminal.until(/Filter: ngi_/);
    await terminal.report('\r\x1bs');
    t.notRegex(await terminal.until(/app:2[\s\S]*nginx|nginx[\s\S]*app:2/), /Filter:/);
  });
});

test('--no-mouse leaves the mouse to the terminal', async (t) => {
  await withTmux({ scene: 'works', args: ['--no-mouse'] }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    t.deepEqual(await terminal.modes(), { ...taken, mouse: false });
    await terminal.keys('q');
    await terminal.until(/ended with 0/);
    t.deepEqual(await terminal.modes(), asItWas);
  });
});

test('Ctrl-Z gives the terminal to the shell, and fg brings the screen back as it was', async (t) => {
  await withTmux({ scene: 'works', args: [], jobs: true }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.keys('/', 'app', 'C-z');
    await terminal.until(/Stopped/);
    t.deepEqual(await terminal.modes(), asItWas);
    t.regex(await readFile(`/proc/${await terminal.pid()}/stat`, 'utf8'), /\) T /);
    await terminal.keys('-l', 'echo typed-to-the-shell');
    await terminal.keys('Enter');
    await terminal.until(/^typed-to-the-shell$/m);
    await terminal.resize(100, 30);
    await terminal.keys('fg', 'Enter');
    const back = await terminal.until(/Filter: app_/);
    t.notRegex(back, /typed-to-the-shell/);
    // Something is being typed: there the cursor stands.
    await untilModes(t, terminal, { ...taken, cursor: true });
    t.regex((await terminal.rows())[28] ?? '', /Esc leave it/);
    await terminal.keys('Enter', 'q');
    await terminal.until(/ready>$/m);
    t.deepEqual(await terminal.modes(), asItWas);
  });
});

test('a screen reader gets lines that stay, and a question as a sentence', async (t) => {
  const env = { INK_SCREEN_READER: 'true' };
  await withTmux({ scene: 'hangs', args: [], env, columns: 160 }, async (terminal) => {
    await terminal.until(/^image nginx:1\.27, size .*, row 1 of 2$/m);
    t.like(await terminal.modes(), { otherScreen: false, mouse: false });
    await terminal.keys('Space');
    await terminal.until(/^image app:2, .*, row 2 of 2$/m);
    await terminal.keys('2');
    await terminal.until(/^target web1 \(10\.0\.0\.7\), state docker/m);
    await terminal.keys('Space', '4');
    await terminal.until(/Enter starts/);
    await terminal.keys('Enter');
    await terminal.until(/^To web1 {2}running\nweb1, about \d+ percent$/m);
    await terminal.keys('x');
    await terminal.until(/^Stop web1\?/m);
    await terminal.keys('y');
    await terminal.until(/^To web1 {2}stopped/m);
    await terminal.keys('q');
    await terminal.until(/ended with 0/);
  });
});

for (const [signal, exitCode] of [
  ['SIGTERM', 143],
  ['SIGHUP', 129],
] as const) {
  test(`${signal} stops what runs and gives the terminal back`, async (t) => {
    await withTmux({ scene: 'hangs', args: [] }, async (terminal) => {
      await startRun(terminal);
      await terminal.until(/To web1 +running/);
      process.kill(await terminal.pid(), signal);
      const screen = await terminal.until(/ended with \d+/);
      t.regex(screen, new RegExp(`ended with ${exitCode}`));
      t.deepEqual(await terminal.modes(), asItWas);
    });
  });
}

test('lost-on-leaving: what is left of a run is told as a command when the screen is gone', async (t) => {
  await withTmux({ scene: 'hangs', args: [] }, async (terminal) => {
    await startRun(terminal);
    await terminal.until(/To web1 +running/);
    await terminal.keys('p');
    await terminal.until(/To web1 +paused/);
    await terminal.keys('q');
    const screen = await terminal.until(/ended with 0/);
    t.regex(screen, /Not everything has arrived.*\nairgap send web1 nginx:1\.27\nended with 0/);
    t.deepEqual(await terminal.modes(), asItWas);
  });
});

test('a terminal that goes away stops what runs cleanly', async (t) => {
  await withTempDir(async (folder) => {
    const ended = `${folder}/ended`;
    await withTmux({ scene: 'hangs', args: [], after: `; echo $? >'${ended}'` }, async (terminal) => {
      await startRun(terminal);
      await terminal.until(/To web1 +running/);
      await terminal.hangUp();
      const read = (): Promise<string> => readFile(ended, 'utf8').catch(() => '');
      for (let tries = 0; tries < 300 && (await read()) === ''; tries += 1) await sleep(100);
      t.is(await read(), '129\n');
    });
  });
});

for (const [scene, where] of [
  ['broken-image', 'drawing'],
  ['broken-places', 'looking around'],
] as const) {
  test(`a bug in ${where} is told on a terminal that is as it was`, async (t) => {
    await withTmux({ scene, args: [] }, async (terminal) => {
      const screen = await terminal.until(/ended with \d+/);
      t.regex(screen, /TypeError: [\s\S]*\[BUG\]\nended with 1/);
      t.deepEqual(await terminal.modes(), asItWas);
    });
  });
}
