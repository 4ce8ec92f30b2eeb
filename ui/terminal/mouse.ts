// Reports of the mouse, taken out of what the terminal sends: SGR, `ESC [ < button ; column ; row M`. The rest is keys.
// Spec: https://invisible-island.net/xterm/ctlseqs/ctlseqs.html#h3-Extended-coordinates
// biome-ignore-all lint/suspicious/noControlCharactersInRegex: Esc begins every report

export type Mouse =
  /** The left button went down. Both count from 0, at the top left. */
  | { readonly is: 'click'; readonly column: number; readonly row: number }
  | { readonly is: 'wheel'; readonly by: 1 | -1 };

/** What the terminal is told to report clicks and the wheel, and to stop. */
export const mouseOn = '\x1b[?1000h\x1b[?1006h';
export const mouseOff = '\x1b[?1006l\x1b[?1000l';

export interface MouseSplitter {
  /** Of what has been read: keys, and reports of the mouse. What may be half a report is kept for the next call. */
  push(chunk: string): { readonly keys: string; readonly mice: readonly Mouse[] };
  /** Whether a key waits: what was kept could also be Esc. */
  hasKeys(): boolean;
  /** What waits, as keys: nothing came after it. */
  flush(): string;
}

// A screen has less than 100,000 rows; more digits are no report.
const report = /\x1b\[<(\d{1,5});(\d{1,5});(\d{1,5})([Mm])/g;
const beginning = /\x1b(?:\[(?:<[\d;]{0,17})?)?$/;
const late = /^\x1b\[<(?:[\d;]{0,17}$|\d{1,5};\d{1,5};\d{1,5}[Mm])/;
const esc = '\x1b';

export function createMouseSplitter(): MouseSplitter {
  let kept = '';
  // Handed on as keys because nothing came; a slow line may bring the rest of a report yet.
  let handedOn = '';

  return {
    push(chunk) {
      let read = kept + chunk;
      kept = '';
      const mice: Mouse[] = [];
      const take = (_: string, ...[button = '', column = '', row = '', end = '']: string[]): string => {
        const mouse = mouseOf(Number(button), Number(column), Number(row), end === 'M');
        if (mouse !== undefined) mice.push(mouse);
        return '';
      };
      if (handedOn !== '' && late.test(handedOn + read)) read = handedOn + read;
      handedOn = '';
      const keys = read.replace(report, take);
      kept = beginning.exec(keys)?.[0] ?? '';
      return { keys: keys.slice(0, keys.length - kept.length), mice };
    },
    hasKeys: () => kept === esc,
    flush() {
      handedOn = kept;
      kept = '';
      return handedOn;
    },
  };
}

function mouseOf(button: number, column: number, row: number, isDown: boolean): Mouse | undefined {
  // 4, 8 and 16 are Shift, Alt and Ctrl; 32 is a movement; 64 is the wheel.
  const plain = button & ~0b1_1100;
  if (plain === 64 || plain === 65) return { is: 'wheel', by: plain === 64 ? -1 : 1 };
  return plain === 0 && isDown ? { is: 'click', column: column - 1, row: row - 1 } : undefined;
}
