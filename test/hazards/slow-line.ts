// A line that is slow and one that is dead look alike for a while: the first must never be given up, the second always.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import ava, { type ExecutionContext } from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { Far } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import { openHost } from '../../src/hosts/open-host.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { client, withFar } from '../helpers/far-box.js';
import { cut, type FarSegment } from '../helpers/far-image.js';
import { withSshServer } from '../helpers/ssh-server.js';
import { type Link, openLink } from '../rig/link.js';

const test = ava.serial;
const silenceMs = 2500;
const segmentBytes = 3 * 1024 * 1024;
const channels = 4;

async function overLink(
  t: ExecutionContext,
  body: (far: Far, link: Link, segments: readonly FarSegment[]) => Promise<void>,
): Promise<void> {
  await withSshServer({}, async ({ server, connect, env }) => {
    const link = await openLink({ to: { host: '127.0.0.1', port: server.port } });
    const sshOptions = [...(connect.sshOptions ?? []), `HostKeyAlias=[127.0.0.1]:${server.port}`];
    const host = await openHost(
      `demo@127.0.0.1:${link.port}`,
      { ...connect, sshOptions },
      { ask: async () => undefined, env },
    );
    try {
      const timeouts = { silenceMs: 240_000, putSilenceMs: silenceMs };
      const far = await openFar(host, { client, hostName: 'box', timeouts });
      const diffId = parseDiffId(digestOf('slow'), 'test');
      const segments = cut(randomBytes(segmentBytes * channels), diffId, { size: segmentBytes });
      await body(far, link, segments);
    } finally {
      await link.close();
      await host.close();
      t.pass();
    }
  });
}

test('a line so slow that every answer takes longer than the longest silence is not taken for dead', (t) =>
  overLink(t, async (far, link, segments) => {
    link.slow(1_600_000);
    let stored = 0;
    await Promise.all(
      segments.map(async (segment) => {
        const put = await far.openPut();
        put.onStored(() => {
          stored += 1;
        });
        await put.write(segment, 0, segment.body);
        await put.finish();
      }),
    );
    t.is(stored, segments.length);
  }));

test('a line that goes dead in the middle is told', (t) =>
  overLink(t, async (far, link, [segment]) => {
    if (segment === undefined) return t.fail();
    const put = await far.openPut();
    link.blackhole();
    const error = await t.throwsAsync(
      (async () => {
        await put.write(segment, 0, segment.body);
        await put.finish();
      })(),
      { instanceOf: AirgapError },
    );
    t.is(error?.code, 'FAR_SILENT');
  }));

test('a sender that is held back by its own rate limit does not take the far side for silent', (t) =>
  withFar(
    'dash',
    async ({ far }) => {
      const [segment] = cut(randomBytes(200_000), parseDiffId(digestOf('held back'), 'test'));
      if (segment === undefined) return t.fail();
      const put = await far.openPut();
      await put.write(segment, 0, segment.body.subarray(0, 100_000));
      await sleep(silenceMs * 1.5);
      await put.write(segment, 100_000, segment.body.subarray(100_000));
      await put.finish();
      t.true((await far.staged([segment.diffId]))[0]?.whole);
    },
    { far: { timeouts: { silenceMs: 240_000, putSilenceMs: silenceMs } } },
  ));
