// Makes docs/pictures: the screen in a real terminal, as SVG text. Run: node --import=tsx test/helpers/screen-pictures.ts
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { displayWidth } from '../../src/text/width.js';
import { root } from './command-line.js';
import { type TmuxTerminal, withTmux } from './tmux.js';

const cellWidth = 8.4;
const cellHeight = 18;
const margin = 12;
// The 16 colours as a dark terminal has them; numbers are SGR.
const colours: Readonly<Record<string, string>> = {
  31: '#f28779',
  32: '#a6cc70',
  33: '#ffcc66',
  34: '#73a8ff',
  35: '#d4a0ff',
  36: '#5ccfe6',
};

interface Run {
  readonly text: string;
  readonly column: number;
  readonly sgr: ReadonlySet<string>;
}

/** Pieces of one row that look the same, with the column each begins in. */
function runsOf(row: string): Run[] {
  const runs: Run[] = [];
  let sgr = new Set<string>();
  let column = 0;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal tells of its rows
  for (const [, codes, text] of row.matchAll(/(?:\x1b\[([\d;]*)m)|([^\x1b]+)/g)) {
    if (text !== undefined) {
      runs.push({ text, column, sgr });
      column += displayWidth(text);
    } else {
      for (const code of (codes === '' ? '0' : (codes ?? '0')).split(';'))
        sgr = code === '0' ? new Set() : new Set([...sgr, code]);
    }
  }
  return runs;
}

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function tspan({ text, column, sgr }: Run): string {
  if (text.trim() === '') return '';
  const begin = text.length - text.trimStart().length;
  const x = (margin + (column + begin) * cellWidth).toFixed(1);
  const shown = text.trim();
  const colour = [...sgr].map((code) => colours[code]).find((one) => one !== undefined);
  const styles = [
    ...(colour === undefined ? [] : [`fill="${colour}"`]),
    ...(sgr.has('1') ? ['font-weight="bold"'] : []),
    ...(sgr.has('2') ? ['fill-opacity=".6"'] : []),
  ];
  // Whatever font there is, columns stay columns.
  const length = (displayWidth(shown) * cellWidth).toFixed(1);
  return `<tspan x="${x}" textLength="${length}" ${styles.join(' ')}>${escaped(shown)}</tspan>`;
}

/** Rows of a terminal, with their colours, as one picture. */
function svgOf(rows: readonly string[], columns: number, title: string): string {
  const width = Math.ceil(2 * margin + columns * cellWidth);
  const height = 2 * margin + rows.length * cellHeight;
  const lines = rows.map((row, at) => {
    const inside = runsOf(row).map(tspan).join('');
    const y = margin + (at + 0.75) * cellHeight;
    return inside === '' ? '' : `<text y="${y}" xml:space="preserve">${inside}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace" font-size="14" fill="#d9dce3" role="img">`,
    `<title>${escaped(title)}</title>`,
    `<rect width="${width}" height="${height}" rx="8" fill="#1b1e26"/>`,
    ...lines.filter((line) => line !== ''),
    '</svg>',
    '',
  ].join('\n');
}

const folder = process.argv[2] ?? path.join(root, 'docs/pictures');
const columns = Number(process.argv[3] ?? 80);
const rows = Number(process.argv[4] ?? 24);

async function take(terminal: TmuxTerminal, name: string, title: string): Promise<void> {
  const shown = await terminal.coloured();
  // The last row is never drawn on.
  await writeFile(path.join(folder, `${name}.svg`), svgOf(shown.slice(0, rows - 1), columns, title));
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
