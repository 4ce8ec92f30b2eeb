// Docker, with the classic store (graphdriver) and with containerd's: what `docker info` says, as facts the plan can use.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { normalisePlatform } from '../oci/platform.js';
import type { EngineFacts } from './engine.js';

const dockerInfo = z.object({
  ServerVersion: z.string().max(100).default(''),
  Driver: z.string().max(100).default(''),
  DriverStatus: z.array(z.tuple([z.string(), z.string()])).nullish(),
  OSType: z.string().max(40).default('linux'),
  Architecture: z.string().max(40).default(''),
  DockerRootDir: z.string().max(4096).default(''),
});

// docker 23 was the first to read zstd, in the stream and in layers (docs/engines.md, E5).
const zstdSince = 23;

/** Facts out of `docker info --format '{{json .}}'`. @throws {AirgapError} FAR_ENGINE_UNSUPPORTED */
export function dockerFacts(info: unknown, host: string): EngineFacts {
  const parsed = dockerInfo.safeParse(info);
  if (!parsed.success || parsed.data.ServerVersion === '') {
    throw new AirgapError('FAR_ENGINE_UNSUPPORTED', {
      host,
      engine: 'docker',
      problem: 'docker info is not as known',
    });
  }
  const { ServerVersion, Driver, DriverStatus, OSType, Architecture, DockerRootDir } = parsed.data;
  if (OSType !== 'linux') {
    throw new AirgapError('FAR_ENGINE_UNSUPPORTED', {
      host,
      engine: 'docker',
      problem: `it runs ${OSType} containers`,
    });
  }
  const containerd = (DriverStatus ?? []).some(
    ([key, value]) => key === 'driver-type' && value.startsWith('io.containerd.snapshotter'),
  );
  const major = Number.parseInt(ServerVersion, 10);
  return {
    name: 'docker',
    version: ServerVersion,
    storeKind: containerd ? 'containerd' : 'graphdriver',
    storeLabel: containerd ? `containerd ${Driver}` : Driver,
    platform: normalisePlatform({ os: OSType, architecture: Architecture }),
    root: DockerRootDir === '' ? undefined : DockerRootDir,
    layerCodecs: major >= zstdSince || containerd ? ['none', 'gzip', 'zstd'] : ['none', 'gzip'],
    keepsManifests: containerd ? 'any' : 'none',
    stagesArchive: !containerd,
    proof: containerd ? 'manifest-and-create' : 'config-digest',
  };
}
