// Columns of a terminal: how wide a text is, and cutting, padding and wrapping by that width, not by characters.
// @see Unicode UAX #11 (east asian width), UAX #29 (grapheme clusters)

// Made when first needed: its tables take 20 ms to load, and most commands never print what needs them.
let segmenter: Intl.Segmenter | undefined;
const graphemesOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter('en', { granularity: 'grapheme' });
  return segmenter.segment(text);
};

// Two columns: Hangul, kana, CJK and its punctuation, full-width forms, the planes of further ideographs.
const wide =
  /^[\u1100-\u115f\u231a\u231b\u2329\u232a\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c\u2b50\u2b55\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const noWidth = /^[\p{Mn}\p{Me}\p{Cf}]/u;

const columnsOf = (grapheme: string): number => {
  if (noWidth.test(grapheme)) return 0;
  return wide.test(grapheme) || grapheme.includes('\ufe0f') ? 2 : 1;
};

// Nearly everything there is: ASCII, the rest of Latin, dashes, quotes and dots, lines and blocks. One column each, and nothing
// that joins; a segmenter costs a hundred times as much.
const plain =
  /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff\u2010-\u2027\u2030-\u203b\u203d-\u2048\u204a-\u205e\u2190-\u2193\u2500-\u259f]*$/;

/** Columns that the text takes in a terminal. The text holds no control characters (see printable). */
export function displayWidth(text: string): number {
  if (plain.test(text)) return text.length;
  let columns = 0;
  for (const { segment } of graphemesOf(text)) columns += columnsOf(segment);
  return columns;
}

/** The letters of a text as people see them: a sign with its marks is one. */
export function letters(text: string): string[] {
  return plain.test(text) ? [...text] : [...graphemesOf(text)].map(({ segment }) => segment);
}

/** At most `columns` wide; what was cut at the end is told by `…`. */
export function cutEnd(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns <= 0 ? '' : `${takeStart(text, columns - 1)}…`;
}

/** At most `columns` wide; what was cut at the beginning is told by `…`. */
export function cutStart(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  return columns <= 0 ? '' : `…${takeEnd(text, columns - 1)}`;
}

/** At most `columns` wide, the middle left out: for references and digests, whose both ends tell them apart. */
export function cutMiddle(text: string, columns: number): string {
  if (displayWidth(text) <= columns) return text;
  if (columns < 3) return cutEnd(text, columns);
  const head = Math.ceil((columns - 1) / 2);
  return `${takeStart(text, head)}…${takeEnd(text, columns - 1 - head)}`;
}

/** Blanks after the text up to `columns`. */
export function padEnd(text: string, columns: number): string {
  return text + ' '.repeat(Math.max(0, columns - displayWidth(text)));
}

/** Blanks before the text up to `columns`. */
export function padStart(text: string, columns: number): string {
  return ' '.repeat(Math.max(0, columns - displayWidth(text))) + text;
}

/**
 * Lines of at most `columns`, broken at blanks, and between characters of two columns, which are written without blanks; a
 * word longer than a line stands on its own and is not cut.
 */
export function wrap(text: string, columns: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    for (const [at, part] of breakParts(word).entries()) {
      const blank = at === 0 && line !== '' ? ' ' : '';
      if (line !== '' && displayWidth(line) + blank.length + displayWidth(part) > columns) {
        lines.push(line);
        line = part;
      } else {
        line += blank + part;
      }
    }
  }
  return [...lines, line];
}

// A run with a slash is a path: somebody will copy it, whatever it is written in. It ends at quotes and Chinese punctuation.
const inPath = '[^\\u201c\\u201d\\u3001\\u3002\\uff01\\uff08\\uff09\\uff0c\\uff1a\\uff1b\\uff1f]*';
const runs = new RegExp(`${inPath}/${inPath}|[^/]`, 'gu');
// @see UAX #14: what closes never begins a line, what opens never ends one. ASCII, quotes, and the full-width forms.
const closes =
  /^[)\],.;:!?%\u2019\u201d\u2026\u3001\u3002\u3009\u300b\u300d\u300f\u3011\uff01\uff05\uff09\uff0c\uff1a\uff1b\uff1f]/u;
const opens = /[(\u005b\u2018\u201c\u3008\u300a\u300c\u300e\u3010\uff08]$/u;

/** The parts of a word between which a line may be broken: one, unless it holds characters of two columns. */
export function breakParts(word: string): readonly string[] {
  if (plain.test(word)) return [word];
  const parts: string[] = [];
  let wasWide = false;
  for (const [run] of word.matchAll(runs)) {
    const isWide = !run.includes('/') && wide.test(run);
    const last = parts.at(-1);
    const isBreak = last === undefined || ((isWide || wasWide) && !closes.test(run) && !opens.test(last));
    if (isBreak) parts.push(run);
    else parts.push(`${parts.pop() ?? ''}${run}`);
    wasWide = isWide;
  }
  return parts;
}

function takeStart(text: string, columns: number): string {
  let taken = '';
  let width = 0;
  for (const { segment } of graphemesOf(text)) {
    width += columnsOf(segment);
    if (width > columns) break;
    taken += segment;
  }
  return taken;
}

function takeEnd(text: string, columns: number): string {
  let taken = '';
  let width = 0;
  for (const segment of letters(text).reverse()) {
    width += columnsOf(segment);
    if (width > columns) break;
    taken = segment + taken;
  }
  return taken;
}
