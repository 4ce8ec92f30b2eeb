// Compresses one segment into one zstd frame or one gzip member. Frames and members may be put one after another.
// The zstd stack: node:zlib, then a native addon, then WebAssembly in workers; whichever exists first.
// @see RFC 8878 §3.1 (frames follow frames), RFC 1952 §2.2 (members follow members)
import type { Codec } from '../oci/descriptor.js';
import { createGzip } from './codec-gzip.js';
import { openNativeZstd } from './codec-zstd-native.js';
import { openWasmZstd } from './codec-zstd-wasm.js';
import { createZlibZstd } from './codec-zstd-zlib.js';

/** Turns a segment's raw bytes into its stored bytes. The same input and level give the same output, always. */
export interface Compressor {
  readonly codec: Codec;
  /** Which implementation it is, for `doctor` and receipts. */
  readonly by: string;
  /**
   * One segment, whole. `raw` must not change until it resolves. May be called in parallel. For codec `none`
   * the result is `raw` itself; else it may lie in a buffer as large as `raw`: who keeps it makes it `fitted`.
   * @throws {AirgapError} CODEC_FAILED
   */
  compress(raw: Buffer, level: number): Promise<Buffer>;
  /** Ends workers, if there are any. */
  close(): Promise<void>;
}

/** The zstd implementations, best first: measured equal within noise, so the one without a dependency leads. */
export const zstdImplementations = ['node:zlib', 'native', 'wasm'] as const;
export type ZstdImplementation = (typeof zstdImplementations)[number];

/** Levels that a segment may have. Above 9 zstd gains 1 % and costs ten times the work. */
export const codecLevels = {
  none: [0],
  gzip: [1, 6],
  zstd: [1, 3, 6, 9],
} as const satisfies Record<Codec, readonly number[]>;

export interface OpenCompressorOptions {
  /** Only this zstd; tests use it. By default the first that works here. */
  readonly zstd?: ZstdImplementation;
  /** How many segments will be compressed at once: the WebAssembly fallback starts so many workers. */
  readonly parallel?: number;
}

/** Opens the compressor for a codec. @throws {AirgapError} CODEC_FAILED if no implementation works here */
export async function openCompressor(codec: Codec, options: OpenCompressorOptions = {}): Promise<Compressor> {
  switch (codec) {
    case 'none':
      return { codec, by: 'none', compress: (raw) => Promise.resolve(raw), close: () => Promise.resolve() };
    case 'gzip':
      return createGzip();
    case 'zstd':
      return await openZstd(options);
  }
}

async function openZstd({ zstd, parallel = 2 }: OpenCompressorOptions): Promise<Compressor> {
  const wanted = zstd === undefined ? zstdImplementations : [zstd];
  for (const implementation of wanted) {
    const found =
      implementation === 'node:zlib'
        ? createZlibZstd()
        : implementation === 'native'
          ? openNativeZstd()
          : undefined;
    if (found !== undefined) return found;
  }
  return await openWasmZstd(parallel);
}
