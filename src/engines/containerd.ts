// containerd by its own program: a plain one, k3s' or RKE2's. What the far side says of it, as facts the plan can use.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { normalisePlatform } from '../oci/platform.js';
import type { EngineFacts } from './engine.js';

const containerdInfo = z.object({
  Version: z.string().min(1).max(100),
  Namespace: z.string().min(1).max(100),
  Snapshotter: z.string().max(100),
});

/** As `--engine` says, and the machine's kind (`uname -m`). */
export interface ContainerdAt {
  readonly engine: string;
  readonly machine: string;
  readonly host: string;
}

/** Facts out of the far side's `engine-info`. @throws {AirgapError} FAR_ENGINE_UNSUPPORTED */
export function containerdFacts(info: unknown, { engine, machine, host }: ContainerdAt): EngineFacts {
  const name = engine.split(':', 1)[0] ?? engine;
  const parsed = containerdInfo.safeParse(info);
  if (!parsed.success) {
    const problem = 'ctr version is not as known';
    throw new AirgapError('FAR_ENGINE_UNSUPPORTED', { host, engine: name, problem }, { cause: parsed.error });
  }
  const { Version, Namespace, Snapshotter } = parsed.data;
  return {
    name,
    version: Version,
    storeKind: 'containerd',
    // An image is seen in its own namespace only: whoever looks for it elsewhere must see why it is not there.
    storeLabel: `${Snapshotter}, namespace ${Namespace}`,
    platform: normalisePlatform({ os: 'linux', architecture: machine }),
    root: undefined,
    layerCodecs: ['none', 'gzip', 'zstd'],
    keepsManifests: 'any',
    stagesArchive: false,
    proof: 'manifest-and-check',
  };
}
