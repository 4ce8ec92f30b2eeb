// What an upload makes of failures that come from beside the registry, such as its token server's; and of a limit.
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as turn } from 'node:timers/promises';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import type { PushRepository } from '../../src/registry/push-repository.js';
import { uploadBlob } from '../../src/registry/upload.js';
import type { BlobTask } from '../../src/runs/plan-push.js';
import { type BringOptions, bringBlobs } from '../../src/runs/push-blobs.js';
import type { RateLimit } from '../../src/streams/rate-limit.js';

const bytes = Buffer.from('a small blob');
const nothing = async (): Promise<undefined> => undefined;

/** @returns what was told of waits, and how often something was sent, until it failed with that */
async function upload(failure: AirgapError) {
  const waits: string[] = [];
  let sent = 0;
  // Only what an upload that fails at once asks for.
  const repository = {
    name: 'plant/app',
    registry: { host: 'registry.test' },
    begin: async () => ({
      location: new URL('http://registry.test/upload'),
      offset: 0,
      leastBytes: undefined,
    }),
    send: async () => {
      sent += 1;
      throw failure;
    },
  } as unknown as PushRepository;
  const stop = new AbortController();
  const error: unknown = await uploadBlob({
    repository,
    blob: {
      digest: digestOf(bytes),
      size: bytes.byteLength,
      open: async () => Readable.from([bytes]),
    },
    kept: { take: nothing, keep: nothing, forget: nothing },
    onBytes: () => undefined,
    onWait: (_ms, why) => {
      waits.push(why);
      stop.abort();
    },
    signal: stop.signal,
  }).catch((caught: unknown) => caught);
  return { waits, sent, error };
}

test('deaf-upload: a token server that has had enough is waited for as a registry is', async (t) => {
  const hours = new AirgapError('REGISTRY_LIMIT', { registry: 'tokens.test', seconds: 3600 });
  t.like(await upload(hours), { waits: [], sent: 1, error: hours });
  const down = new AirgapError('REGISTRY_FAILED', {
    registry: 'tokens.test',
    request: 'GET /token',
    detail: 'HTTP 503',
    seconds: 7200,
  });
  t.like(await upload(down), { waits: [], sent: 1, error: down });
  const soon = new AirgapError('REGISTRY_LIMIT', { registry: 'tokens.test', seconds: 1 });
  t.like(await upload(soon), { waits: ['too many requests'], sent: 1 });
});

const place = { location: new URL('http://registry.test/upload'), offset: 0, leastBytes: undefined };

/** A limit that lets everything through at once, and tells what was asked of it. */
function freeLimit(bytesPerSecond: number, told: (bytes: number) => void): RateLimit {
  return { bytesPerSecond, take: async (bytes) => told(bytes) };
}

/** A registry that takes every upload; `during` happens while a request is open. */
function takingAll(during: () => Promise<void>): PushRepository {
  const sizes = new Map<string, number>();
  // Only what an upload asks for.
  return {
    name: 'plant/app',
    registry: { host: 'registry.test' },
    blobBytes: async (digest: string) => sizes.get(digest),
    begin: async () => place,
    send: async ({ path, body }: { path: URL; body: () => Readable | Buffer }) => {
      await during();
      const made = body();
      const got = made instanceof Readable ? await buffer(made) : made;
      sizes.set(path.searchParams.get('digest') ?? '', got.byteLength);
      return { url: path, status: 201, headers: {}, body: Readable.from([]) };
    },
  } as unknown as PushRepository;
}

test('starved-upload: slices are no more than a second of the limit, and the first is paid for before the request', async (t) => {
  const blob = Buffer.alloc(105, 'x');
  const upload = async (bytesPerSecond: number): Promise<readonly (number | string)[]> => {
    const log: (number | string)[] = [];
    await uploadBlob({
      repository: takingAll(async () => void log.push('request')),
      blob: { digest: digestOf(blob), size: blob.byteLength, open: async () => Readable.from([blob]) },
      kept: { take: nothing, keep: nothing, forget: nothing },
      limit: freeLimit(bytesPerSecond, (bytes) => log.push(bytes)),
      onBytes: () => undefined,
      onWait: () => undefined,
    });
    return log;
  };
  t.deepEqual(await upload(50), [50, 'request', 50, 5]);
  t.deepEqual(await upload(1_000_000), [105, 'request']);
});

test('starved-upload: under a low limit fewer uploads share it', async (t) => {
  const mostOpen = async (limit: RateLimit | undefined): Promise<number> => {
    let open = 0;
    let most = 0;
    const repository = takingAll(async () => {
      open += 1;
      most = Math.max(most, open);
      // For all that come along with it.
      for (let turns = 0; turns < 50; turns += 1) await turn();
      open -= 1;
    });
    const tasks = Array.from({ length: 12 }, (_none, at): BlobTask => {
      const raw = Buffer.from(`config ${at}`);
      const image = { imageId: digestOf(raw), rawConfig: async () => raw, layers: [] };
      const size = { kind: 'exact', bytes: raw.byteLength };
      return { image, size, places: [{ repository }] } as unknown as BlobTask;
    });
    const options = {
      registry: 'registry.test',
      memory: { uploads: { take: nothing, keep: nothing, forget: nothing } },
      limit,
      emit: () => undefined,
      onWait: () => undefined,
      onBytes: () => undefined,
      signal: new AbortController().signal,
    } as unknown as BringOptions;
    await bringBlobs(tasks, options);
    return most;
  };
  t.is(await mostOpen(undefined), 6);
  t.is(await mostOpen(freeLimit(1_000_000, () => undefined)), 6);
  t.is(await mostOpen(freeLimit(64_000, () => undefined)), 3);
  t.is(await mostOpen(freeLimit(2_000, () => undefined)), 1);
});
