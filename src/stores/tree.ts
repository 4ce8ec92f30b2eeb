// A folder or an archive as the readers of images see it: named byte strings, read-only.
import type { Readable } from 'node:stream';
import type { Codec, Descriptor } from '../oci/descriptor.js';
import type { Fill } from '../streams/file-at.js';

export interface Tree {
  /** As the user named it. */
  readonly path: string;
  /** Equal for two trees over the same bytes. */
  readonly key: string;
  /**
   * What is known of a file without reading it all; undefined if there is none. Links are followed inside the tree. A tree that
   * lies elsewhere takes `described` for it, so that thousands of layers cost no question each: then only reading finds it lost.
   */
  find(name: string, described?: Descriptor): Promise<TreeFile | undefined>;
  /**
   * A small file's bytes, not verified; undefined if there is none. `what` names it in messages, `described` is what pointed at it.
   * @throws {AirgapError} DOCUMENT_TOO_LARGE before a byte beyond the limit is read, ARCHIVE_*, LAYOUT_INVALID
   */
  document(
    name: string,
    limit: { readonly limitBytes: number; readonly what: string },
    described?: Descriptor,
  ): Promise<Buffer | undefined>;
  /**
   * Streams these files in one pass, each once, in whatever order is cheapest. `visit` has the whole file's bytes; the
   * next follows when it has resolved, and what it did not read is passed over. Names that lead to one file are one visit.
   * @throws {AirgapError} ARCHIVE_*, SOURCE_GONE
   */
  read(names: ReadonlySet<string>, options: ReadTreeOptions): Promise<void>;
  close(): Promise<void>;
}

export interface TreeFile {
  /** The name after links were followed. */
  readonly name: string;
  readonly size: number;
  /** By the bytes, and until they are here by the description; undefined for compressions that airgap does not read. */
  readonly codec: Codec | undefined;
}

export interface ReadTreeOptions {
  /** `fill` gives the same bytes where they lie in a file of their own or at one place of it. */
  readonly visit: (file: TreeFile, stream: Readable, fill?: Fill) => Promise<void>;
  readonly signal?: AbortSignal;
}
