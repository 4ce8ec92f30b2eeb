// What the verifier gives to the check pool: one job a file, one for all pieces of a blob; and what their results mean.
import type { BundleProblem } from '../errors.js';
import { type Digest, digestFromHex, hexOf } from '../oci/digest.js';
import type { CheckJob, CheckResult } from './check-job.js';
import type { BundleContent, BundleLayer } from './manifest.js';
import { blobFile } from './paths.js';
import { piecesOf } from './pieces.js';
import type { Bundle, BundleVolume } from './reader.js';
import type { StoredFile } from './stored-file.js';

/** Told of what is wrong with a file; without a volume where it concerns every one. */
export type Tell = (file: string, problem: BundleProblem, volume: BundleVolume | undefined) => void;

/** What the parts of a job must turn out to be. */
export interface Planned {
  readonly parts: readonly { readonly volume: BundleVolume; readonly content: BundleContent }[];
  /** A blob: of all parts together. */
  readonly layer: BundleLayer | undefined;
}

/** Collects the files to hash, then makes jobs of them. */
export function createVerifyJobs() {
  const byPath = new Map<string, { volume: BundleVolume; content: BundleContent; stored: StoredFile }[]>();
  return {
    add(volume: BundleVolume, content: BundleContent, stored: StoredFile): void {
      const rows = byPath.get(content.path) ?? [];
      rows.push({ volume, content, stored });
      byPath.set(content.path, rows);
    },
    /** A blob is one job, with all its pieces where they are all there. */
    plan({ manifest }: Bundle, deep: boolean | 'carried'): Map<CheckJob, Planned> {
      const planned = new Map<CheckJob, Planned>();
      const plan = (rows: NonNullable<ReturnType<typeof byPath.get>>, layer: BundleLayer | undefined) => {
        const unpack = layer !== undefined && (deep === 'carried' ? layer.carried === true : deep);
        const job: CheckJob = {
          id: planned.size,
          parts: rows.map(({ stored }) => stored),
          ...(unpack
            ? { layer: { codec: layer.codec, rawBytes: layer.rawBytes, carried: layer.carried === true } }
            : {}),
        };
        planned.set(job, { parts: rows, layer });
      };
      const pieces = piecesOf(manifest.contents);
      for (const layer of manifest.layers) {
        const cut = pieces.get(layer.digest)?.map(({ path }) => path) ?? [blobFile(layer.digest)];
        const rows = cut.map((path) => byPath.get(path)?.[0]).filter((row) => row !== undefined);
        if (rows.length !== cut.length) continue;
        plan(rows, layer);
        for (const path of cut) byPath.delete(path);
      }
      for (const rows of byPath.values()) for (const row of rows) plan([row], undefined);
      return planned;
    },
  };
}

/** Compares results with what was planned; returns what was unpacked. */
export function judge(
  planned: ReadonlyMap<CheckJob, Planned>,
  results: readonly CheckResult[],
  tell: Tell,
): { readonly layerCount: number; readonly rawBytes: number } {
  const byId = new Map([...planned].map(([job, plan]) => [job.id, plan]));
  let layerCount = 0;
  let rawBytes = 0;
  for (const { id, parts, hex, raw } of results) {
    const plan = byId.get(id);
    if (plan === undefined) continue;
    let isSound = true;
    for (const [at, { volume, content }] of plan.parts.entries()) {
      const part = parts[at];
      const problem = part === undefined ? 'missing' : problemOf(part, content.digest);
      if (problem !== undefined) tell(content.path, problem, volume);
      isSound &&= problem === undefined;
    }
    const { layer } = plan;
    if (layer === undefined || !isSound) continue;
    const file = blobFile(layer.digest);
    if (digestFromHex(hex, file) !== layer.digest) tell(file, 'digest', undefined);
    else if (raw !== undefined && 'detail' in raw) tell(file, 'codec', undefined);
    else if (raw !== undefined && (raw.hex !== hexOf(layer.diffId) || raw.bytes !== layer.rawBytes))
      tell(file, 'diff-id', undefined);
    else if (raw !== undefined) {
      layerCount += 1;
      rawBytes += raw.bytes;
    }
  }
  return { layerCount, rawBytes };
}

function problemOf(part: CheckResult['parts'][number], want: Digest): BundleProblem | undefined {
  if ('hex' in part) return part.hex === hexOf(want) ? undefined : 'digest';
  if (part.errno === 'ELOOP') return 'not-a-file';
  return part.errno === 'ESIZE' ? 'size' : part.errno === 'ENOENT' ? 'missing' : 'unreadable';
}
