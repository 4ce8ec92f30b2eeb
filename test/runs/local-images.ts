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

test('every engine that answers is listed; one that is not here is told only where docker is meant', async (t) => {
  const missing = store('containers-storage', () =>
    Promise.reject(new AirgapError('ENGINE_MISSING', { engine: 'podman' })),
  );
  const none = store('docker-daemon', () =>
    Promise.reject(new AirgapError('ENGINE_MISSING', { engine: 'docker' })),
  );
  const both = await listAnyImages([alive], [alive, missing]);
  t.deepEqual([both.images.length, both.unavailable], [4, []]);
  const other = await listAnyImages([none], [alive, missing]);
  t.deepEqual([other.images.length, other.unavailable], [2, []]);
  // Docker that is here and down is told, whoever else answers.
  t.is((await listAnyImages([dead], [alive])).unavailable[0]?.store, 'docker-daemon');
  await t.throwsAsync(listAnyImages([none], [missing]), { code: 'ENGINE_MISSING' });
});
