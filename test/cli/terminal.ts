// In a real terminal: the live view, the cursor on every road out, questions and what they show of the answers.

import { setTimeout as sleep } from 'node:timers/promises';
import type { ExecutionContext } from 'ava';
import { needing } from '../helpers/needs.js';
import { withTmux } from '../helpers/tmux.js';

const withTerminal = needing('tmux');

/** One after the other: each starts Node and tsx anew. */
function test(title: string, body: (t: ExecutionContext) => Promise<void>): void {
  withTerminal.serial(title, async (t) => {
    t.timeout(300_000);
    await body(t as ExecutionContext);
  });
}

test('the cursor is hidden while lines are live and shown again after Ctrl-C', async (t) => {
  await withTmux({ scene: 'hangs', args: ['send', 'web1', 'app'] }, async (terminal) => {
    await terminal.until(/web1 {2}━*─+ +\d+ %/);
    t.false(await terminal.isCursorShown());
    await terminal.keys('C-c');
    const screen = await terminal.until(/ended with 130/);
    t.true(await terminal.isCursorShown());
    t.regex(screen, /Stopping cleanly; what has arrived is kept/);
    t.regex(screen, /error: Stopped \[CANCELLED\]/);
    t.notRegex(screen, /━|─/);
  });
});

test('the cursor is shown again after Ctrl-C twice', async (t) => {
  await withTmux({ scene: 'hangs', args: ['send', 'web1', 'app'] }, async (terminal) => {
    await terminal.until(/web1 {2}━*─+ +\d+ %/);
    await terminal.keys('C-c', 'C-c');
    await terminal.until(/ended with 130/);
    t.true(await terminal.isCursorShown());
  });
});

test('live lines never take more rows than the terminal has', async (t) => {
  await withTmux({ scene: 'busy', args: ['send', 'web1', 'app'], rows: 12 }, async (terminal) => {
    await terminal.until(/\+\d+ more/);
    await sleep(500);
    const rows = await terminal.rows();
    // What was printed once is still there, once: nothing scrolled.
    t.is(rows.filter((row) => row.includes('layers to send')).length, 1);
    t.regex(rows.join('\n'), /\+\d+ more\nweb1 {2}━*─/);
  });
});

test('a live view survives a resize, wider and narrower', async (t) => {
  await withTmux(
    { scene: 'busy', args: ['send', 'web1', 'app'], columns: 100, rows: 20 },
    async (terminal) => {
      await terminal.until(/\+\d+ more/);
      for (const [columns, rows] of [
        [60, 20],
        [120, 30],
        [40, 12],
        [80, 24],
      ] as const) {
        await terminal.resize(columns, rows);
        await sleep(400);
      }
      await terminal.keys('C-c');
      const screen = await terminal.until(/ended with 130/);
      t.notRegex(screen, /\+\d+ more/);
    },
  );
});

test('a dumb terminal gets lines that stay', async (t) => {
  await withTmux(
    { scene: 'works', args: ['send', 'web1', 'app'], env: { TERM: 'dumb' } },
    async (terminal) => {
      const screen = await terminal.until(/ended with 0/);
      t.regex(screen, /^web1: connecting\nweb1: 2 of 4 layers to send/m);
    },
  );
});

test('a host key is asked for with its fingerprint, several hosts one after the other', async (t) => {
  await withTmux({ scene: 'asks-host-key', args: ['send', 'web1,web2', 'app'] }, async (terminal) => {
    const first = await terminal.until(/Type yes to trust/);
    t.regex(first, /web1 is not known yet\nIts ssh-ed25519 key is SHA256:of-web1/);
    t.notRegex(first, /of-web2/);
    await terminal.keys('yex', 'BSpace', 's', 'Enter');
    await terminal.until(/of-web2/);
    await terminal.keys('yes', 'Enter');
    t.regex(await terminal.until(/ended with 0/), /answers yes yes/);
  });
});

test('anything but yes declines a host key', async (t) => {
  await withTmux({ scene: 'asks-host-key', args: ['send', 'web1', 'app'] }, async (terminal) => {
    await terminal.until(/Type yes to trust/);
    await terminal.keys('y', 'Enter');
    t.regex(await terminal.until(/ended with 31/), /HOST_KEY_UNKNOWN/);
  });
});

test('a passphrase is not shown while it is typed, also when stdin is not the terminal', async (t) => {
  for (const after of ['', '</dev/null']) {
    await withTmux({ scene: 'asks-passphrase', args: ['send', 'web1', 'app'], after }, async (terminal) => {
      await terminal.until(/Passphrase of \/home\/me\/\.ssh\/id_ed25519:\n>/);
      await terminal.keys('-l', 'correct horse');
      await sleep(300);
      t.notRegex((await terminal.rows()).join('\n'), /correct|horse|\*/);
      await terminal.keys('Enter');
      const screen = await terminal.until(/ended with 0/);
      t.regex(screen, /13 characters/);
      t.notRegex(screen, /correct|horse/);
    });
  }
});

test('Ctrl-C at a question stops the run and gives the terminal back', async (t) => {
  await withTmux({ scene: 'asks-passphrase', args: ['send', 'web1', 'app'] }, async (terminal) => {
    await terminal.until(/Passphrase of/);
    await terminal.keys('C-c');
    await terminal.until(/ended with \d+/);
    t.true(await terminal.isCursorShown());
    // `cat` runs now: what is typed is echoed again.
    await terminal.keys('-l', 'echoed');
    t.regex(await terminal.until(/echoed/), /echoed/);
  });
});

test('clean asks, and only y is yes', async (t) => {
  for (const [key, exitCode] of [
    ['n', 2],
    ['y', 0],
  ] as const) {
    await withTmux({ scene: 'works', args: ['clean', 'web1'] }, async (terminal) => {
      await terminal.until(/Remove 12 MB of unfinished sends from web1\? \[y\/N\]/);
      await terminal.keys(key, 'Enter');
      await terminal.until(new RegExp(`ended with ${exitCode}`));
      t.pass();
    });
  }
});

test('airgap alone opens a screen that q leaves as it was, also where a CI variable is set', async (t) => {
  await withTmux({ scene: 'works', args: [], env: { CI: 'true' } }, async (terminal) => {
    await terminal.until(/> \[ \] nginx:1\.27/);
    await terminal.keys('Down');
    await terminal.until(/> \[ \] app:2/);
    await terminal.keys('q');
    const screen = await terminal.until(/ended with 0/);
    t.notRegex(screen, /nginx/);
    t.true(await terminal.isCursorShown());
  });
});

test('--lang zh alone opens the screen in Chinese', async (t) => {
  await withTmux({ scene: 'works', args: ['--lang', 'zh'] }, async (terminal) => {
    const screen = await terminal.until(/> \[ \] nginx:1\.27/);
    t.regex(screen, /\[1 镜像\]/);
    await terminal.keys('q');
    await terminal.until(/ended with 0/);
  });
});

test('a login asks for the user, then for the password without showing it', async (t) => {
  await withTmux({ scene: 'works', args: ['login', 'registry.lan'] }, async (terminal) => {
    await terminal.until(/User at registry\.lan:/);
    await terminal.keys('robot', 'Enter');
    await terminal.until(/Password \(robot on registry\.lan\):/);
    await terminal.keys('secret', 'Enter');
    const screen = await terminal.until(/ended with 0/);
    t.regex(screen, /registry\.lan knows robot\nKept in /);
    t.notRegex(screen, /secret/);
  });
});
