// What every Store keeps, whatever it reads from. Run by each implementation's own test file.
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ExecutionContext, TestFn } from 'ava';
import { AirgapError, isAirgapError } from '../../src/errors.js';
import type { Image } from '../../src/image/image.js';
import { type DiffId, digestOf } from '../../src/oci/digest.js';
import { formatReference, parseReference } from '../../src/oci/reference.js';
import type { Store } from '../../src/stores/store.js';
import { type TestImage, testImages, testSeed } from '../helpers/images.js';
import { type StoreDifferences, type StoreKindUnderTest, storeDifferences } from './store-differences.js';

export interface ImagesUnderTest {
  open(image: TestImage): Promise<Image>;
  /** What it is called there; its own name when absent. */
  nameOf?(image: TestImage): string;
}

export interface StoreUnderTest {
  readonly store: Store;
  /** As `open` takes it; the image's own name when absent. */
  nameOf?(image: TestImage): string;
}

interface Contract<Made> {
  /** Declares the tests; a stand-in where something is absent. */
  readonly test: TestFn;
  readonly title: string;
  /** Makes a store that holds these images and lends it to fn. */
  with(images: readonly TestImage[], fn: (made: Made) => Promise<void>): Promise<void>;
}

export interface StoreContract extends Contract<StoreUnderTest> {
  readonly kind: StoreKindUnderTest;
}

/** Reads layers to their end and checks them as the spool does: what came, by diffID as announced (or as the digest tells), with counts. */
export async function readAll(
  image: Image,
  wanted: Iterable<DiffId>,
  others: readonly Image[] = [],
): Promise<Map<string, number>> {
  const came = new Map<string, number>();
  await image.readLayers({
    wanted: new Set(wanted),
    others,
    sink: async ({ diffId, uncompressedBytes, stream }) => {
      const { digest, bytes } = await digestOfStream(stream);
      if (diffId !== undefined && diffId !== digest) {
        throw new AirgapError('DIGEST_MISMATCH', { what: 'layer', got: digest, want: diffId });
      }
      if (uncompressedBytes !== undefined && uncompressedBytes !== bytes) {
        throw new AirgapError('SIZE_MISMATCH', { what: 'layer', got: bytes, want: uncompressedBytes });
      }
      came.set(digest, (came.get(digest) ?? 0) + 1);
    },
  });
  return came;
}

export async function digestOfStream(stream: Readable): Promise<{ digest: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    hash.update(chunk);
    bytes += chunk.byteLength;
  }
  return { digest: `sha256:${hash.digest('hex')}`, bytes };
}

type Images = ReturnType<typeof testImages>;
type Declare<Made> = (
  claim: string,
  body: (t: ExecutionContext, made: Made, images: Images) => Promise<void>,
) => void;

const declaring =
  <Made>({ test, title, with: withMade }: Contract<Made>): Declare<Made> =>
  (claim, body) => {
    test.serial(`${title}: ${claim}`, async (t) => {
      const seed = testSeed();
      t.log(`seed ${seed}`);
      const images = testImages(seed);
      await withMade(images, (made) => body(t, made, images));
    });
  };

const diffIds = (image: TestImage): DiffId[] => image.layers.map((layer) => layer.diffId);

/** Declares what every store keeps. */
export function storeContract({ kind, ...contract }: StoreContract): void {
  const { lists, near, manifests, platforms }: StoreDifferences = storeDifferences[kind];
  const declare = declaring(contract);
  const openWith =
    ({ store, nameOf }: StoreUnderTest) =>
    (image: TestImage): Promise<Image> =>
      store.open(nameOf?.(image) ?? image.name);
  imageContract({
    ...contract,
    with: (images, fn) => contract.with(images, (made) => fn({ ...made, open: openWith(made) })),
  });

  declare(
    lists ? 'every image is listed with its names, layers and platform' : 'no images are listed',
    async (t, { store }, images) => {
      const rows = await store.list();
      if (!lists) return void t.deepEqual(rows, []);
      for (const image of images) {
        const row = rows.find((one) => one.references.some((name) => formatReference(name) === image.name));
        t.deepEqual(row?.diffIds, diffIds(image));
        t.is(row?.platform.architecture, image.architecture);
      }
    },
  );

  declare(
    'an unknown image is refused with the names that are near',
    async (t, { store, nameOf }, images) => {
      const known = nameOf?.(images[0]) ?? images[0].name;
      const asked = near === 'images' ? known.replace('bus-info', 'bus-infos') : known.replace(/v1$/, 'v9');
      const error = await t.throwsAsync(store.open(asked));
      t.true(isAirgapError(error, 'IMAGE_UNKNOWN'));
      if (isAirgapError(error, 'IMAGE_UNKNOWN')) {
        t.true(error.facts.near.some((name) => name.includes('plant/bus-info:v1')));
        t.true(error.facts.near.length <= 3);
      }
    },
  );

  declare(
    'a platform that is not there is refused with those that are',
    async (t, { store, nameOf }, images) => {
      const name = nameOf?.(images[0]) ?? images[0].name;
      const error = await t.throwsAsync(
        store.open(name, { platform: { os: 'linux', architecture: 's390x' } }),
      );
      t.true(isAirgapError(error, 'PLATFORM_MISSING'));
      if (isAirgapError(error, 'PLATFORM_MISSING')) t.deepEqual(error.facts.found, ['linux/amd64']);
      const opened = await store.open(name, { platform: { os: 'linux', architecture: 'amd64' } });
      t.is(opened.imageId, images[0].imageId);
    },
  );

  declare(
    `a source's own manifest is ${manifests}, and one name ${platforms === 'several' ? 'may stand for several platforms' : 'stands for one image'}`,
    async (t, made, images) => {
      const image = await openWith(made)(images[0]);
      t.is(image.manifest !== undefined, manifests === 'kept');
      if (platforms === 'several') t.truthy(made.store.openIndex);
      const { openIndex } = made.store;
      const name = made.nameOf?.(images[0]) ?? images[0].name;
      const found = await openIndex?.(name);
      t.deepEqual(
        found?.images.map(({ imageId }) => imageId),
        openIndex === undefined ? undefined : [images[0].imageId],
      );
      if (platforms === 'one') t.is(found?.index, undefined);
    },
  );
}

/** Declares what every image keeps, wherever it was opened. */
export function imageContract(contract: Contract<ImagesUnderTest>): void {
  const declare = declaring(contract);
  const open = (made: ImagesUnderTest, image: TestImage): Promise<Image> => made.open(image);

  declare('an opened image is the one that was put in', async (t, made, images) => {
    for (const image of images) {
      const opened = await open(made, image);
      t.is(opened.imageId, image.imageId);
      t.deepEqual(opened.config.diffIds, diffIds(image));
      t.deepEqual(
        opened.layers.map((layer) => layer.diffId),
        diffIds(image),
      );
      t.deepEqual(opened.config.config.Cmd, ['/bin/sh']);
      t.deepEqual(opened.reference, parseReference(made.nameOf?.(image) ?? image.name));
      t.deepEqual(opened.platform, { os: 'linux', architecture: image.architecture });
      const raw = await opened.rawConfig();
      t.is(digestOf(raw), image.imageId);
      t.deepEqual(await opened.rawConfig(), raw);
    }
  });

  declare('layers of several images come once each in one pass, byte for byte', async (t, made, images) => {
    const [first, second, third] = await Promise.all(images.map((image) => open(made, image)));
    const wanted = new Set(images.flatMap(diffIds));
    t.is(first!.readGroup, second!.readGroup);
    const came = await readAll(first!, wanted, [second!, third!]);
    t.deepEqual([...came.keys()].sort(), [...wanted].sort());
    t.true([...came.values()].every((count) => count === 1));
    t.is(digestOf(await second!.rawConfig()), images[1].imageId);
  });

  declare(
    'layers that are not wanted do not come, and a second pass brings the same',
    async (t, made, images) => {
      const image = await open(made, images[0]);
      const top = images[0].layers[2]!.diffId;
      for (let round = 0; round < 2; round += 1) {
        const came = await readAll(image, [top]);
        t.is(came.get(top), 1);
        t.false(came.has(images[0].layers[0]!.diffId));
      }
      t.is((await readAll(image, [])).size, 0);
    },
  );

  declare(
    'an abort in the middle of a layer ends the pass with its reason, and the store goes on',
    async (t, made, images) => {
      const image = await open(made, images[0]);
      const controller = new AbortController();
      const reason = new Error('enough');
      const reading = image.readLayers({
        wanted: new Set(diffIds(images[0])),
        others: [],
        signal: controller.signal,
        sink: async ({ stream }) => {
          controller.abort(reason);
          for await (const _chunk of stream);
        },
      });
      t.is(await t.throwsAsync(reading), reason);
      t.is((await readAll(image, diffIds(images[0]))).size, 3);
    },
  );

  declare('a sink that fails ends the pass with its error', async (t, made, images) => {
    const image = await open(made, images[0]);
    const failure = new Error('disk full');
    let calls = 0;
    const reading = image.readLayers({
      wanted: new Set(diffIds(images[0])),
      others: [],
      sink: async () => {
        calls += 1;
        throw failure;
      },
    });
    t.is(await t.throwsAsync(reading), failure);
    t.is(calls, 1);
  });

  declare('a layer that no image has is missing, not passed over', async (t, made, images) => {
    const image = await open(made, images[2]);
    const error = await t.throwsAsync(readAll(image, [images[0].layers[0]!.diffId]));
    t.true(isAirgapError(error, 'IMAGE_INCOMPLETE'));
  });
}
