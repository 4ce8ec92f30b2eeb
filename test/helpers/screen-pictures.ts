// Makes docs/pictures: the screen in a real terminal, as SVG text. Run: node --import=tsx test/helpers/screen-pictures.ts
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
const env = { NO_COLOR: '', TERM: 'tmux-256color', LANG: 'C.UTF-8' };
await withTmux({ scene: 'shown', args: [], env, columns, rows }, async (terminal) => {
  await terminal.until(/> \[ \] nginx:1\.27/);
  await terminal.keys('Space', 'Space');
  await terminal.until(/2 images · .*~/);
  await take(terminal, 'images', 'Choosing images: a list with sizes, ages and stores');
  await terminal.keys('2');
  await terminal.until(/web1 \(10\.0\.0\.7\) +docker/);
  await terminal.keys('Space');
  await terminal.until(/to web1 ·/);
  await take(terminal, 'targets', 'Choosing hosts: what each has, and how much room there is');
  await terminal.keys('4');
  await terminal.until(/Enter starts/);
  await take(terminal, 'plan', 'The plan: what would travel, what is there already, and the command');
  await terminal.keys('Enter');
  await terminal.until(/web1 +━/);
  await take(terminal, 'run', 'A run: a bar for each thing that is under way');
});
