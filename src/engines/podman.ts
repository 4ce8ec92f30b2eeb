// podman: what `podman info` says, as facts the plan can use. Its store is one user's; root's is another one.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { normalisePlatform } from '../oci/platform.js';
import type { EngineFacts } from './engine.js';

const podmanInfo = z.object({
  host: z.object({
    arch: z.string().min(1).max(40),
    os: z.string().max(40).default('linux'),
    security: z.object({ rootless: z.boolean().default(false) }),
  }),
  store: z.object({
    graphDriverName: z.string().max(100),
    graphRoot: z.string().max(4096),
    // Not told before 4.0.
    imageCopyTmpDir: z.string().startsWith('/').max(4096).catch('/var/tmp'),
  }),
  version: z.object({ Version: z.string().min(1).max(100) }),
});

/** Facts out of `podman info --format '{{json .}}'`. @throws {AirgapError} FAR_ENGINE_UNSUPPORTED */
export function podmanFacts(info: unknown, host: string, user: string): EngineFacts {
  const parsed = podmanInfo.safeParse(info);
  if (!parsed.success) {
    const problem = 'podman info is not as known';
    throw new AirgapError(
      'FAR_ENGINE_UNSUPPORTED',
      { host, engine: 'podman', problem },
      { cause: parsed.error },
    );
  }
  const { host: machine, store, version } = parsed.data;
  return {
    name: 'podman',
    version: version.Version,
    storeKind: 'containers-storage',
    // Whoever logs in must see whose store it is.
    storeLabel: `${store.graphDriverName}, ${machine.security.rootless ? user : 'root'}`,
    platform: normalisePlatform({ os: machine.os, architecture: machine.arch }),
    root: store.graphRoot,
    layerCodecs: ['none', 'gzip', 'zstd'],
    // As long as no layer is leaned on: one that it holds can be described by its diffID only.
    keepsManifests: 'any',
    stagesArchive: false,
    archiveFolder: store.imageCopyTmpDir,
    fullNames: true,
    proof: 'config-digest',
  };
}
