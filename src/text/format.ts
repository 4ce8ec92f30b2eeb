// Numbers for people: bytes, rates, durations. Powers of ten, as disks and links are sold.

/** `593.1 MB`; `~` in front where the figure is an estimate. */
export function formatBytes(bytes: number, estimate = false): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1;
  return `${estimate ? '~' : ''}${value.toFixed(digits)} ${units[unit]}`;
}

/** A size that is enough, in two digits and rounded up: what is typed as it stands here is not refused again. */
export function formatEnough(bytes: number): string {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, bytes))) - 1);
  return formatBytes(Math.ceil(bytes / step) * step);
}

/** `12.4 MB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `0.8 s`, `42 s`, `3 min 5 s`, `2 h 10 min`. */
export function formatDuration(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes} min ${whole % 60} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1 layer`, `3 layers`. */
export function count(n: number, one: string, many = `${one}s`): string {
  return `${n} ${n === 1 ? one : many}`;
}

// Control characters (C0, DEL, C1), format characters (marks that reorder, hide or join), line and paragraph
// separators, halves of pairs. A name that holds them is a name that lies.
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/**
 * One line that any terminal shows as it stands: white space becomes a blank, every other character that would move
 * the cursor, colour, reorder or hide becomes `\u{…}`. For everything that came from outside.
 */
export function printable(text: string): string {
  return text
    .replace(/[\t\n\v\f\r]+/g, ' ')
    .replace(unprintable, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}
