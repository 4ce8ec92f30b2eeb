// The words that far-side lines are made of: checked one by one, before anything is believed.

/** Lower-case hex of exactly this length. */
export function isHex(word: string, length: number): boolean {
  return word.length === length && /^[0-9a-f]+$/.test(word);
}

/** A number without leading zeros that is safe to reckon with. */
export function isCount(word: string): boolean {
  return /^(?:0|[1-9][0-9]{0,14})$/.test(word);
}

/** Splits a line into at most `count` words; the last one keeps its spaces. */
export function splitWords(line: string, count: number): string[] {
  const words: string[] = [];
  let rest = line;
  while (words.length < count - 1) {
    const space = rest.indexOf(' ');
    if (space < 0) break;
    words.push(rest.slice(0, space));
    rest = rest.slice(space + 1);
  }
  return [...words, rest];
}

/** Text from a far machine, fit to be shown: no control characters, bounded. */
export function cleanText(text: string, maxLength: number): string {
  return text
    .replace(/\p{Cc}+/gu, ' ')
    .trim()
    .slice(-maxLength);
}
