// Where a repository is fetched from: its mirrors first, then itself, as daemon.json and registries.conf have it.
import { AirgapError } from '../errors.js';
import type { Reference } from '../oci/reference.js';
import { readDockerConfig } from './docker-config.js';
import type { Places } from './places.js';
import { readRegistriesConf } from './registries-conf.js';

export interface Endpoint {
  readonly host: string;
  readonly repository: string;
  readonly scheme: 'http' | 'https' | undefined;
  readonly isInsecure: boolean;
  readonly isMirror: boolean;
}

export interface Endpoints {
  /** At least one; the last is the registry itself. @throws {AirgapError} REGISTRY_CONFIG, REGISTRY_BLOCKED */
  of(reference: Reference): Promise<readonly Endpoint[]>;
  isInsecure(host: string): Promise<boolean>;
}

/** Whether there can be such a place: names of images are not held to what ports and addresses there are. */
export const isAddress = (host: string): boolean => host !== '' && URL.canParse(`https://${host}`);

/** The files are read once, when they are needed. */
export function createEndpoints(places: Places): Endpoints {
  let reading: ReturnType<typeof readBoth> | undefined;
  const both = (): ReturnType<typeof readBoth> => {
    reading ??= readBoth(places);
    return reading;
  };
  return {
    async of(reference) {
      const { docker, conf } = await both();
      const { registry, repository } = reference;
      if (!isAddress(registry))
        throw new AirgapError('REFERENCE_INVALID', {
          input: `${registry}/${repository}`.slice(0, 300),
          problem: 'registry',
        });
      const name = `${registry}/${repository}`;
      const placed = conf.place(name, reference.digest !== undefined);
      if (placed?.blockedIn !== undefined)
        throw new AirgapError('REGISTRY_BLOCKED', { registry, path: placed.blockedIn });
      const at = async (
        location: string,
        more: { readonly isInsecure: boolean; readonly isMirror: boolean },
      ): Promise<Endpoint> => {
        const slash = location.indexOf('/');
        const host = location.slice(0, Math.max(0, slash));
        if (!isAddress(host))
          throw new AirgapError('REGISTRY_CONFIG', {
            path: placed?.file ?? '',
            problem: `a location is no HOST[:PORT]/PATH: ${location.slice(0, 100)}`,
          });
        const isInsecure = more.isInsecure || (await docker.isInsecure(host));
        return { ...more, host, repository: location.slice(slash + 1), scheme: undefined, isInsecure };
      };
      const mirrors = (placed?.mirrors ?? []).map((mirror) =>
        at(mirror.location, { ...mirror, isMirror: true }),
      );
      const dockerMirrors =
        registry !== 'docker.io' ? [] : docker.mirrors.map((url) => dockerMirror(url, repository));
      const own = at(placed?.location ?? name, { isInsecure: placed?.isInsecure === true, isMirror: false });
      const found = await Promise.all([...mirrors, ...dockerMirrors, own]);
      return found.filter(
        ({ host, repository: path }, index) =>
          found.findIndex((one) => one.host === host && one.repository === path) === index,
      );

      async function dockerMirror(url: URL, path: string): Promise<Endpoint> {
        const scheme = url.protocol === 'http:' ? 'http' : 'https';
        const below = url.pathname.replace(/^\/|\/$/g, '');
        return {
          host: url.host,
          repository: below === '' ? path : `${below}/${path}`,
          scheme,
          isInsecure: await docker.isInsecure(url.host),
          isMirror: true,
        };
      }
    },
    async isInsecure(host) {
      const { docker, conf } = await both();
      return conf.isInsecure(host) || (await docker.isInsecure(host));
    },
  };
}

async function readBoth(places: Places) {
  const [docker, conf] = await Promise.all([readDockerConfig(places), readRegistriesConf(places)]);
  return { docker, conf };
}
