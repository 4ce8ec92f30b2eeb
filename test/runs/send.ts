import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import type { EventBody } from '../../src/events.js';
import { digestOf } from '../../src/oci/digest.js';
import type { SendParts } from '../../src/runs/prepare-host.js';
import type { RunContext } from '../../src/runs/run.js';
import { send } from '../../src/runs/send.js';
import { type SendHostOptions, sendToHost } from '../../src/runs/send-host.js';
import { withTempDir } from '../helpers/tmp.js';

function createContext() {
  const events: EventBody[] = [];
  const context: RunContext = {
    runId: 'run',
    signal: new AbortController().signal,
    emit: (event) => events.push(event),
    ask: async () => undefined,
  };
  return { events, context };
}

/** Images are what their source's first letter says; there is no host. */
function createParts(stateDirectory: string, spool: object): SendParts {
  return {
    environment: { env: {}, cacheDirectory: stateDirectory, stateDirectory },
    checkSource: () => undefined,
    openImage: async (source: string) => ({
      source,
      imageId: digestOf(source.slice(0, 1)),
      reference: { registry: 'docker.io', repository: 'library/x', tag: source.slice(2) },
      layers: [],
    }),
    openSpool: async () => ({ close: async () => undefined, need: async () => undefined, ...spool }),
    openHost: async () => {
      throw new AirgapError('HOST_UNKNOWN', { host: 'box', address: 'box' });
    },
  } as unknown as SendParts;
}

const image = (source: string, as?: string) => ({ source, ...(as === undefined ? {} : { as }) });
const options = { hosts: ['box'], connect: {} };

test('two different images are never given one name, however it is spelt', async (t) => {
  await withTempDir(async (folder) => {
    const parts = createParts(folder, {});
    const run = (...images: { source: string; as?: string }[]) =>
      send(parts, { ...options, images }, createContext().context);
    const same = { code: 'USAGE', message: 'Two different images would be called x:1 there' };
    await t.throwsAsync(run(image('a:1', 'x:1'), image('b:1', 'docker.io/library/x:1')), same);
    await t.throwsAsync(run(image('a:1'), image('b:1')), same);
    // One image twice, or two names: that is for the host to say.
    await t.throwsAsync(run(image('a:1'), image('a:1'), image('b:2')), { code: 'HOST_UNKNOWN' });
  });
});

test('what stopped a run is not replaced by what the spool says when it is closed', async (t) => {
  await withTempDir(async (folder) => {
    const parts = createParts(folder, {
      close: async () => {
        throw new AirgapError('SPOOL_DAMAGED', { path: folder, problem: 'test' });
      },
    });
    const run = send(parts, { ...options, images: [image('a:1')] }, createContext().context);
    await t.throwsAsync(run, { code: 'HOST_UNKNOWN' });
  });
});

test('a tidying that fails does not take the receipt of what was loaded and named', async (t) => {
  const { events, context } = createContext();
  const lost = new AirgapError('SSH_LOST', { host: 'box', detail: 'cut' });
  const figure = { bytes: 0, kind: 'exact' };
  const receipt = await sendToHost({
    runId: 'run',
    client: 'c0ffee00c0ffee00',
    host: { address: 'box', handedBytes: 7 },
    far: {
      unname: async () => {
        throw lost;
      },
    },
    session: {
      call: { engine: 'docker', sudo: 'no' },
      facts: { storeKind: 'graphdriver' },
      probe: { containers: [] },
    },
    target: {
      engine: { storeKind: 'graphdriver' },
      held: { images: [], tags: new Map([['airgap.local/base:c0ffee00c0ffee00-1', 'x']]), blobs: new Map() },
      staged: [],
    },
    plan: {
      host: 'box',
      images: [],
      totals: { held: figure, send: figure, splice: figure, wire: figure, layerCount: 0 },
    },
    images: new Map(),
    feed: { done: Promise.resolve() },
    channels: 1,
    startedAt: 0,
    emit: context.emit,
    signal: context.signal,
  } as unknown as SendHostOptions);
  t.is(receipt.wireBytes, 7);
  t.like(
    events.find(({ type }) => type === 'warning'),
    { host: 'box', code: 'SSH_LOST' },
  );
});
