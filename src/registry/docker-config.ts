// What dockerd's daemon.json says of registries: mirrors of docker.io, and which are reached without proof of who they are.
// @see dockerd "Insecure registries" and "registry-mirrors"
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { isLoopback, withoutPort } from './loopback.js';
import { createNetworks } from './networks.js';
import type { Places } from './places.js';
import { readIfThere } from './read-if-there.js';

export interface DockerConfig {
  /** `https://mirror.lan`, in their order. */
  readonly mirrors: readonly URL[];
  /** By name, and by the addresses that the name stands for here; loopback always. */
  isInsecure(host: string): Promise<boolean>;
}

const schema = z.looseObject({
  'registry-mirrors': z.array(z.string()).nullish(),
  'insecure-registries': z.array(z.string()).nullish(),
});

const maxDaemonJsonBytes = 1024 * 1024;

/** @throws {AirgapError} REGISTRY_CONFIG for a file that dockerd would not start with */
export async function readDockerConfig({ daemonFiles }: Places): Promise<DockerConfig> {
  const mirrors: URL[] = [];
  const names = new Set<string>();
  const networks = createNetworks();
  for (const path of daemonFiles) {
    const raw = await readIfThere(path);
    if (raw === undefined || raw.trim() === '') continue;
    const refuse = (problem: string): never => {
      throw new AirgapError('REGISTRY_CONFIG', { path, problem });
    };
    const decoded = decodeJson(Buffer.from(raw), { schema, limitBytes: maxDaemonJsonBytes });
    if (decoded.problem !== undefined)
      return refuse(decoded.problem === 'form' ? `${decoded.field} is not as expected` : 'it is no JSON');
    for (const mirror of decoded.value['registry-mirrors'] ?? []) {
      if (!URL.canParse(mirror) || !/^https?:$/.test(new URL(mirror).protocol))
        refuse('registry-mirrors is not as expected');
      mirrors.push(new URL(mirror));
    }
    for (const entry of decoded.value['insecure-registries'] ?? []) {
      if (!networks.add(entry)) names.add(entry.replace(/^https?:\/\//, '').toLowerCase());
    }
  }
  return {
    mirrors,
    async isInsecure(host) {
      if (names.has(host.toLowerCase())) return true;
      const name = withoutPort(host);
      if (isLoopback(host)) return true;
      if (isIP(name) !== 0) return networks.has(name);
      if (networks.isEmpty()) return false;
      // Behind a proxy names need not be known here.
      const found = await lookup(name, { all: true }).catch(() => []);
      return found.some(({ address }) => networks.has(address));
    },
  };
}
