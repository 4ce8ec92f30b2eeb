// Layers that the far engine has but may not be left out of an archive: taken from the engine's own `save`, over there.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import type { EngineCall, Far, RecipeLine } from '../far/facts.js';
import { type DiffId, type Digest, hexOf } from '../oci/digest.js';
import type { PlannedLayer } from '../plan/plan.js';

export interface SplicedLayer {
  readonly diffId: DiffId;
  readonly rawBytes: number;
  readonly line: RecipeLine;
}

interface SpliceContext {
  readonly far: Far;
  readonly call: EngineCall;
  readonly hostName: string;
}

// docker save's manifest.json: one entry, Layers in order, base first. Paths of any docker are one of these two.
const savedManifest = z.array(z.object({ Layers: z.array(z.string().max(200)) })).min(1);
const savedPath = /^(?:blobs\/sha256\/[0-9a-f]{64}|[0-9a-f]{64}\/layer\.tar)$/;

/** Unpacks each needed far image once on its stage and tells the recipe line for every layer wanted of it. */
export async function spliceLayers(
  { far, call, hostName }: SpliceContext,
  layers: readonly PlannedLayer[],
): Promise<SplicedLayer[]> {
  const byImage = new Map<string, PlannedLayer[]>();
  for (const layer of layers) {
    const farId = layer.spliceFrom?.farId;
    if (farId !== undefined) byImage.set(farId, [...(byImage.get(farId) ?? []), layer]);
  }
  const spliced: SplicedLayer[] = [];
  for (const [farId, wanted] of byImage) {
    const parsed = savedManifest.safeParse(parseJson(await far.unpack(call, farId as Digest)));
    const paths = wanted.map(
      ({ spliceFrom }) => parsed.data?.[0]?.Layers[spliceFrom?.layerIndex ?? -1] ?? '',
    );
    if (!paths.every((path) => savedPath.test(path))) throw missing(hostName);
    const files = await far.measure(farId as Digest, paths);
    for (const [at, { diffId }] of wanted.entries()) {
      const file = files.find(({ path }) => path === paths[at]);
      // The far engine said this layer is there; its bytes decide whether that is so.
      if (file === undefined || file.diffId !== diffId) throw missing(hostName);
      const { path, codec, rawBytes } = file;
      spliced.push({ diffId, rawBytes, line: { op: 'splice', hex: hexOf(farId as Digest), path, codec } });
    }
  }
  return spliced;
}

function parseJson(raw: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(raw).toString('utf8'));
  } catch {
    return undefined;
  }
}

function missing(host: string): AirgapError {
  return new AirgapError('FAR_ANSWER', {
    host,
    command: 'unpack',
    problem: 'a layer is missing in its save',
  });
}
