// What every place keeps that images are loaded into, as the far program reaches it. Run by each engine's own test file; what may
// differ is in far-differences.ts.
import type { ExecutionContext, SerialFn } from 'ava';
import type { EngineCall, Far, RecipeLine } from '../../src/far/facts.js';
import { type Digest, digestOf, hexOf } from '../../src/oci/digest.js';
import { type FarTestImage, farImage, putAll, randomLayer } from '../helpers/far-image.js';
import { type FarDifferences, type FarKind, farDifferences } from './far-differences.js';

export interface FarEngineUnderTest {
  readonly far: Far;
  readonly call: EngineCall;
  /** Names of images as the engine's own program lists them, airgap's among them, and none that only tell a digest. */
  names(): Promise<readonly string[]>;
  /** All that it has, in its own words. */
  listing(): Promise<string>;
  /** Containers that are there, and notes of processes that are said to run: what must be gone after each call. */
  left(): Promise<readonly string[]>;
}

export interface FarEngineContract {
  /** Serial: one engine serves all. */
  readonly test: SerialFn;
  readonly title: string;
  readonly kind: FarKind;
  /** Lends an engine that holds nothing. */
  with(use: (made: FarEngineUnderTest) => Promise<void>): Promise<void>;
}

const temporary = 'airgap.local/loading:test-1';
const previous = 'airgap.local/previous:test-1';
const base = 'airgap.local/base:test-1';

interface Loading {
  readonly raws: readonly Buffer[];
  /** How many of them the archive leaves out. */
  readonly omit?: number;
  /** The name that it will have. */
  readonly to?: string;
}

/** Declares the contract's tests. */
export function farEngineContract({ test, title, kind, with: withEngine }: FarEngineContract): void {
  const differences: FarDifferences = farDifferences[kind];
  const { storeKind, rules, namesBy, nameless, spelling } = differences;
  const spell = (name: string): string => (spelling === 'full' ? `docker.io/library/${name}` : name);
  const full = (name: string): string => (name.startsWith('registry.') ? name : `docker.io/library/${name}`);
  const declare = (claim: string, body: (t: ExecutionContext, made: Bench) => Promise<void>): void => {
    test(`${title}: ${claim}`, (t) =>
      withEngine(async (made) => {
        await made.far.begin();
        await body(t, { ...made, ...bench(made) });
        t.deepEqual(await made.left(), []);
      }));
  };

  /** What the tests do again and again. */
  const bench = ({ far, call, names }: FarEngineUnderTest) => {
    const play = async (image: FarTestImage): Promise<void> => {
      await putAll(far, image.segments);
      const playing = await far.openPlay(call, temporary);
      for (const line of image.recipe) await playing.line(line);
      await playing.loaded;
    };
    const make = async ({ raws, omit = 0, to = 'app:1' }: Loading): Promise<FarTestImage> => {
      const { index } = namesBy === 'index' ? await far.held(call) : {};
      const name = namesBy === 'engine' ? temporary : full(to);
      const more = index === undefined ? {} : { existingIndex: index };
      return farImage({ storeKind, name, rawLayers: raws, codec: 'zstd', omit, ...more });
    };
    const load = async (loading: Loading): Promise<FarTestImage & { readonly farId: Digest }> => {
      const image = await make(loading);
      await play(image);
      return { ...image, farId: (rules.id === 'manifest' ? image.manifest : undefined) ?? image.imageId };
    };
    const name = (to: string, noClobber = false): Promise<string | undefined> =>
      far.name(call, { from: temporary, to: spell(to), previous, noClobber });
    return {
      play,
      make,
      load,
      name,
      /** Loads an image and gives it this name, and lets go of ours. */
      async put(to: string, raws: readonly Buffer[]): Promise<FarTestImage & { readonly farId: Digest }> {
        const image = await load({ raws, to });
        await name(to);
        await far.unname(call, [temporary]);
        return image;
      },
      /** Where the name leads, by what the far side tells. */
      async idOf(to: string): Promise<string | undefined> {
        return (await far.held(call)).tags.get(to);
      },
      /** Names that are not ours. */
      theirs: async () => (await names()).filter((one) => !one.startsWith('airgap.local/')),
    };
  };
  type Bench = FarEngineUnderTest & ReturnType<typeof bench>;

  declare(
    'a probe tells that it is up, where it keeps images and how much room is there',
    async (t, made) => {
      const probe = await made.far.probe(made.call);
      t.is(probe.engine.state, 'up', JSON.stringify(probe.engine));
      t.is(probe.sudo, 'none');
      t.true((probe.free.get(probe.engineRoot ?? '') ?? 0) > 1_000_000, probe.engineRoot);
      const held = await made.far.held(made.call);
      t.deepEqual([held.images, [...held.tags]], [[], []]);
      t.deepEqual(await made.names(), []);
    },
  );

  declare(
    'an image is loaded under our name, proved, and named; the next one takes the name',
    async (t, made) => {
      const { far, call } = made;
      const bottom = randomLayer(500_000, 'base');
      const first = await made.load({ raws: [bottom, randomLayer(10, 'one')] });
      t.like(await far.verify(call, temporary, { create: true }), {
        farId: first.farId,
        diffIds: namesBy === 'index' ? undefined : first.diffIds,
        created: rules.isEngine,
      });
      t.deepEqual(await made.left(), [], 'no container is left');
      t.deepEqual(await made.theirs(), [], 'nobody sees it under its name before that');
      t.is(await made.name('app:1'), undefined);
      await far.unname(call, [temporary, 'airgap.local/loading:never-was']);
      t.deepEqual(await made.names(), [spell('app:1')]);

      const second = await made.load({ raws: [bottom, randomLayer(10, 'two')] });
      t.is(await made.name('app:1'), namesBy === 'index' ? undefined : first.farId);
      // An archive has moved to its place.
      if (namesBy === 'engine') t.is(await made.name('app:1'), undefined, 'again changes nothing');
      if (namesBy !== 'index') {
        t.is(await made.idOf('app:1'), second.farId);
        t.is(await made.idOf(previous), namesBy === 'archive' ? undefined : first.farId);
      }
      await far.unname(call, [temporary, previous]);
      t.deepEqual(await made.names(), [spell('app:1')]);
      t.is(await far.verify(call, previous, { create: false }), undefined);
    },
  );

  declare('what it holds is told with layers and names', async (t, made) => {
    const image = await made.put('app:1', [randomLayer(4000, 'a'), randomLayer(5000, 'b')]);
    const held = await made.far.held(made.call);
    if (namesBy === 'index') {
      for (const diffId of image.diffIds) t.true(held.blobs.has(diffId));
      t.true(held.blobs.has(image.farId));
      return;
    }
    t.deepEqual([...held.tags], [['app:1', image.farId]]);
    t.deepEqual(
      held.images.map(({ farId, diffIds }) => [farId, diffIds]),
      [[image.farId, image.diffIds]],
    );
  });

  if (namesBy !== 'index') {
    declare('a name of a registry is kept as it is', async (t, made) => {
      const { far, call } = made;
      const to = 'registry.lan:5000/x:1';
      const first = await made.load({ raws: [randomLayer(5000, 'one')], to });
      await far.name(call, { from: temporary, to, previous });
      const second = await made.load({ raws: [randomLayer(6000, 'two')], to });
      t.is(await far.name(call, { from: temporary, to, previous }), first.farId);
      await far.revert(call, { name: to, farId: second.farId, previous });
      t.is(await made.idOf(to), first.farId);
      await far.unname(call, [temporary, previous]);
      t.deepEqual(await made.names(), [to]);
    });

    declare('a name that somebody has is not taken where that is not wanted', async (t, made) => {
      const old = await made.put('app:1', [randomLayer(1000, 'old')]);
      await made.load({ raws: [randomLayer(1000, 'new')] });
      t.like(await t.throwsAsync(made.name('app:1', true)), {
        code: 'NAME_TAKEN',
        facts: { name: spell('app:1') },
      });
      t.is(await made.idOf('app:1'), old.farId);
    });

    declare('a name is taken back to what it was, and only if it is still ours', async (t, made) => {
      const { far, call } = made;
      const old = await made.put('app:1', [randomLayer(1000, 'old')]);
      const ours = await made.load({ raws: [randomLayer(1000, 'new')] });
      t.is(await made.name('app:1'), old.farId);
      const name = spell('app:1');
      await far.revert(call, { name, farId: old.farId, previous });
      t.is(await made.idOf('app:1'), ours.farId, 'it is not that image: nothing is done');
      await far.revert(call, { name, farId: ours.farId, previous });
      t.is(await made.idOf('app:1'), old.farId);
      await far.revert(call, { name: spell('never:1'), farId: ours.farId, previous });
      await far.unname(call, [temporary, previous]);
      t.deepEqual(await made.names(), [name]);
    });

    declare(`an image whose only name is taken back ${nameless}`, async (t, made) => {
      const { far, call } = made;
      const image = await made.put('fresh:1', [randomLayer(1000, 'fresh')]);
      await far.revert(call, { name: spell('fresh:1'), farId: image.farId, previous: undefined });
      t.deepEqual(await made.names(), []);
      const { images } = await far.held(call);
      t.is(
        images.some(({ farId }) => farId === image.farId),
        nameless !== 'goes',
      );
    });
  }

  if (rules.isEngine)
    declare(
      `what is held by a name of ours is there as long as that, and without one ${nameless}`,
      async (t, made) => {
        const { far, call } = made;
        const old = await made.put('app:1', [randomLayer(1000, 'old')]);
        await made.load({ raws: [randomLayer(1000, 'new')] });
        await made.name('app:1');
        await far.hold(call, old.farId, base);
        await far.unname(call, [temporary, previous]);
        t.is(await made.idOf(base), old.farId);
        await far.unname(call, [base]);
        const { images, tags } = await far.held(call);
        t.is(
          images.some(({ farId }) => farId === old.farId),
          nameless !== 'goes',
        );
        t.deepEqual([...tags.keys()], ['app:1']);
      },
    );

  declare('a load that is given up leaves everything as it was', async (t, made) => {
    const { far, call } = made;
    await made.put('app:1', [randomLayer(1000, 'kept')]);
    const seen = async () => [await made.names(), (await far.held(call)).images, await made.listing()];
    const before = await seen();
    const image = await made.make({ raws: [randomLayer(3_000_000)] });
    await putAll(far, image.segments);
    const play = await far.openPlay(call, temporary);
    for (const line of image.recipe.slice(0, 3)) await play.line(line);
    await play.abort();
    await t.throwsAsync(play.loaded, { code: 'CANCELLED' });
    t.deepEqual(await seen(), before);
  });

  declare('an archive that lacks a layer is refused, and leaves no name', async (t, made) => {
    const { far, call } = made;
    const image = await made.make({ raws: [randomLayer(1000, 'a'), randomLayer(1000, 'b')], omit: 1 });
    if (differences.lackFoundBy === 'load') {
      t.like(await t.throwsAsync(made.play(image)), { code: 'LOAD_REJECTED', facts: { image: temporary } });
    } else {
      await made.play(image);
      const blobs = image.diffIds.slice(0, 1);
      const found = await far.verify(call, temporary, { create: false, blobs });
      // What has to be brought whole is nothing without it; what may lean on others is damaged.
      if (rules.finds === 'image') t.is(found, undefined);
      else t.deepEqual(found?.damaged, blobs);
      await far.unname(call, [temporary]);
    }
    t.deepEqual(await made.names(), []);
    t.deepEqual((await far.held(call)).images, []);
  });

  if (rules.finds !== 'image')
    declare('a layer that it holds can be left out of the next archive', async (t, made) => {
      const { far, call } = made;
      const bottom = randomLayer(300_000, 'base');
      await made.put('app:1', [bottom, randomLayer(10, 'one')]);
      const next = await made.load({ raws: [bottom, randomLayer(10, 'two')], omit: 1 });
      const found = await far.verify(call, temporary, { create: true, blobs: next.diffIds.slice(0, 1) });
      t.like(found, { farId: next.farId, created: rules.isEngine });
      if (namesBy !== 'index') t.deepEqual(found?.diffIds, next.diffIds);
      await made.name('app:1');
      await far.unname(call, [temporary, previous]);
      t.deepEqual(await made.names(), [spell('app:1')]);
    });

  if (differences.givesBack)
    declare('layers come out of its own save and go in again', async (t, made) => {
      const { far, call } = made;
      const bottom = randomLayer(700_000, 'base');
      const { farId, diffIds } = await made.load({ raws: [bottom, randomLayer(5, 'top')] });
      const manifest = JSON.parse(Buffer.from(await far.unpack(call, farId)).toString());
      const paths: string[] = manifest[0].Layers;
      const measured = await far.measure(farId, paths);
      t.deepEqual(
        measured.map(({ diffId, codec }) => [diffId, codec]),
        diffIds.map((diffId) => [diffId, 'none']),
      );
      t.is(measured[0]?.rawBytes, bottom.byteLength);
      const next = await made.make({ raws: [bottom, randomLayer(5, 'other')] });
      const splice: RecipeLine = {
        op: 'splice',
        hex: hexOf(farId),
        path: paths[0] ?? '',
        codec: 'none',
      };
      await made.play({
        ...next,
        segments: next.segments.toSpliced(1, 1),
        recipe: next.recipe.toSpliced(1, 1, splice),
      });
      t.like(await far.verify(call, temporary, { create: true }), { diffIds: next.diffIds, created: true });
    });
  else
    declare('nothing is asked back of it', async (t, made) => {
      await t.throwsAsync(made.far.unpack(made.call, digestOf('')));
    });
}
