// SHA256SUMS, the seal: one line for every other file of a volume, as `sha256sum -c` reads it. @see docs/format.md B-3
import { AirgapError } from '../errors.js';
import { type Digest, digestFromHex, hexOf } from '../oci/digest.js';
import { isBundlePath } from './paths.js';

/** 67 bytes and a path of at most 400, for 300,000 files. */
export const maxSumsBytes = 140 * 1024 * 1024;

/** The bytes of SHA256SUMS; paths are sorted by their bytes. */
export function formatSums(digests: ReadonlyMap<string, Digest>): Buffer {
  const rows = [...digests].sort(([a], [b]) => (a < b ? -1 : 1));
  return Buffer.from(rows.map(([path, digest]) => `${hexOf(digest)}  ${path}\n`).join(''));
}

/** Reads SHA256SUMS; strict, since it was written by us. @throws {AirgapError} BUNDLE_DAMAGED */
export function parseSums(raw: Uint8Array, where: string): Map<string, Digest> {
  const digests = new Map<string, Digest>();
  const lines = Buffer.from(raw).toString('latin1').split('\n');
  const damaged = (): AirgapError =>
    new AirgapError('BUNDLE_DAMAGED', { path: where, file: 'SHA256SUMS', problem: 'form' });
  if (lines.pop() !== '') throw damaged();
  for (const line of lines) {
    const [, hex = '', path = ''] = /^([0-9a-f]{64}) {2}(.+)$/.exec(line) ?? [];
    if (!isBundlePath(path) || digests.has(path)) throw damaged();
    digests.set(path, digestFromHex(hex, where));
  }
  return digests;
}
