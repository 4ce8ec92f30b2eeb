// containerd's content as a Tree: blobs by digest, as they are held, read through its own program. Only what this namespace has.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import { detectBytes, detectCompression } from '../image/partial.js';
import { blobPath } from '../oci/build.js';
import type { Descriptor } from '../oci/descriptor.js';
import { type Digest, digestOf, isDigest } from '../oci/digest.js';
import { layerCodec } from '../oci/manifest.js';
import type { DockerCli } from './docker-cli.js';
import type { RawCache } from './raw-cache.js';
import type { Tree, TreeFile } from './tree.js';

export interface ContainerdTree extends Tree {
  /** `ctr images ls` of now; what is held is looked up again, too. */
  listing(): Promise<string>;
  /** A document of unknown size. @throws {AirgapError} DOCUMENT_TOO_LARGE, ENGINE_* */
  raw(
    digest: Digest,
    limit: { readonly limitBytes: number; readonly what: string },
  ): Promise<Buffer | undefined>;
}

export interface ContainerdTreeOptions {
  readonly cli: DockerCli & { readonly socket: string };
  /** As the user writes it: `containerd`. */
  readonly store: string;
  readonly documents: RawCache;
}

/** Nothing is known to be there before `listing`, which throws ENGINE_*. */
export function createContainerdTree(options: ContainerdTreeOptions): ContainerdTree {
  const { cli, store, documents } = options;
  let held: ReadonlySet<string> = new Set();
  const described = new Map<string, Descriptor>();

  const raw: ContainerdTree['raw'] = async (digest, { limitBytes, what }) => {
    if (!held.has(digest)) return undefined;
    const kept = await documents.read(digest, limitBytes);
    if (kept !== undefined) return kept;
    let bytes = Buffer.alloc(0);
    // No run's own signal: the tree is there for those that follow, too.
    await cli.stream(['content', 'get', digest], async (stdout) => {
      bytes = await buffer(limited(stdout, limitBytes, what));
      return 'done';
    });
    if (digestOf(bytes) === digest) await documents.write(digest, bytes);
    return bytes;
  };

  return {
    path: store,
    key: `${cli.socket} ${store}`,
    async listing() {
      const [listing, blobs] = await Promise.all([
        cli.run(['images', 'ls']),
        cli.run(['content', 'ls', '--quiet']),
      ]);
      held = new Set(blobs.split('\n').filter(isDigest));
      return listing;
    },
    raw,
    async find(name, layer) {
      if (layer === undefined || !held.has(layer.digest)) return undefined;
      described.set(name, layer);
      const codec = layerCodec(layer.mediaType, store);
      // What is called raw and is not its own diffID is compressed somehow: its bytes will tell.
      return { name, size: layer.size, codec: codec === 'none' ? 'gzip' : codec };
    },
    async document(name, limit, document) {
      if (document === undefined || name !== blobPath(document.digest)) return undefined;
      return await raw(document.digest, limit);
    },
    async read(names, { visit, signal: reading }) {
      for (const name of names) {
        const layer = described.get(name);
        if (layer === undefined) continue;
        await cli.stream(
          ['content', 'get', layer.digest],
          async (stdout) => {
            const { file, stream } = await peek(stdout, name, layer.size);
            stream.on('error', () => undefined);
            await visit(file, stream);
            return stdout.readableEnded ? 'done' : 'stop';
          },
          { signal: reading },
        );
      }
    },
    async close() {},
  };
}

async function* limited(stream: Readable, limitBytes: number, what: string): AsyncGenerator<Buffer> {
  let count = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    count += chunk.byteLength;
    if (count > limitBytes) throw new AirgapError('DOCUMENT_TOO_LARGE', { what, limitBytes });
    yield chunk;
  }
}

/** Its first bytes tell the codec, and are told again with the rest. */
async function peek(
  stdout: Readable,
  name: string,
  size: number,
): Promise<{ readonly file: TreeFile; readonly stream: Readable }> {
  const chunks = (stdout as AsyncIterable<Buffer>)[Symbol.asyncIterator]();
  let head = Buffer.alloc(0);
  while (head.byteLength < Math.min(size, detectBytes)) {
    const next = await chunks.next();
    if (next.done === true) break;
    head = Buffer.concat([head, next.value]);
  }
  async function* again(): AsyncGenerator<Buffer, void, undefined> {
    if (head.byteLength > 0) yield head;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  }
  const codec = detectCompression(head.subarray(0, detectBytes));
  return {
    file: { name, size, codec: codec === 'xz' || codec === 'bzip2' ? undefined : codec },
    stream: Readable.from(again(), { objectMode: false, highWaterMark: 1024 * 1024 }),
  };
}
