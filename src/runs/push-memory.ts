// What a near side remembers of its pushes: where uploads stand that were cut, which blobs layers have become, and which
// repositories hold what. All of it may be lost: then more is asked, made and sent again.
import { randomBytes } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Codec } from '../oci/descriptor.js';
import { type DiffId, type Digest, digestOf, hexOf, isDigest } from '../oci/digest.js';
import { decodeJson } from '../oci/json.js';
import { parseReference } from '../oci/reference.js';
import type { Receipt } from '../receipt/receipt.js';
import type { KeptUploads } from '../registry/upload.js';
import { makeFolder } from '../streams/make-folder.js';
import { formatOwner, isAlive, parseOwner, thisOwner } from '../streams/owner.js';
import { removeOlder } from '../streams/remove-older.js';
import { inState } from './state-folder.js';

/** A blob that a layer has once become. */
export interface KnownBlob {
  readonly digest: Digest;
  readonly size: number;
  readonly codec: Codec;
}

export interface PushMemory {
  readonly uploads: KeptUploads;
  /** Newest first. */
  blobsOf(diffId: DiffId): Promise<readonly KnownBlob[]>;
  remember(diffId: DiffId, blob: KnownBlob): Promise<void>;
}

/** Registries forget uploads after a week. */
const maxAgeMs = 7 * 24 * 60 * 60 * 1000;
const maxFileBytes = 64 * 1024;
const maxBlobs = 8;

const uploadSchema = z.object({
  place: z.url({ protocol: /^https?$/ }),
  /** Who uploads there, as `formatOwner` writes it. */
  owner: z.string().max(512),
});
const blobSchema = z.object({
  digest: z.custom<Digest>(isDigest),
  size: z.number().int().nonnegative(),
  codec: z.enum(['none', 'gzip', 'zstd']),
});

/** For one registry. */
export async function openPushMemory(stateDirectory: string, host: string): Promise<PushMemory> {
  const folder = path.join(stateDirectory, 'push');
  const uploadFolder = path.join(folder, 'uploads');
  const layerFolder = path.join(folder, 'layers');
  await inState(stateDirectory, async () => {
    await makeFolder(uploadFolder);
    await makeFolder(layerFolder);
    await removeOlder(uploadFolder, maxAgeMs);
  });
  const uploadFile = (repository: string, digest: Digest): string =>
    path.join(uploadFolder, `${hexOf(digestOf(`${host}\n${repository}\n${digest}`))}.json`);
  const me = thisOwner();
  const layerFile = (diffId: DiffId): string => path.join(layerFolder, `${hexOf(diffId)}.json`);
  return {
    uploads: {
      async take(repository, digest) {
        const file = uploadFile(repository, digest);
        const own = `${file}.${randomBytes(6).toString('hex')}`;
        // Two runs on one upload would spoil it.
        if (
          !(await rename(file, own).then(
            () => true,
            () => false,
          ))
        )
          return undefined;
        const found = await read(own, uploadSchema);
        const owner = found === undefined ? undefined : parseOwner(found.owner);
        // Of this process it is one that was cut or paused: what is sent at once is sent by one run.
        if (owner !== undefined && owner.pid !== me.pid && isAlive(owner, 0)) {
          await rename(own, file);
          return undefined;
        }
        await rm(own, { force: true });
        return found === undefined ? undefined : new URL(found.place);
      },
      // What is in an address may be a key.
      keep: (repository, digest, place) =>
        write(uploadFile(repository, digest), { place: place.href, owner: formatOwner(me) }),
      forget: (repository, digest) => rm(uploadFile(repository, digest), { force: true }),
    },
    blobsOf: async (diffId) => (await read(layerFile(diffId), z.array(blobSchema))) ?? [],
    async remember(diffId, { digest, size, codec }) {
      const known = (await read(layerFile(diffId), z.array(blobSchema))) ?? [];
      if (known[0]?.digest === digest) return;
      const others = known.filter((one) => one.digest !== digest).slice(0, maxBlobs - 1);
      await write(layerFile(diffId), [{ digest, size, codec }, ...others]);
    },
  };
}

/** The repositories of a registry that receipts say have a blob. */
export function knownHolders(
  receipts: readonly Receipt[],
  host: string,
): ReadonlyMap<Digest, ReadonlySet<string>> {
  const holders = new Map<Digest, Set<string>>();
  for (const { target, images } of receipts) {
    if (target !== 'registry') continue;
    for (const { reference, imageId, manifest } of images) {
      const { registry, repository } = parseReference(reference);
      if (registry !== host) continue;
      for (const digest of [imageId, ...(manifest?.layers ?? []).map((layer) => layer.digest)])
        holders.set(digest, (holders.get(digest) ?? new Set()).add(repository));
    }
  }
  return holders;
}

async function read<T>(file: string, schema: z.ZodType<T>): Promise<T | undefined> {
  const raw = await readFile(file).catch(() => undefined);
  if (raw === undefined) return undefined;
  const decoded = decodeJson(raw, { schema, limitBytes: maxFileBytes });
  return decoded.problem === undefined ? decoded.value : undefined;
}

async function write(file: string, content: object): Promise<void> {
  const own = `${file}.${randomBytes(6).toString('hex')}`;
  try {
    await writeFile(own, JSON.stringify(content), { mode: 0o600, flag: 'wx' });
    await rename(own, file);
  } catch {
    await rm(own, { force: true });
  }
}
