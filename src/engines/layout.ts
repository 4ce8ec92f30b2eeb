// An OCI layout folder on a host, only when asked for (`--engine layout:DIR`): images are stored there, not loaded.
// @see image-spec v1.1 image-layout.md
import { normalisePlatform } from '../oci/platform.js';
import type { EngineFacts } from './engine.js';

/** The prefix of `--engine`. */
export const layoutPrefix = 'layout:';

/** Facts of a layout at this folder on a machine of that kind (`uname -m`). */
export function layoutFacts(folder: string, machine: string): EngineFacts {
  return {
    name: 'layout',
    version: '1.0.0',
    storeKind: 'layout',
    storeLabel: `OCI layout ${folder}`,
    platform: normalisePlatform({ os: 'linux', architecture: machine }),
    root: folder,
    layerCodecs: ['none', 'gzip', 'zstd'],
    keepsManifests: 'oci',
    stagesArchive: true,
    proof: 'stored-blobs',
  };
}
