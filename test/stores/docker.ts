// The docker store over this system's own dockerd, and over engines that are not there.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import anyTest from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { formatReference } from '../../src/oci/reference.js';
import { readAll, storeContract } from '../contract/store.js';
import { type DockerUnderTest, withDockerStore } from '../helpers/docker-store.js';
import { dockerLegacy, testImage, testImages, testLayer, testSeed } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { needsOf, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20'));
const rig = shareRig({ test, hosts: [] });

const withStore = async (
  fn: (made: DockerUnderTest) => Promise<void>,
  cacheDirectory?: string,
): Promise<void> =>
  await withDockerStore(
    { dockerHost: rig.near.dockerHost, ...(cacheDirectory === undefined ? {} : { cacheDirectory }) },
    fn,
  );

storeContract({
  test,
  title: 'docker',
  kind: 'docker-daemon, graphdriver',
  with: (images, fn) =>
    withStore(async (made) => {
      await made.load(dockerLegacy(images));
      await fn(made);
    }),
});

test.serial('every layer of a save by Docker ≤ 24 is known before its bytes', async (t) => {
  const images = testImages(testSeed());
  await withStore(async ({ store, load }) => {
    await load(dockerLegacy(images));
    const [first, ...others] = await Promise.all(images.map((image) => store.open(image.name)));
    const announced: (string | undefined)[] = [];
    const wanted = new Set(images.flatMap((image) => image.layers.map((layer) => layer.diffId)));
    await first!.readLayers({
      wanted,
      others,
      sink: async ({ diffId, stream }) => {
        announced.push(diffId);
        t.is(digestOf(Buffer.concat(await stream.toArray())) as string, diffId as string);
      },
    });
    t.is(announced.length, wanted.size);
    t.false(announced.includes(undefined));
  });
});

test.serial(
  'an image that was seen before needs no save for its config, in another process too',
  async (t) => {
    const [image] = testImages(testSeed());
    const folder = await mkdtemp(join(tmpdir(), 'airgap-test-'));
    try {
      await withStore(async ({ store, load, commands }) => {
        await load(dockerLegacy([image]));
        t.is(digestOf(await (await store.open(image.name)).rawConfig()), image.imageId);
        t.is(commands.filter((argv) => argv.includes('save')).length, 1);
      }, folder);
      await withStore(async ({ store, commands }) => {
        const opened = await store.open(image.name);
        t.is(digestOf(await opened.rawConfig()), image.imageId);
        t.is(opened.config.history[0]?.created_by, 'COPY 0 /');
        t.is(commands.filter((argv) => argv.includes('save')).length, 0);
      }, folder);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

test.serial('reading layers brings the configs along: no second save', async (t) => {
  const images = testImages(testSeed());
  await withStore(async ({ store, load, commands }) => {
    await load(dockerLegacy(images));
    const [first, second] = await Promise.all([store.open(images[0].name), store.open(images[1].name)]);
    await readAll(first!, [images[0].layers[2]!.diffId], [second!]);
    t.is(digestOf(await first!.rawConfig()), images[0].imageId);
    t.is(digestOf(await second!.rawConfig()), images[1].imageId);
    t.is(commands.filter((argv) => argv.includes('save')).length, 1);
  });
});

test.serial('an aborted read leaves no docker program running', async (t) => {
  const image = testImage({ name: 'docker.io/plant/large:1', layers: [testLayer(testSeed(), 20_000_000)] });
  await withStore(async ({ store, load, runningCount }) => {
    await load(dockerLegacy([image]));
    const opened = await store.open(image.name);
    const controller = new AbortController();
    await t.throwsAsync(
      opened.readLayers({
        wanted: new Set(opened.config.diffIds),
        others: [],
        signal: controller.signal,
        sink: async ({ stream }) => {
          stream.once('data', () => controller.abort(new Error('enough')));
          await new Promise((resolve) => stream.once('close', resolve));
        },
      }),
      { message: 'enough' },
    );
    t.is(runningCount(), 0);
  });
});

test.serial('names of airgap itself and untagged images show no such names', async (t) => {
  const [image] = testImages(testSeed());
  await withStore(async ({ store, load, docker }) => {
    await load(dockerLegacy([image]));
    await docker('tag', image.name, 'airgap.local/previous:abc');
    const row = (await store.list()).find((one) => one.imageId === image.imageId);
    t.deepEqual(row?.references.map(formatReference), [image.name]);
    await docker('rmi', image.name);
    const nameless = (await store.list()).find((one) => one.imageId === image.imageId);
    t.is(nameless?.name, image.imageId);
    t.deepEqual(nameless?.references, []);
    t.is((await store.open(nameless!.name)).reference, undefined);
    await docker('rmi', 'airgap.local/previous:abc');
  });
});

test.serial('sizes and history lines are told for each layer before anything is read', async (t) => {
  const [image] = testImages(testSeed());
  await withStore(async ({ store, load }) => {
    await load(dockerLegacy([image]));
    const opened = await store.open(image.name);
    t.true(opened.layers[0]!.estimatedBytes! > 40_000);
    t.true(opened.layers[2]!.estimatedBytes! > 700);
    t.deepEqual(
      opened.config.history.map((entry) => entry.empty_layer === true),
      [false, false, false, true],
    );
    t.is(opened.config.config.Env?.[0], 'PATH=/bin');
  });
});

const codeOf = async (
  t: { throwsAsync(fn: Promise<unknown>): Promise<unknown> },
  promise: Promise<unknown>,
): Promise<string> => {
  const error = await t.throwsAsync(promise);
  return error instanceof AirgapError ? error.code : String(error);
};

const withDocker = needing('docker');

withDocker('an engine that is not there is unreachable', async (t) => {
  await withDockerStore({ dockerHost: 'unix:///nonexistent/docker.sock' }, async ({ store }) => {
    t.is(await codeOf(t, store.list()), 'ENGINE_UNREACHABLE');
    t.is(await codeOf(t, store.open('x')), 'ENGINE_UNREACHABLE');
  });
});

anyTest('a docker program that is not there is missing', async (t) => {
  await withDockerStore({ dockerHost: '', program: 'no-such-docker-program' }, async ({ store }) => {
    t.is(await codeOf(t, store.list()), 'ENGINE_MISSING');
    t.is(await codeOf(t, store.open('x')), 'ENGINE_MISSING');
  });
});

anyTest('a name that is none never reaches the program', async (t) => {
  await withDockerStore(
    { dockerHost: '', program: 'no-such-docker-program' },
    async ({ store, commands }) => {
      for (const name of ['--format=x', '-h', 'UPPER', ''])
        t.is(await codeOf(t, store.open(name)), 'REFERENCE_INVALID');
      t.is(commands.length, 0);
    },
  );
});

anyTest('complaints of the program are told in our codes', async (t) => {
  const says = async (script: string): Promise<string> => {
    const { chmod, writeFile } = await import('node:fs/promises');
    return await withTempDir(async (folder) => {
      const program = join(folder, 'docker');
      await writeFile(program, `#!/bin/sh\n${script}\n`);
      await chmod(program, 0o755);
      let code = '';
      await withDockerStore({ dockerHost: '', program }, async ({ store }) => {
        code = await codeOf(t, store.list());
      });
      return code;
    });
  };
  t.is(
    await says(
      'echo "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock" >&2; exit 1',
    ),
    'ENGINE_DENIED',
  );
  t.is(
    await says(
      'echo "Cannot connect to the Docker daemon at tcp://x:1. Is the docker daemon running?" >&2; exit 1',
    ),
    'ENGINE_UNREACHABLE',
  );
  t.is(await says('echo "something new" >&2; exit 1'), 'ENGINE_ANSWER');
  t.is(await says('exit 127'), 'ENGINE_MISSING');
  t.is(await says('case $2 in ls) echo x;; *) echo "{not json";; esac'), 'ENGINE_ANSWER');
});

test.serial('second-name-hidden: an image with two names is listed under both', async (t) => {
  const images = testImages(testSeed());
  await withStore(async ({ store, load, docker }) => {
    await load(dockerLegacy(images));
    const name = (images[0]?.name ?? '').replace(/^docker\.io\//, '');
    await docker('tag', name, 'second.example/name:9');
    const rows = (await store.list()).filter((row) => row.references.length > 1);
    t.deepEqual(rows.map((row) => row.name).toSorted(), [name, 'second.example/name:9'].toSorted());
    t.is(new Set(rows.map((row) => row.imageId)).size, 1);
    await docker('rmi', 'second.example/name:9');
  });
});
