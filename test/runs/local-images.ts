import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { listAnyImages, listImages } from '../../src/runs/local-images.js';
import type { Store } from '../../src/stores/store.js';
import { sampleSummaries } from '../helpers/samples.js';

const store = (transport: string, list: Store['list']): Store => ({
  transport,
  list,
  open: () => Promise.reject(new Error('not asked')),
  close: async () => undefined,
});
const dead = store('docker-daemon', () =>
  Promise.reject(new AirgapError('ENGINE_UNREACHABLE', { engine: 'docker', detail: 'refused' })),
);
const alive = store('other', async () => sampleSummaries());

test('no-store-answers: that is an error, not an empty list', async (t) => {
  await t.throwsAsync(listAnyImages([dead]), { code: 'ENGINE_UNREACHABLE' });
});

test('one store of two that answers is enough, and the other is told', async (t) => {
  for (const list of [await listAnyImages([dead, alive]), await listImages([dead, alive])]) {
    t.is(list.images.length, 2);
    t.is(list.unavailable[0]?.store, 'docker-daemon');
  }
  t.deepEqual((await listImages([dead])).images, []);
});
