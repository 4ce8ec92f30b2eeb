// What changes in a file, as `diff -u` prints it. Our own, since it is this much: the package `diff` brings 300 kB for it.

// Beyond this product of lines the exact way is too slow; the middle is then shown as replaced.
const maxCells = 4_000_000;
const contextLines = 3;

type Edit = { readonly sign: ' ' | '-' | '+'; readonly line: string };

/** The hunks, without the two lines of names; empty when nothing changes. */
export function unifiedDiff(before: string, after: string): string {
  if (before === after) return '';
  const edits = editsOf(linesOf(before), linesOf(after));
  return hunksOf(edits).join('\n');
}

/** Lines with what ends them, so that a missing last line feed and a changed CRLF are differences, too. */
function linesOf(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

function editsOf(before: readonly string[], after: readonly string[]): Edit[] {
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  const room = Math.min(before.length, after.length) - start;
  while (end < room && before.at(-1 - end) === after.at(-1 - end)) end += 1;
  const keep = (line: string): Edit => ({ sign: ' ', line });
  return [
    ...before.slice(0, start).map(keep),
    ...middleEdits(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...before.slice(before.length - end).map(keep),
  ];
}

/** By the longest common subsequence. */
function middleEdits(before: readonly string[], after: readonly string[]): Edit[] {
  const removed = before.map((line): Edit => ({ sign: '-', line }));
  const added = after.map((line): Edit => ({ sign: '+', line }));
  if (before.length * after.length > maxCells) return [...removed, ...added];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (i: number, j: number): number => lengths[i * width + j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--) {
    for (let j = after.length - 1; j >= 0; j--) {
      const same = before[i] === after[j];
      lengths[i * width + j] = same ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const edits: Edit[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    const [old, fresh] = [before[i], after[j]];
    if (old !== undefined && old === fresh) {
      edits.push({ sign: ' ', line: old });
      i += 1;
      j += 1;
    } else if (old !== undefined && (fresh === undefined || at(i + 1, j) >= at(i, j + 1))) {
      edits.push({ sign: '-', line: old });
      i += 1;
    } else if (fresh !== undefined) {
      edits.push({ sign: '+', line: fresh });
      j += 1;
    }
  }
  return edits;
}

function hunksOf(edits: readonly Edit[]): string[] {
  const changed = edits.flatMap(({ sign }, at) => (sign === ' ' ? [] : [at]));
  const hunks: string[] = [];
  let [oldLine, newLine, seen] = [1, 1, 0];
  while (changed.length > 0) {
    const from = Math.max(seen, (changed[0] ?? 0) - contextLines);
    let to = changed.shift() ?? 0;
    while (changed[0] !== undefined && changed[0] - to <= 2 * contextLines) to = changed.shift() ?? to;
    to = Math.min(edits.length, to + 1 + contextLines);
    oldLine += from - seen;
    newLine += from - seen;
    const part = edits.slice(from, to);
    const oldCount = part.filter(({ sign }) => sign !== '+').length;
    const newCount = part.filter(({ sign }) => sign !== '-').length;
    hunks.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@`, ...part.map(shown));
    oldLine += oldCount;
    newLine += newCount;
    seen = to;
  }
  return hunks;
}

function range(line: number, count: number): string {
  if (count === 1) return String(line);
  return `${count === 0 ? line - 1 : line},${count}`;
}

function shown({ sign, line }: Edit): string {
  return line.endsWith('\n') ? `${sign}${line.slice(0, -1)}` : `${sign}${line}\n\\ No newline at end of file`;
}
