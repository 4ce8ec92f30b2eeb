// A receipt as it is read back: checked field by field, because a file may have been written by another version, cut
// short or edited. Kept apart from receipt.ts so that only readers load zod.
import * as z from 'zod';
import { type DiffId, type Digest, isDigest } from '../oci/digest.js';
import { type Receipt, receiptVersion } from './receipt.js';

const digest = z.custom<Digest>(isDigest);
const diffId = z.custom<DiffId>(isDigest);
const bytes = z.number().int().nonnegative();
const codec = z.enum(['none', 'gzip', 'zstd']);
const text = z.string().max(4096);

const image = z.object({
  reference: text,
  fullName: text.exactOptional(),
  source: text,
  imageId: digest,
  farId: text,
  platform: text,
  diffIds: z.array(diffId),
  proof: z.enum([
    'config-digest',
    'manifest-and-create',
    'manifest-and-check',
    'stored-blobs',
    'placed-archive',
    'registry-digests',
  ]),
  movedFrom: text.exactOptional(),
  index: digest.exactOptional(),
  present: z.boolean(),
  pulledFrom: text.exactOptional(),
  sourceManifest: digest.exactOptional(),
  layers: z.object({ held: bytes, sent: bytes, spliced: bytes }),
  manifest: z
    .object({ digest, layers: z.array(z.object({ digest, size: bytes, codec: codec.exactOptional() })) })
    .exactOptional(),
});

const file = z.object({
  to: text,
  digest,
  previous: digest.nullable(),
  mode: z.string().regex(/^[0-7]{4}$/),
  backup: text.nullable(),
  kind: z.enum(['file', 'repo', 'key', 'compose', 'daemon']).exactOptional(),
  source: text.exactOptional(),
});

const packages = z.object({
  set: text,
  kind: z.enum(['deb', 'rpm']),
  names: z.array(text),
  place: text,
  installed: z.boolean(),
});

/** Fields that this version does not know are dropped; a version it does not know is not read. */
export const receiptSchema: z.ZodType<Receipt> = z.object({
  version: z.literal(receiptVersion),
  target: z.literal('registry').exactOptional(),
  // Becomes part of a file name and of what is typed.
  id: z.string().regex(/^[0-9a-f][0-9a-f-]{7,63}$/),
  runId: text,
  host: text,
  address: text,
  engine: z.object({ name: text, version: text, store: text }),
  platform: text,
  startedAt: z.iso.datetime(),
  durationMs: z.number().nonnegative(),
  images: z.array(image),
  attached: z
    .object({
      count: bytes,
      bytes,
      moves: z.array(z.object({ name: text, movesFrom: digest })).exactOptional(),
    })
    .exactOptional(),
  files: z.array(file).exactOptional(),
  filesFailed: z.object({ code: text, message: text }).exactOptional(),
  reload: z.object({ shown: z.array(text), unshown: z.array(text), restart: z.array(text) }).exactOptional(),
  packages: z.array(packages).exactOptional(),
  packagesFailed: z.object({ code: text, message: text }).exactOptional(),
  layerBytes: bytes,
  routeBytes: z.object({ held: bytes, sent: bytes, spliced: bytes }),
  layerCounts: z.object({ held: bytes, sent: bytes, spliced: bytes, shared: bytes }).exactOptional(),
  linkRate: z.number().nonnegative().exactOptional(),
  wireBytes: bytes,
  resumedBytes: bytes,
  tool: text,
  bundle: z.object({ name: text, digest }).exactOptional(),
  signer: z.object({ name: text.exactOptional(), fingerprint: text }).exactOptional(),
});
