// Tar bytes for tests, honest and not: every field can be set to what no tool would write.
import { Header } from 'tar';

export interface TarPart {
  readonly path: string;
  readonly content?: Uint8Array | string;
  /** Type flag; `0` (file) when absent. */
  readonly type?: string;
  readonly link?: string;
  /** As the header tells it, instead of the content's. */
  readonly size?: number;
  /** Octal digits cannot say it, or shall not. */
  readonly isBase256?: boolean;
}

const types = {
  0: 'File',
  1: 'Link',
  2: 'SymbolicLink',
  3: 'CharacterDevice',
  5: 'Directory',
  6: 'FIFO',
} as const;

/** One entry: header, content, padding. */
export function tarEntry(part: TarPart): Buffer {
  const content = Buffer.from(part.content ?? '');
  const block = Buffer.alloc(512);
  const type = types[(part.type ?? '0') as unknown as keyof typeof types] ?? 'File';
  const linkpath = part.link ?? '';
  new Header({
    path: part.path,
    size: 0,
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtime: new Date(0),
    type,
    linkpath,
  }).encode(block, 0);
  const size = part.size ?? content.byteLength;
  if (part.isBase256 === true || size > 0o77777777777) {
    block.fill(0, 124, 136);
    block[124] = 0x80;
    block.writeBigUInt64BE(BigInt(size), 128);
  } else {
    block.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 12, 'latin1');
  }
  if (part.type !== undefined) block.write(part.type, 156, 1, 'latin1');
  seal(block);
  return Buffer.concat([block, content, padding(content.byteLength)]);
}

/** An archive with its end. */
export function tarOf(parts: readonly (TarPart | Buffer)[]): Buffer {
  const pieces = parts.map((part) => (Buffer.isBuffer(part) ? part : tarEntry(part)));
  return Buffer.concat([...pieces, Buffer.alloc(1024)]);
}

/** A PAX header for the entry after it. */
export function paxEntry(records: Readonly<Record<string, string>>): Buffer {
  const body = Object.entries(records)
    .map(([key, value]) => {
      const rest = ` ${key}=${value}\n`;
      let length = Buffer.byteLength(rest) + 1;
      while (String(length).length + Buffer.byteLength(rest) !== length) length += 1;
      return `${length}${rest}`;
    })
    .join('');
  return tarEntry({ path: 'PaxHeaders/x', type: 'x', content: body });
}

/** GNU tar's long name (`L`) or long link (`K`) for the entry after it. */
export function gnuLong(type: 'L' | 'K', name: string): Buffer {
  return tarEntry({ path: '././@LongLink', type, content: `${name}\0` });
}

/** Writes the checksum of a header block. */
export function seal(block: Buffer): void {
  block.fill(0x20, 148, 156);
  let sum = 0;
  for (const byte of block) sum += byte;
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 8, 'latin1');
}

function padding(size: number): Buffer {
  return Buffer.alloc((512 - (size % 512)) % 512);
}
