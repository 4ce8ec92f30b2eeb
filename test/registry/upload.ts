// What an upload makes of failures that come from beside the registry, such as its token server's.
import { Readable } from 'node:stream';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import type { PushRepository } from '../../src/registry/push-repository.js';
import { uploadBlob } from '../../src/registry/upload.js';

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
