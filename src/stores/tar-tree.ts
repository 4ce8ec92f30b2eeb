// An archive file as a Tree. A plain tar is indexed once and then read at random; a compressed one is walked again for each
// read, never unpacked to disk.
import { constants } from 'node:fs';
import { type FileHandle, open, realpath } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { createCursor } from '../image/bytes-cursor.js';
import { detectBytes, detectCompression, uncompressed, unpackLimit } from '../image/partial.js';
import type { Codec } from '../oci/descriptor.js';
import { maxArchiveManifestBytes, maxConfigBytes } from '../oci/limits.js';
import { readAt } from '../streams/file-at.js';
import { chunkBytes } from '../streams/free-bytes.js';
import { type RangeOptions, withRange } from './file-bytes.js';
import { linkTarget } from './tar-names.js';
import { type TarEntry, type TarInput, walkTar } from './tar-walk.js';
import type { ReadTreeOptions, Tree, TreeFile } from './tree.js';

interface Member {
  readonly path: string;
  readonly kind: TarEntry['kind'];
  /** From the archive's root. */
  readonly link: string;
  readonly size: number;
  readonly offset: number;
  readonly codec: Codec | undefined;
}

/** Metadata of a compressed archive that is kept from the first pass; more costs another pass each. */
const maxKeptBytes = 64 * 1024 * 1024;
/** How many links may follow one another; docker writes one. */
const maxLinks = 8;
/** Padding behind the end of a tar: blocking factors go to 1 MiB. */
const maxTrailerBytes = 1024 * 1024;

export interface OpenTarOptions {
  /** For tests and for those who know their archive: instead of `unpackLimit`. */
  readonly unpackLimitBytes?: number;
  readonly signal?: AbortSignal;
}

/** Opens an archive and reads its table of entries. @throws {AirgapError} ARCHIVE_* */
export async function openTarTree(path: string, options: OpenTarOptions = {}): Promise<Tree> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    const codec = detectCompression(await readAt(handle, 0, Math.min(size, detectBytes)));
    if (codec === 'xz' || codec === 'bzip2') {
      throw new AirgapError('ARCHIVE_INVALID', { path, problem: `compression: ${codec}` });
    }
    const limitBytes = options.unpackLimitBytes ?? unpackLimit(size);
    const source: TarSource = { handle, path, size, codec, limitBytes };
    return await createTarTree(source, await realpath(path), options.signal);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

interface TarSource {
  readonly handle: FileHandle;
  readonly path: string;
  readonly size: number;
  readonly codec: Codec;
  readonly limitBytes: number;
}

async function createTarTree(source: TarSource, key: string, signal: AbortSignal | undefined): Promise<Tree> {
  const { path, handle } = source;
  const kept = new Map<string, Buffer>();
  const members = new Map<string, Member>();
  let keptBytes = 0;
  await walk(source, signal, async (entry) => {
    if (isListing(entry.path) && entry.size > maxArchiveManifestBytes) {
      throw new AirgapError('DOCUMENT_TOO_LARGE', {
        what: `${path}: ${entry.path}`,
        limitBytes: maxArchiveManifestBytes,
      });
    }
    const member = await describe(entry, path);
    const before = members.get(entry.path);
    if (before !== undefined && !(before.kind === 'directory' && member.kind === 'directory')) {
      throw new AirgapError('ARCHIVE_HOSTILE', {
        path,
        entry: entry.path.slice(0, 200),
        problem: 'duplicate',
      });
    }
    members.set(entry.path, member);
    if (source.codec !== 'none' && (await isKept(entry)) && keptBytes + entry.size <= maxKeptBytes) {
      keptBytes += entry.size;
      kept.set(entry.path, await buffer(entry.stream()));
    }
  });

  const resolve = (name: string): Member | undefined => {
    let member = members.get(name);
    for (let count = 0; member !== undefined && member.link !== ''; count += 1) {
      if (count >= maxLinks)
        throw new AirgapError('ARCHIVE_HOSTILE', { path, entry: name, problem: 'link-loop' });
      member = members.get(member.link);
    }
    return member?.kind === 'file' ? member : undefined;
  };
  for (const name of members.keys()) resolve(name);

  return {
    path,
    key,
    async find(name) {
      const member = resolve(name);
      return member === undefined ? undefined : treeFile(member);
    },
    async document(name, { limitBytes, what }) {
      const member = resolve(name);
      if (member === undefined) return undefined;
      if (member.size > limitBytes) throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
      const known = kept.get(member.path);
      if (known !== undefined) return known;
      let bytes: Buffer | undefined;
      await readMembers(source, [member], {
        visit: async (_file, stream) => {
          bytes = await buffer(stream);
        },
      });
      return bytes;
    },
    async read(names, options) {
      const wanted = new Map<string, Member>();
      for (const name of names) {
        const member = resolve(name);
        if (member !== undefined) wanted.set(member.path, member);
      }
      await readMembers(
        source,
        [...wanted.values()].sort((a, b) => a.offset - b.offset),
        options,
      );
    },
    close: () => handle.close(),
  };
}

/** Reads members, given in the order of their offsets. */
async function readMembers(
  source: TarSource,
  members: readonly Member[],
  options: ReadTreeOptions,
): Promise<void> {
  const { visit, signal } = options;
  if (source.codec === 'none') {
    for (const member of members) {
      signal?.throwIfAborted();
      const range = rangeOf(source, member, signal);
      await withRange(source.handle, range, (stream, fill) => visit(treeFile(member), stream, fill));
    }
    return;
  }
  const waiting = new Map(members.map((member) => [member.path, member]));
  await walk(source, signal, async (entry) => {
    const member = waiting.get(entry.path);
    if (member !== undefined) {
      waiting.delete(entry.path);
      await visit(treeFile(member), entry.stream());
    }
    return waiting.size > 0;
  });
}

/** Walks the archive until its end, or until `visit` says false. */
async function walk(
  source: TarSource,
  signal: AbortSignal | undefined,
  visit: (entry: TarEntry) => Promise<unknown>,
): Promise<void> {
  const { path, codec, limitBytes } = source;
  const over = async (input: TarInput): Promise<void> => {
    for await (const entry of walkTar(input, codec === 'none' ? { path } : { path, limitBytes })) {
      signal?.throwIfAborted();
      if ((await visit(entry)) === false) return;
    }
    // The end of the compression proves that the file is whole. What follows a tar's end is padding.
    if (codec !== 'none') await input.skip(maxTrailerBytes);
  };
  if (codec === 'none') return await over(fileInput(source));
  await withRange(source.handle, rangeOf(source, undefined, signal), async (raw) => {
    const stream = uncompressed(raw, { codec, what: path, limitBytes });
    const cursor = createCursor(stream as AsyncIterable<Buffer>);
    try {
      await over(cursor);
    } finally {
      stream.destroy();
      await cursor.close();
    }
  });
}

/** A file as a walk reads it: what is passed over is not read. */
function fileInput({ handle, size }: TarSource): TarInput {
  let position = 0;
  const peek = (count: number): Promise<Buffer> => readAt(handle, position, Math.min(count, size - position));
  return {
    get position() {
      return position;
    },
    peek,
    async take(count) {
      const bytes = await peek(count);
      position += bytes.byteLength;
      return bytes;
    },
    async skip(count) {
      const there = Math.min(count, size - position);
      position += there;
      return there;
    },
    async *chunks(count) {
      for (let left = count; left > 0; ) {
        const bytes = await peek(Math.min(left, chunkBytes));
        if (bytes.byteLength === 0) return;
        position += bytes.byteLength;
        left -= bytes.byteLength;
        yield bytes;
      }
    },
  };
}

/** The whole file, or one member of it. */
function rangeOf(
  { size }: TarSource,
  member: Member | undefined,
  signal: AbortSignal | undefined,
): RangeOptions {
  const start = member?.offset ?? 0;
  return { start, length: member?.size ?? size, ...(signal === undefined ? {} : { signal }) };
}

async function describe(entry: TarEntry, path: string): Promise<Member> {
  const { kind, size, offset } = entry;
  let link = '';
  if (kind === 'symlink' || kind === 'hardlink') {
    const target = linkTarget(entry.path, kind, entry.link);
    if (target === undefined) {
      throw new AirgapError('ARCHIVE_HOSTILE', {
        path,
        entry: entry.path.slice(0, 200),
        problem: 'link-escape',
      });
    }
    link = target;
  }
  const codec = kind === 'file' ? detectCompression(await entry.peek(detectBytes)) : 'none';
  return {
    path: entry.path,
    kind,
    link,
    size,
    offset,
    codec: codec === 'xz' || codec === 'bzip2' ? undefined : codec,
  };
}

/** Documents are kept while a compressed archive passes by: whatever is named so, or begins like JSON and is small. */
async function isKept(entry: TarEntry): Promise<boolean> {
  if (entry.kind !== 'file') return false;
  if (isListing(entry.path)) return true;
  return entry.size <= maxConfigBytes && /^\s*\{/.test((await entry.peek(16)).toString('latin1'));
}

/** One of the two documents that every read begins with: too large a one is refused before it is unpacked. */
function isListing(path: string): boolean {
  return path === 'manifest.json' || path === 'index.json';
}

function treeFile({ path, size, codec }: Member): TreeFile {
  return { name: path, size, codec };
}

async function openFile(path: string): Promise<FileHandle> {
  try {
    // O_NONBLOCK: a fifo must be refused, not waited for.
    const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    if ((await handle.stat()).isFile()) return handle;
    await handle.close();
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    const problem = code === 'ENOENT' || code === 'ENOTDIR' ? 'no-file' : `unreadable: ${code}`;
    throw new AirgapError('ARCHIVE_INVALID', { path, problem }, { cause });
  }
  throw new AirgapError('ARCHIVE_INVALID', { path, problem: 'not-a-file' });
}
