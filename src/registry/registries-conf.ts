// podman's registries.conf and the files beside it: where a name is really fetched from, its mirrors, what is blocked.
// @see containers-registries.conf(5), version 2
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'smol-toml';
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import type { Places } from './places.js';
import { readIfThere } from './read-if-there.js';

/** What the files say of one reference. */
export interface Placement {
  /** What says so. */
  readonly file: string;
  /** HOST[:PORT]/PATH where the repository itself lies. */
  readonly location: string;
  readonly isInsecure: boolean;
  /** The file that says that nobody may have it. */
  readonly blockedIn: string | undefined;
  readonly mirrors: readonly { readonly location: string; readonly isInsecure: boolean }[];
}

export interface RegistriesConf {
  /** `name`: HOST[:PORT]/PATH; undefined where nothing is said of it. `byDigest`: it is named by its digest. */
  place(name: string, byDigest: boolean): Placement | undefined;
  /** Whether some entry lets that host be reached without proof. */
  isInsecure(host: string): boolean;
}

const pullFrom = z.enum(['all', 'digest-only', 'tag-only']);
const mirrorSchema = z.object({
  location: z.string(),
  insecure: z.boolean().optional(),
  'pull-from-mirror': z.union([pullFrom, z.literal('')]).optional(),
});
const registrySchema = z.object({
  prefix: z.string().optional(),
  location: z.string().optional(),
  insecure: z.boolean().optional(),
  blocked: z.boolean().optional(),
  mirror: z.array(mirrorSchema).optional(),
  'mirror-by-digest-only': z.boolean().optional(),
});
const schema = z.object({ registry: z.array(registrySchema).optional() });

type Entry = z.infer<typeof registrySchema> & { readonly file: string };

const maxConfBytes = 1024 * 1024;

/** @throws {AirgapError} REGISTRY_CONFIG for a file that podman would not take */
export async function readRegistriesConf(places: Places): Promise<RegistriesConf> {
  const entries = new Map<string, Entry>();
  for (const file of await filesOf(places)) {
    for (const entry of await readEntries(file)) {
      const key = entry.prefix || entry.location;
      if (key === undefined || key === '')
        throw new AirgapError('REGISTRY_CONFIG', {
          path: file,
          problem: 'a registry has neither prefix nor location',
        });
      entries.set(key, { ...entry, file });
    }
  }
  return {
    place(name, byDigest) {
      const best = [...entries.keys()]
        .flatMap((prefix) => {
          const length = matchLength(prefix, name);
          return length === undefined ? [] : [{ prefix, length }];
        })
        .sort((a, b) => b.prefix.length - a.prefix.length)[0];
      const entry = best === undefined ? undefined : entries.get(best.prefix);
      if (best === undefined || entry === undefined) return undefined;
      const moved = (location: string): string => location + name.slice(best.length);
      const mirrors = (entry.mirror ?? []).filter((mirror) => {
        const from = mirror['pull-from-mirror'] || (entry['mirror-by-digest-only'] ? 'digest-only' : 'all');
        return from === 'all' || (from === 'digest-only') === byDigest;
      });
      return {
        file: entry.file,
        location: entry.location ? moved(entry.location) : name,
        isInsecure: entry.insecure === true,
        blockedIn: entry.blocked === true ? entry.file : undefined,
        mirrors: mirrors.map(({ location, insecure = false }) => ({
          location: moved(location),
          isInsecure: insecure,
        })),
      };
    },
    isInsecure: (host) =>
      [...entries.values()]
        .flatMap((entry) => [
          { location: entry.location || entry.prefix, insecure: entry.insecure },
          ...(entry.mirror ?? []),
        ])
        .some(({ location = '', insecure }) => insecure === true && location.split('/')[0] === host),
  };
}

/** How much of the name stands for the prefix; undefined where it does not fit. */
function matchLength(prefix: string, name: string): number | undefined {
  if (prefix.startsWith('*.')) {
    // Any host below that one; a path may follow it.
    const host = name.split('/')[0] ?? '';
    const [domain = '', ...rest] = prefix.slice(1).split('/');
    const tail = rest.length === 0 ? '' : `/${rest.join('/')}`;
    if (!host.endsWith(domain)) return undefined;
    const length = host.length + tail.length;
    return name.slice(host.length, length) === tail && /^(?:$|\/)/.test(name.slice(length))
      ? length
      : undefined;
  }
  return name === prefix || name.startsWith(`${prefix}/`) ? prefix.length : undefined;
}

async function filesOf({ registriesFiles, registriesFolders }: Places): Promise<string[]> {
  const files: string[] = [];
  for (const file of registriesFiles) {
    if ((await readIfThere(file)) === undefined) continue;
    files.push(file);
    break;
  }
  for (const folder of registriesFolders) {
    const names = await readdir(folder).catch(() => []);
    files.push(
      ...names
        .filter((name) => name.endsWith('.conf'))
        .toSorted()
        .map((name) => path.join(folder, name)),
    );
  }
  return files;
}

async function readEntries(file: string): Promise<z.infer<typeof registrySchema>[]> {
  const refuse = (problem: string): never => {
    throw new AirgapError('REGISTRY_CONFIG', { path: file, problem });
  };
  const text = (await readIfThere(file)) ?? '';
  if (text.length > maxConfBytes) return refuse('it is larger than 1 MiB');
  let document: unknown;
  try {
    document = parse(text);
  } catch {
    return refuse('it is no TOML');
  }
  // The first form of it has a table [registries.search] and nothing of ours.
  const parsed = schema.safeParse(document);
  if (parsed.success) return parsed.data.registry ?? [];
  return refuse(
    `${(parsed.error.issues[0]?.path ?? []).map(String).join('.').slice(0, 100)} is not as expected`,
  );
}
