// What fails at a place that a registry sends us to is told of that place: storage, an address of its own, who makes its tokens.
import type { RequestListener } from 'node:http';
import test, { type ExecutionContext } from 'ava';
import type { AirgapError, ErrorCode } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { openPushRepository } from '../../src/registry/push-repository.js';
import { uploadBlob } from '../../src/registry/upload.js';
import type { Catalogue } from '../../src/text/catalogue.js';
import { zh } from '../../src/text/zh.js';
import { failureOf, greet, withServer } from '../helpers/played-registry.js';
import { authOf } from '../helpers/registry-site.js';

/** Nothing listens there. */
const gone = 'http://127.0.0.1:1';
const scope = { repository: 'team/app', actions: ['pull'] } as const;
const blob = { method: 'GET', path: '/v2/team/app/blobs/sha256:0', scope } as const;

/** A registry that redirects all that it is asked. */
const leadingTo =
  (origin: string): RequestListener =>
  ({ url }, response) =>
    void response.writeHead(307, { location: `${origin}${url}?key=s3cret` }).end();

function assertPlace(
  t: ExecutionContext,
  error: AirgapError,
  { code, says, place }: { readonly code: ErrorCode; readonly says: string; readonly place: string },
): void {
  t.is(error.code, code, error.message);
  t.true(error.message.startsWith(says), error.message);
  t.true(error.hint?.includes(`Check that this machine reaches ${place}; `), error.hint);
  t.notRegex(`${error.message}${error.hint}`, /airgap login|user and password|s3cret/);
  const { message } = (zh.errors as Catalogue['errors'])[code];
  t.true((message as (facts: object) => string)(error.facts).includes(place));
}

test('blamed-registry: storage that is not there, or refuses, is told as that, and no login is suspected', async (t) => {
  const refuse: RequestListener = (_request, response) => void response.writeHead(403).end();
  await withServer(refuse, async (storage) => {
    for (const [origin, code, failure] of [
      [gone, 'REGISTRY_UNREACHABLE', 'cannot be reached, nothing listens there'],
      [`http://${storage}`, 'REGISTRY_ANSWER', 'answered GET /v2/team/app/blobs/sha256:0 with'],
    ] as const)
      await withServer(leadingTo(origin), async (host) => {
        const files = {
          '.docker/config.json': { auths: { [host]: { auth: authOf({ user: 'me', password: 'right' }) } } },
        };
        const error = await failureOf(host, (registry) => registry.request(blob), { files });
        assertPlace(t, error, {
          code,
          says: `${host} leads on to ${origin}, which ${failure}`,
          place: origin,
        });
      });
  });
  await withServer(leadingTo(gone), async (host) => {
    const says = `${host} leads on to ${gone}, which cannot be reached`;
    assertPlace(t, await greet(host), { code: 'REGISTRY_UNREACHABLE', says, place: gone });
  });
});

test('blamed-registry: an upload that is sent on to another address is told with that address', async (t) => {
  const digest = digestOf(Buffer.alloc(0));
  const statuses = [401, 403, 418];
  for (const status of [...statuses, undefined])
    await withServer(
      (_request, response) => void response.writeHead(status ?? 200).end(),
      async (other) => {
        const place = status === undefined ? gone : `http://${other}`;
        const begin: RequestListener = ({ method }, response) => {
          const location = `${place}/v2/team/app/blobs/uploads/1`;
          response.writeHead(method === 'POST' ? 202 : 404, { location }).end();
        };
        await withServer(begin, async (host) => {
          const error = await failureOf(host, async (registry) => {
            await uploadBlob({
              repository: openPushRepository(registry, 'team/app'),
              blob: { digest, size: 0, open: () => Promise.reject(new Error('nothing to be read')) },
              kept: {
                take: async () => undefined,
                keep: async () => undefined,
                forget: async () => undefined,
              },
              onBytes: () => undefined,
              onWait: () => undefined,
            });
          });
          const code = status === undefined ? 'REGISTRY_UNREACHABLE' : 'REGISTRY_ANSWER';
          assertPlace(t, error, { code, says: `${host} leads on to ${place}, which`, place });
          if (status !== undefined) t.like(error.facts, { detail: `HTTP ${status}` });
        });
      },
    );
});

test('blamed-registry: a token server that is not there is told as whose it is', async (t) => {
  const tokens = new URL(gone).host;
  const challenge = { 'www-authenticate': `Bearer realm="${gone}/token",service="x"` };
  await withServer(
    (_request, response) => void response.writeHead(401, challenge).end(),
    async (host) => {
      const says = `${host}’s token server ${tokens} cannot be reached, nothing listens there`;
      assertPlace(t, await greet(host), { code: 'REGISTRY_UNREACHABLE', says, place: tokens });
    },
  );
});
