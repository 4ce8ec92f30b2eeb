// Keys apart from each other. A slow line or a busy machine brings several in one read, and Ink takes what is read at once for
// one key, or for a paste: an Enter after a name would be lost. Real pastes are marked by the terminal.
// biome-ignore-all lint/suspicious/noControlCharactersInRegex: Esc begins what is longer than a letter

const pasteBegin = '\x1b[200~';
const pasteEnd = '\x1b[201~';
// A paste as far as it has come; a sequence such as an arrow, or what is there of one; Alt with a letter or Backspace; one key.
// Esc with anything else is Esc, and then that.
const key = /\x1b\[200~[\s\S]*?(?:\x1b\[201~|$)|\x1b[[O][0-?]*[ -/]*[@-~]|\x1b[[A-Za-z0-9\x7f\b]|[\s\S]/gu;

/** @returns what splits a read into its keys; it remembers a paste that has not ended. */
export function createKeySplitter(): (read: string) => readonly string[] {
  // Of a paste that goes on: its end, which may be cut.
  let tail: string | undefined;
  return (read) => {
    let rest = read;
    const keys: string[] = [];
    if (tail !== undefined) {
      const seen = tail + read;
      const end = seen.indexOf(pasteEnd);
      const taken = end < 0 ? read.length : end + pasteEnd.length - tail.length;
      keys.push(read.slice(0, taken));
      rest = read.slice(taken);
      tail = end < 0 ? seen.slice(-(pasteEnd.length - 1)) : undefined;
    }
    const found = rest.match(key) ?? [];
    const last = found.at(-1);
    if (last?.startsWith(pasteBegin) === true && !last.endsWith(pasteEnd))
      tail = last.slice(-(pasteEnd.length - 1));
    return [...keys, ...found].filter((one) => one !== '');
  };
}
