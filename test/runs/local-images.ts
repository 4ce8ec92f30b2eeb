import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { parseReference } from '../../src/oci/reference.js';
import { inspectImage, listAnyImages, listImages } from '../../src/runs/local-images.js';
import type { Store } from '../../src/stores/store.js';
import { sampleImage, sampleSummaries } from '../helpers/samples.js';

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

test('also-in-itself: an image asked for by name, ID or digest is never told as another that shares its layers', (t) => {
  const [row] = sampleSummaries();
  const image = sampleImage();
  if (row === undefined) return t.fail('there are samples');
  const [diffId] = row.diffIds;
  if (diffId === undefined) return t.fail('it has a layer');
  const index = digestOf('an index');
  const names = ['nginx:1.27', 'nginx:latest'];
  const references = names.map((name) => parseReference(name));
  // A containerd store: a row for each name, all with the digest of the index.
  const rows = names.map((name) => ({ ...row, name, references, imageId: index }));
  const other = { ...row, name: 'other:1', references: [parseReference('other:1')] };
  const nameless = { ...row, name: index, references: [], imageId: index };
  const opened = { ...image, layers: [{ diffId, codec: 'gzip' as const }] };
  const sharers = (source: string, reference = image.reference, all = [...rows, other]): readonly string[] =>
    inspectImage({ ...opened, source, reference }, all).layers.flatMap(({ sharedWith }) => sharedWith);
  t.deepEqual(sharers('docker-daemon:nginx:1.27'), ['other:1']);
  for (const id of [index, index.slice(7), index.slice(7, 19), index.slice(0, 20)])
    t.deepEqual(sharers(`docker-daemon:${id}`), ['other:1'], id);
  const digest = parseReference(`nginx@${index}`);
  t.deepEqual(sharers(`docker-daemon:nginx@${index}`, digest), ['other:1']);
  t.deepEqual(sharers(`docker-daemon:${index.slice(7, 19)}`, undefined, [nameless, other]), ['other:1']);
  // Another place may have another image of that name.
  t.deepEqual(sharers('oci:folder:nginx:1.27'), [...names, 'other:1']);
});
