// Makes docs/pictures: the screen in a real terminal, as SVG text. Run: npx node --import=tsx test/helpers/screen-pictures.ts
// To look at others: FOLDER COLUMNS ROWS after it, and words of the environment before it (AIRGAP_LANG=zh, NO_COLOR=1, TERM=xterm, LC_ALL=C).
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './command-line.js';
import { terminalPicture } from './terminal-picture.js';
import { type TmuxTerminal, withTmux } from './tmux.js';

const folder = process.argv[2] ?? path.join(root, 'docs/pictures');
const columns = Number(process.argv[3] ?? 80);
const rows = Number(process.argv[4] ?? 24);

async function take(terminal: TmuxTerminal, name: string, title: string): Promise<void> {
  const shown = await terminal.coloured();
  // The last row is never drawn on.
  await writeFile(
    path.join(folder, `${name}.svg`),
    terminalPicture(shown.slice(0, rows - 1), { columns, title }),
  );
}

await mkdir(folder, { recursive: true });
const { NO_COLOR = '', TERM = 'tmux-256color', AIRGAP_LANG = 'en', LC_ALL = 'C.UTF-8' } = process.env;
const env = { NO_COLOR, TERM, AIRGAP_LANG, LC_ALL };
await withTmux({ scene: 'shown', args: [], env, columns, rows }, async (terminal) => {
  await terminal.until(/> \[ \] nginx:1\.27/);
  await terminal.keys('Space', 'Space');
  await terminal.until(/\[x\] app:2/);
  await take(terminal, 'images', 'Choosing images: a list with sizes, ages and stores');
  await terminal.keys('2');
  await terminal.until(/web1 \(10\.0\.0\.7\) +docker/);
  await terminal.keys('Space');
  await terminal.until(/\[x\] web1/);
  await take(terminal, 'targets', 'Choosing hosts: what each has, and how much room there is');
  await terminal.keys('4');
  await terminal.until(/docker 28\.0\.1 \(overlay2\)/);
  await take(terminal, 'plan', 'The plan: what would travel, what is there already, and the command');
  await terminal.keys('Enter');
  await terminal.until(/web1[\s\S]* [2-9]\d %/);
  await take(terminal, 'run', 'A run: a bar for each thing that is under way');
});
