// How small the volumes of a bundle may be: each holds every document, its headers, and a piece or a file that is worth it.
// Known before a byte is written. @see docs/format.md "Volumes"
import { AirgapError } from '../errors.js';
import { type ExportPlan, mostBytes } from './plan-export.js';

/** A cut should leave pieces that are worth a file. */
export const leastPieceBytes = 64 * 1024;

// A piece has its lines in airgap.json and recipes/bundle of every volume, and its header.
const perPieceBytes = 512;
// What the reserve of a plan has room for anyway.
const freePieces = 64;

export interface VolumeNeeds {
  /** Of the plan: what every volume holds. */
  readonly reservedBytes: number;
  /** Of an empty container, with the header of a first file. */
  readonly overheadBytes: number;
  /** Upper bound of what is spread over the volumes. */
  readonly spreadBytes: number;
  /** The largest part that lies in one volume: a piece, or a file, which is never cut. */
  readonly largestBytes: number;
}

/** What the layers and files of a plan need. `files`: bytes of each file that goes whole into one volume. */
export function volumeNeeds(
  plan: ExportPlan,
  files: readonly number[],
  { overheadBytes }: Pick<VolumeNeeds, 'overheadBytes'>,
): VolumeNeeds {
  const layers = new Map(
    plan.images
      .flatMap((image) => image.layers)
      .filter((layer) => layer.route !== 'omit')
      .map((layer) => [layer.diffId, mostBytes(layer)]),
  );
  // A layer may begin in the next volume and leave the rest of one; a file of any size may.
  const ofLayers = [...layers.values()].reduce((sum, bytes) => sum + bytes + leastPieceBytes, 0);
  return {
    reservedBytes: plan.reservedBytes,
    overheadBytes,
    spreadBytes: ofLayers + 2 * files.reduce((sum, bytes) => sum + bytes, 0),
    largestBytes: Math.max(layers.size > 0 ? leastPieceBytes : 0, ...files),
  };
}

/**
 * What is to be kept free in each volume of that size: more where there are many. Few volumes keep what the plan says, whatever is
 * only guessed of the layers, so that the same images are cut at the same places. @throws {AirgapError} VOLUME_TOO_SMALL
 */
export function reserveIn(volumeBytes: number, needs: VolumeNeeds): number {
  const reserved = reservedOf(volumeBytes, needs);
  if (reserved !== undefined) return reserved;
  throw new AirgapError('VOLUME_TOO_SMALL', {
    splitBytes: volumeBytes,
    leastBytes: leastVolumeBytes(needs),
  });
}

function leastVolumeBytes(needs: VolumeNeeds): number {
  let low = 0;
  let high = 1;
  while (reservedOf(high, needs) === undefined) high *= 2;
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (reservedOf(middle, needs) === undefined) low = middle;
    else high = middle;
  }
  return high;
}

/** Undefined where the volume is too small. */
function reservedOf(
  volumeBytes: number,
  { reservedBytes, overheadBytes, spreadBytes, largestBytes }: VolumeNeeds,
): number | undefined {
  const room = volumeBytes - reservedBytes - overheadBytes;
  if (room < largestBytes || room < 0) return undefined;
  if (spreadBytes <= room * freePieces) return reservedBytes;
  // `count` volumes leave `room - count * perPieceBytes` in each: the smaller root of count * that = spreadBytes.
  const square = room * room - 4 * perPieceBytes * spreadBytes;
  if (square < 0) return undefined;
  const count = Math.ceil((2 * spreadBytes) / (room + Math.sqrt(square)));
  const more = Math.max(0, count - freePieces) * perPieceBytes;
  return room - more < largestBytes ? undefined : reservedBytes + more;
}
