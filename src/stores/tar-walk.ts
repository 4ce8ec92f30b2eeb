// Walks the entries of a tar, one after another, from a stream or a file. Nothing is ever unpacked to disk; names are
// checked all the same, because an archive that tries to escape is not to be trusted with anything.
import { Readable } from 'node:stream';
import { AirgapError } from '../errors.js';
import { blockBytes, type PaxRecords, readHeader, readPax, type TarHeader } from './tar-header.js';
import { hostileName, plainPath } from './tar-names.js';

/** Where a walk reads from: a BytesCursor over a stream, or a file with a position. */
export interface TarInput {
  readonly position: number;
  peek(count: number): Promise<Buffer>;
  take(count: number): Promise<Buffer>;
  skip(count: number): Promise<number>;
  chunks(count: number): AsyncGenerator<Buffer, void, undefined>;
}

export interface TarEntry {
  /** Without `./` in front and `/` behind; never absolute, never with `..`. */
  readonly path: string;
  /** `special`: a device, pipe or socket; only a layer's own tar may have those. */
  readonly kind: 'file' | 'directory' | 'symlink' | 'hardlink' | 'special';
  /** Where a link points, as written. Empty for others. */
  readonly link: string;
  readonly size: number;
  /** Where the bytes begin. */
  readonly offset: number;
  /** The first bytes, without taking them. */
  peek(count: number): Promise<Buffer>;
  /** The bytes, once. What is not read when the walk goes on is passed over. */
  stream(): Readable;
}

export interface WalkOptions {
  /** The archive, for messages. */
  readonly path: string;
  /** Ends of entries beyond this are a bomb: told by the header, before a byte is unpacked. */
  readonly limitBytes?: number;
  /**
   * It is a layer's tar, walked to look at and never to unpack: devices, names from the root and any number of entries are
   * what layers have, and some builders leave the last blocks of zeros out.
   */
  readonly isLayer?: boolean;
}

/** Room for the longest path Linux has, twice; real archives stay under 200 bytes. */
const maxNameBytes = 8192;
/** PAX headers carry extended attributes, of at most 64 KiB each; layers' own are not in these archives. */
const maxPaxBytes = 1024 * 1024;
/** Docker ≤ 24 writes four entries a layer: room for 25 000 layers. */
const maxEntries = 100_000;

/**
 * The entries in their order. Each must be done with before the next is asked for.
 * @throws {AirgapError} ARCHIVE_TRUNCATED, ARCHIVE_INVALID, ARCHIVE_HOSTILE, ARCHIVE_BOMB
 */
export async function* walkTar(
  input: TarInput,
  options: WalkOptions,
): AsyncGenerator<TarEntry, void, undefined> {
  const { path } = options;
  let longName: string | undefined;
  let longLink: string | undefined;
  let pax: PaxRecords = {};
  let global: PaxRecords = {};
  for (let count = 0; ; ) {
    const block = await input.take(blockBytes);
    if (block.byteLength < blockBytes) {
      if (options.isLayer === true && block.byteLength === 0) return;
      // An archive ends with blocks of zeros: without them it was cut, be it between two entries.
      if (block.byteLength === 0 && count === 0)
        throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'not-a-tar' });
      throw new AirgapError('ARCHIVE_TRUNCATED', { path });
    }
    if (isZero(block)) {
      const second = await input.take(blockBytes);
      if (!isZero(second)) throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'header' });
      return;
    }
    const header = readHeader(block);
    if (header === undefined) {
      throw new AirgapError('ARCHIVE_INVALID', {
        path,
        problem: input.position <= blockBytes ? 'not-a-tar' : 'header',
      });
    }
    if (header.type === 'x' || header.type === 'g') {
      const records = readPax(await body(input, header, maxPaxBytes, path));
      if (records === undefined) throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'header' });
      if (header.type === 'g') global = { ...global, ...records };
      else pax = records;
    } else if (header.type === 'L' || header.type === 'K') {
      const name = (await body(input, header, maxNameBytes, path)).toString('utf8').replace(/\0.*$/s, '');
      if (header.type === 'L') longName = name;
      else longLink = name;
    } else {
      count += 1;
      const name = pax.path ?? global.path ?? longName ?? header.name;
      if (count > maxEntries && options.isLayer !== true) throw hostile(path, name, 'entry-count');
      const link = pax.linkpath ?? global.linkpath ?? longLink ?? header.link;
      const size = pax.size ?? global.size ?? header.size;
      [longName, longLink, pax] = [undefined, undefined, {}];
      yield* oneEntry(input, { ...header, name, link, size }, options);
    }
  }
}

async function* oneEntry(
  input: TarInput,
  given: TarHeader,
  { path, limitBytes, isLayer = false }: WalkOptions,
): AsyncGenerator<TarEntry, void, undefined> {
  // Engines read such an entry of a layer as one without bytes, whatever size it tells.
  const header = isLayer && !hasBody(given) ? { ...given, size: 0 } : given;
  const isLong = header.name.length > maxNameBytes;
  const problem = isLong ? 'name-length' : isLayer ? undefined : hostileName(header.name);
  if (problem !== undefined) throw hostile(path, header.name, problem);
  const known = kinds.get(header.type) ?? (isLayer ? layerKinds.get(header.type) : undefined);
  const kind = header.type === '0' && header.name.endsWith('/') ? 'directory' : known;
  if (kind === undefined) {
    throw hostile(
      path,
      header.name,
      `entry-type: ${specialTypes.get(header.type) ?? JSON.stringify(header.type)}`,
    );
  }
  // Readers disagree on whether such a body is there, so one of them would see other entries than we do.
  if (kind !== 'file' && header.size !== 0) throw hostile(path, header.name, 'header-size');
  const offset = input.position;
  if (limitBytes !== undefined && offset + header.size > limitBytes) {
    throw new AirgapError('ARCHIVE_BOMB', { path, limitBytes });
  }
  let left = header.size;
  let stream: Readable | undefined;
  const bytes = async function* (): AsyncGenerator<Buffer, void, undefined> {
    for await (const chunk of input.chunks(left)) {
      left -= chunk.byteLength;
      yield chunk;
    }
    if (left > 0) throw new AirgapError('ARCHIVE_TRUNCATED', { path });
  };
  yield {
    path: plainPath(header.name),
    kind,
    link: kind === 'symlink' || kind === 'hardlink' ? header.link : '',
    size: header.size,
    offset,
    peek: (count) => input.peek(Math.min(count, header.size)),
    stream: () => {
      stream = Readable.from(bytes(), { objectMode: false, highWaterMark: 256 * 1024 });
      return stream;
    },
  };
  if (stream !== undefined) await closed(stream);
  const rest = left + ((blockBytes - (header.size % blockBytes)) % blockBytes);
  if ((await input.skip(rest)) < rest) throw new AirgapError('ARCHIVE_TRUNCATED', { path });
}

const hasBody = ({ type, name }: TarHeader): boolean => type === '0' && !name.endsWith('/');

const kinds = new Map<string, TarEntry['kind']>([
  ['0', 'file'],
  ['1', 'hardlink'],
  ['2', 'symlink'],
  ['5', 'directory'],
]);

const layerKinds = new Map<string, TarEntry['kind']>([
  ['3', 'special'],
  ['4', 'special'],
  ['6', 'special'],
]);

const specialTypes = new Map([
  ['3', 'character device'],
  ['4', 'block device'],
  ['6', 'fifo'],
  ['S', 'sparse file'],
]);

async function body(input: TarInput, header: TarHeader, limit: number, path: string): Promise<Buffer> {
  if (header.size > limit) throw hostile(path, header.name, 'header-size');
  const bytes = await input.take(header.size);
  const padding = (blockBytes - (header.size % blockBytes)) % blockBytes;
  if (bytes.byteLength < header.size || (await input.skip(padding)) < padding) {
    throw new AirgapError('ARCHIVE_TRUNCATED', { path });
  }
  return bytes;
}

/** Ends a stream that its reader left half read. */
async function closed(stream: Readable): Promise<void> {
  if (stream.closed) return;
  await new Promise<void>((resolve) => {
    stream.once('close', resolve);
    stream.on('error', () => undefined);
    stream.destroy();
  });
}

function hostile(path: string, entry: string, problem: string): AirgapError {
  return new AirgapError('ARCHIVE_HOSTILE', { path, entry: entry.slice(0, 200), problem });
}

function isZero(block: Buffer): boolean {
  return block.every((byte) => byte === 0);
}
