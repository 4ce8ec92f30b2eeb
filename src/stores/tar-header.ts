// One tar header block, and the records of a PAX header, read strictly: what two readers could read differently is refused.
// @see POSIX.1-2017 pax "ustar Interchange Format" and "pax Extended Header"; GNU tar manual "Basic Tar Format"

export const blockBytes = 512;

/** A header block as it stands, before long names and PAX records are applied. */
export interface TarHeader {
  readonly name: string;
  readonly size: number;
  /** The type flag: `0` file, `1` hard link, `2` symbolic link, `5` directory, `x` `g` PAX, `L` `K` GNU long names. */
  readonly type: string;
  readonly link: string;
}

/** What a PAX header changes in the header after it. */
export interface PaxRecords {
  readonly path?: string;
  readonly linkpath?: string;
  readonly size?: number;
}

/** Reads a header block. @returns undefined if it is not one: bad checksum, or a number that is none */
export function readHeader(block: Buffer): TarHeader | undefined {
  const checksum = readNumber(block.subarray(148, 156));
  if (checksum !== unsignedSum(block)) return undefined;
  const size = readNumber(block.subarray(124, 136));
  if (size === undefined) return undefined;
  const name = readText(block.subarray(0, 100));
  const magic = block.subarray(257, 263).toString('latin1');
  // Only POSIX ustar has a prefix; GNU tar ("ustar  ") keeps times there.
  const prefix = magic === 'ustar\0' ? readText(block.subarray(345, 500)) : '';
  const flag = String.fromCharCode(block[156] ?? 0);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size,
    // NUL is the old file, 7 the contiguous file: both are files to everyone.
    type: flag === '\0' || flag === '7' ? '0' : flag,
    link: readText(block.subarray(157, 257)),
  };
}

/** Reads the records of a PAX header's body. @returns undefined if they are damaged */
export function readPax(body: Buffer): PaxRecords | undefined {
  const found: { path?: string; linkpath?: string; size?: number } = {};
  for (let at = 0; at < body.byteLength; ) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? '' : body.subarray(at, space).toString('latin1');
    if (!/^[1-9][0-9]{0,8}$/.test(digits)) return undefined;
    const end = at + Number(digits);
    if (end > body.byteLength || end <= space + 1 || body[end - 1] !== 0x0a) return undefined;
    const record = body.subarray(space + 1, end - 1).toString('utf8');
    const equals = record.indexOf('=');
    if (equals < 1) return undefined;
    const [key, value] = [record.slice(0, equals), record.slice(equals + 1)];
    if (key === 'path' || key === 'linkpath') {
      if (value.includes('\0')) return undefined;
      found[key] = value;
    } else if (key === 'size') {
      if (!/^[0-9]{1,15}$/.test(value)) return undefined;
      found.size = Number(value);
    }
    at = end;
  }
  return found;
}

/** Octal with spaces and NULs around, or base 256 when the first bit is set. */
function readNumber(field: Buffer): number | undefined {
  const first = field[0] ?? 0;
  if ((first & 0x80) !== 0) {
    // 0xff begins a negative number, which nothing here can be.
    if (first !== 0x80) return undefined;
    let value = 0n;
    for (const byte of field.subarray(1)) value = (value << 8n) | BigInt(byte);
    return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : undefined;
  }
  const text = field
    .toString('latin1')
    .replace(/[\0 ]+$/, '')
    .replace(/^ +/, '');
  if (text === '') return 0;
  return /^[0-7]{1,12}$/.test(text) ? Number.parseInt(text, 8) : undefined;
}

function readText(field: Buffer): string {
  const end = field.indexOf(0);
  return field.subarray(0, end < 0 ? field.byteLength : end).toString('utf8');
}

/** The sum of the block's bytes, the checksum field counted as spaces. */
function unsignedSum(block: Buffer): number {
  let sum = 8 * 0x20;
  for (let at = 0; at < blockBytes; at += 1) {
    if (at < 148 || at >= 156) sum += block[at] ?? 0;
  }
  return sum;
}
