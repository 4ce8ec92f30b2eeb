// A passport: what a far host holds, carried home as a small file, so that the next bundle takes only the rest along. It was in
// other hands: everything in it is checked, and a bundle made for it is proved again on the host.
// @see docs/format.md "Passports"
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { chainIds, type DiffId, type Digest, isDigest } from '../oci/digest.js';
import { decodeJson } from '../oci/json.js';
import { maxLayerCount } from '../oci/limits.js';

export const passportVersion = 1;

// 300 bytes a layer and image: room for 10,000 images of 20 layers.
export const maxPassportBytes = 64 * 1024 * 1024;

const digest = z.custom<Digest>(isDigest);
const diffId = z.custom<DiffId>(isDigest);
const count = z.number().int().nonnegative();
const text = z.string().max(1000);

const schema = z.object({
  airgap: z.literal('passport'),
  version: z.literal(passportVersion),
  host: text,
  /** When it was made, ISO 8601 in UTC. */
  made: text,
  engine: z.object({
    name: text,
    version: text,
    store: text,
    kind: z.enum(['graphdriver', 'containerd', 'containers-storage', 'archives', 'layout']),
  }),
  platform: text,
  /** Programs there, e.g. `zstd`. */
  tools: z.array(text),
  /** Free bytes by path. */
  free: z.record(text, count),
  /** Repo files and daemon.json there. */
  config: z.array(z.object({ path: text, digest })).exactOptional(),
  images: z.array(
    z.object({ id: digest, names: z.array(text), diffIds: z.array(diffId).max(maxLayerCount) }),
  ),
  blobs: z.array(z.object({ digest, diffId: diffId.exactOptional(), bytes: count })),
});

export type Passport = z.infer<typeof schema>;

/** Reads a passport. @throws {AirgapError} PASSPORT_INVALID */
export function parsePassport(raw: Uint8Array, path: string): Passport {
  const decoded = decodeJson(raw, { schema, limitBytes: maxPassportBytes });
  if (decoded.problem === undefined) return decoded.value;
  const { problem, field, cause } = decoded;
  // What does not even say that it is one: no word about one of its fields.
  const detail = field === 'airgap' ? '' : field;
  throw new AirgapError('PASSPORT_INVALID', { path, problem, detail }, { cause });
}

/** The bytes of a passport: files, images and blobs one a line, for people and for `diff`. */
export function formatPassport(passport: Passport): string {
  const { config, images, blobs, ...head } = passport;
  const list = (rows: readonly object[]): string =>
    rows.length === 0 ? '[]' : `[\n${rows.map((row) => `    ${JSON.stringify(row)}`).join(',\n')}\n  ]`;
  const lines = Object.entries(head).map(
    ([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  for (const [key, rows] of Object.entries({ config, images, blobs }))
    if (rows !== undefined) lines.push(`  ${JSON.stringify(key)}: ${list(rows)}`);
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** Whether import.sh can unpack zstd there, or the engine can take zstd blobs. @see docs/engines.md (docker 23) */
export function readsZstd({ tools, engine }: Passport): boolean {
  // podman reads it since 4.
  if (tools.includes('zstd') || engine.kind === 'containers-storage') return true;
  return (
    engine.name === 'docker' && (engine.kind === 'containerd' || Number.parseInt(engine.version, 10) >= 23)
  );
}

/** Something that holds layers: a host by its passport, or whoever has an earlier bundle. */
export interface Holder {
  /** Whether an image's layers up to and with this one are there, in a way that an importer can use. */
  holds(diffIds: readonly DiffId[], at: number): boolean;
}

/** What a host holds: on a graphdriver whole stacks, elsewhere any layer. */
export function holderOf(passport: Passport): Holder {
  const stacks = passport.images.map((image) => image.diffIds);
  return passport.engine.kind === 'graphdriver' ? stackHolder(stacks) : layerHolder(stacks);
}

/** A host that has loaded these images, whatever its engine: whole stacks only. */
export function stackHolder(stacks: readonly (readonly DiffId[])[]): Holder {
  const chains = new Set(stacks.flatMap((diffIds) => chainIds(diffIds)));
  return {
    holds(diffIds, at) {
      const chain = chainIds(diffIds.slice(0, at + 1)).at(-1);
      return chain !== undefined && chains.has(chain);
    },
  };
}

function layerHolder(stacks: readonly (readonly DiffId[])[]): Holder {
  const layers = new Set(stacks.flat());
  return {
    holds(diffIds, at) {
      const diffId = diffIds[at];
      return diffId !== undefined && layers.has(diffId);
    },
  };
}
