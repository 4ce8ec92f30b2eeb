// zstd by the optional native addon, for a Node whose zlib has none.
import { createRequire } from 'node:module';
import { AirgapError } from '../errors.js';
import type { Compressor } from './codec.js';

interface Encoder {
  encode(raw: Buffer): Promise<Buffer>;
}
type EncoderClass = new (level: number) => Encoder;

/** The compressor, or undefined if the addon is not installed or does not load here. */
export function openNativeZstd(): Compressor | undefined {
  const Encoder = loadEncoder();
  if (Encoder === undefined) return undefined;
  const compress = async (raw: Buffer, level: number): Promise<Buffer> => {
    try {
      return await new Encoder(level).encode(raw);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      throw new AirgapError('CODEC_FAILED', { codec: 'zstd', detail }, { cause: error });
    }
  };
  return { codec: 'zstd', by: '@toondepauw/node-zstd', compress, close: () => Promise.resolve() };
}

function loadEncoder(): EncoderClass | undefined {
  try {
    const module: unknown = createRequire(import.meta.url)('@toondepauw/node-zstd');
    if (typeof module !== 'object' || module === null || !('Encoder' in module)) return undefined;
    const { Encoder } = module;
    return typeof Encoder === 'function' ? (Encoder as EncoderClass) : undefined;
  } catch {
    return undefined;
  }
}
