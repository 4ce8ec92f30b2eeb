// The folder whose archives k3s or RKE2 loads when it starts, only when asked for (`--engine k3s-images[:FOLDER]`): images are placed
// there, one archive each, whole, and loaded by nobody now. @see docs.k3s.io "Air-Gap Install", "Prepare the Images Directory"
import { normalisePlatform } from '../oci/platform.js';
import type { EngineFacts } from './engine.js';

/** Facts of such a folder on a machine of that kind (`uname -m`). @param engine as `--engine` says */
export function archivesFacts(engine: string, machine: string): EngineFacts {
  const [name = '', folder] = engine.split(/:(.*)/s);
  const root = folder ?? `/var/lib/rancher/${name.replace('-images', '')}/agent/images`;
  return {
    name,
    version: '1',
    storeKind: 'archives',
    storeLabel: `archives in ${root}`,
    platform: normalisePlatform({ os: 'linux', architecture: machine }),
    root,
    layerCodecs: ['none'],
    keepsManifests: 'none',
    stagesArchive: false,
    fullNames: true,
    proof: 'placed-archive',
  };
}
