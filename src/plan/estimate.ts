// Figures of a plan: what compression will make of layers, what room a load takes. Upper bounds decide, estimates print.
import { type EngineFacts, storeRules } from '../engines/engine.js';
import { type Codec, usualRatio } from '../oci/descriptor.js';
import type { Figure } from './plan.js';

// What is left of a tar with one tiny file: its header does not vanish.
const leastPacked = 128;

// Compression never makes a layer longer than this: zstd and gzip both fall back to stored blocks.
const worstGrowth = 1.001;

/** Figures that are known. */
export const exact = (bytes: number): Figure => ({ bytes, kind: 'exact' });
/** Figures that are guessed. */
export const estimate = (bytes: number): Figure => ({ bytes: Math.round(bytes), kind: 'estimate' });

/** What a layer of this many unpacked bytes will weigh on the wire. */
export function estimateWire(rawBytes: number, codec: Codec): Figure {
  return estimate(codec === 'none' ? rawBytes : Math.max(leastPacked, rawBytes / usualRatio[codec]));
}

// Engines tell the files' sizes; the tar has a header and padding for each: 1 kB a file, 5 % with 17,000 of them.
const worstTarGrowth = 1.15;

/** The most a layer's tar can weigh. */
export function worstRaw(raw: Figure): number {
  return raw.kind === 'exact' ? raw.bytes : Math.ceil(raw.bytes * worstTarGrowth) + 64 * 1024;
}

/** The most a layer can weigh on the wire. */
export function worstWire(rawBytes: number): number {
  return Math.ceil(rawBytes * worstGrowth) + 1024;
}

/** The sum; exact only if all are. */
export function sumFigures(figures: readonly Figure[]): Figure {
  const bytes = figures.reduce((total, figure) => total + figure.bytes, 0);
  return { bytes, kind: figures.every((figure) => figure.kind === 'exact') ? 'exact' : 'estimate' };
}

/**
 * Room that loading takes in the engine's own folder, in bytes: the unpacked layers, and before them the archive
 * (graphdriver: untarred to DATA/tmp; one image at a time) or the raw blobs (containerd store: kept). podman's archives lie elsewhere.
 */
export function engineRoom(engine: EngineFacts, rawSentBytes: number, largestArchiveBytes: number): number {
  if (!storeRules[engine.storeKind].isEngine) return rawSentBytes;
  if (engine.storeKind === 'containerd') return rawSentBytes * 2;
  return rawSentBytes + (engine.stagesArchive ? largestArchiveBytes : 0);
}
