// Saves of every kind, good and bad, played by a program that stands in for docker: no engine needed.
import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { digestOf } from '../../src/oci/digest.js';
import { readAll } from '../contract/store.js';
import { type DockerUnderTest, withDockerStore } from '../helpers/docker-store.js';
import * as images from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

interface Played {
  readonly id: string;
  readonly image: images.TestImage;
  readonly save: Buffer;
  readonly isContainerd?: boolean;
  /** Shell behind the save's bytes. */
  readonly after?: string;
}

const [image, second] = images.testImages('played');
const size = (layer: images.TestLayer): number => layer.tar.byteLength;

async function withPlayed(played: Played, fn: (made: DockerUnderTest) => Promise<void>): Promise<void> {
  await withTempDir(async (folder) => {
    const inspected = {
      Id: played.id,
      RepoTags: [played.image.name],
      Os: 'linux',
      Architecture: played.image.architecture,
      RootFS: { Layers: played.image.layers.map((layer) => layer.diffId) },
      Size: played.image.layers.map(size).reduce((a, b) => a + b),
      Config: { Cmd: ['/bin/sh'] },
    };
    await writeFile(join(folder, 'inspect'), JSON.stringify(inspected));
    await writeFile(join(folder, 'save'), played.save);
    const driver = played.isContainerd === true ? '[["driver-type","io.containerd.snapshotter.v1"]]' : '[]';
    const program = join(folder, 'docker');
    const script = `#!/bin/sh
case "$1 $2" in
  'image inspect') cat '${folder}/inspect' ;;
  'image save') cat '${folder}/save'; ${played.after ?? ':'} ;;
  'info --format') printf 'overlay2\\t/var/lib/none\\t%s\\n' '${driver}' ;;
esac
`;
    await writeFile(program, script);
    await chmod(program, 0o755);
    await withDockerStore({ dockerHost: '', program }, fn);
  });
}

const codeOf = async (promise: Promise<unknown>): Promise<string> => {
  try {
    await promise;
    return 'fine';
  } catch (error) {
    return error instanceof AirgapError ? error.code : String(error);
  }
};

const graphdriver = (save: Buffer, after?: string): Played => ({
  id: image.imageId,
  image,
  save,
  ...(after === undefined ? {} : { after }),
});

test('layers that no v1 ID proves come unannounced, and are all there by their digests', async (t) => {
  await withPlayed(graphdriver(images.dockerLegacy([image])), async ({ store }) => {
    const opened = await store.open(image.name);
    const announced: (string | undefined)[] = [];
    const came: string[] = [];
    await opened.readLayers({
      wanted: new Set(opened.config.diffIds),
      others: [],
      sink: async ({ diffId, uncompressedBytes, stream }) => {
        const bytes = Buffer.concat(await stream.toArray());
        announced.push(diffId);
        t.is(uncompressedBytes, bytes.byteLength);
        came.push(digestOf(bytes));
      },
    });
    t.deepEqual(announced, [undefined, undefined, undefined]);
    t.deepEqual(came.sort(), [...opened.config.diffIds].sort() as string[]);
  });
});

test('a save by podman behind the name docker is read', async (t) => {
  const played = { ...graphdriver(images.podmanSave([image])), id: image.imageId.slice('sha256:'.length) };
  await withPlayed(played, async ({ store }) => {
    const opened = await store.open(image.name);
    t.is(opened.imageId, image.imageId);
    t.is((await readAll(opened, opened.config.diffIds)).size, 3);
    t.is(digestOf(await opened.rawConfig()), image.imageId);
  });
});

test('a save without a wanted layer, or without the config, makes the image incomplete', async (t) => {
  await withPlayed(graphdriver(images.dockerHybrid([second])), async ({ store }) => {
    const opened = await store.open(image.name);
    t.is(await codeOf(readAll(opened, opened.config.diffIds)), 'IMAGE_INCOMPLETE');
    t.is(await codeOf(opened.rawConfig()), 'IMAGE_INCOMPLETE');
  });
});

test('a config that is not what its name says is refused', async (t) => {
  const text = images
    .dockerLegacy([image])
    .toString('latin1')
    .replace('2026-01-02T03:04:05Z', '2027-01-02T03:04:05Z');
  await withPlayed(graphdriver(Buffer.from(text, 'latin1')), async ({ store }) => {
    const opened = await store.open(image.name);
    t.is(await codeOf(opened.rawConfig()), 'DIGEST_MISMATCH');
  });
});

test('a save that is cut says what the program says, or that the source is gone', async (t) => {
  const cut = images.dockerLegacy([image]).subarray(0, 20_000);
  const read = async (after: string): Promise<string> => {
    let code = '';
    await withPlayed(graphdriver(cut, after), async ({ store }) => {
      const opened = await store.open(image.name);
      code = await codeOf(readAll(opened, opened.config.diffIds));
    });
    return code;
  };
  t.is(await read(':'), 'SOURCE_GONE');
  t.is(
    await read(
      'echo "Cannot connect to the Docker daemon at unix:///x. Is the docker daemon running?" >&2; exit 1',
    ),
    'ENGINE_UNREACHABLE',
  );
  t.is(await read('echo "Error response from daemon: No such image: x" >&2; exit 1'), 'IMAGE_UNKNOWN');
  t.is(await read('echo "unexpected EOF" >&2; exit 1'), 'ENGINE_ANSWER');
});

test('a containerd store tells the config only in a save, and every step of it is checked', async (t) => {
  const files = images.ociFiles([image], { codec: 'gzip' });
  const index = JSON.parse(files.get('index.json')!.toString()) as { manifests: [{ digest: string }] };
  const id = index.manifests[0].digest;
  const played = { id, image, save: images.tarOfFiles(files), isContainerd: true };
  await withPlayed(played, async ({ store, commands }) => {
    const opened = await store.open(image.name);
    t.is(opened.imageId, image.imageId);
    t.is(opened.manifest?.descriptor.digest as string, id);
    t.is((await readAll(opened, opened.config.diffIds)).size, 3);
    t.is(commands.filter((argv) => argv.includes('save')).length, 2);
  });
  const [layerFile] = [...files.keys()].filter((name) =>
    files
      .get(name)!
      .subarray(0, 2)
      .equals(Buffer.from([0x1f, 0x8b])),
  );
  const lost = new Map(files);
  lost.delete(layerFile!);
  await withPlayed({ ...played, save: images.tarOfFiles(lost) }, async ({ store }) => {
    t.is(await codeOf(store.open(image.name)), 'IMAGE_INCOMPLETE');
  });
  const changed = new Map(files).set(`blobs/sha256/${image.imageId.slice(7)}`, Buffer.from('{}'));
  await withPlayed({ ...played, save: images.tarOfFiles(changed) }, async ({ store }) => {
    t.is(await codeOf(store.open(image.name)), 'SIZE_MISMATCH');
  });
});

test('pull-by-id: whatever finds that a platform is missing names the image to pull, not the ID that was asked for', async (t) => {
  const files = images.ociFiles([image], { codec: 'gzip' });
  const index = JSON.parse(files.get('index.json')!.toString()) as { manifests: [{ digest: string }] };
  const id = index.manifests[0].digest;
  const played = { id, image, save: images.tarOfFiles(files), isContainerd: true };
  const refuses =
    'case "$*" in *--platform*) echo "unknown flag: --platform" ;; *) echo "content: not found" ;; esac >&2; exit 1';
  // What the save holds is another, and there is no save at all.
  for (const one of [played, { ...played, save: Buffer.alloc(0), after: refuses }]) {
    await withPlayed(one, async ({ store }) => {
      const platform = { os: 'linux', architecture: 's390x' };
      const error = await t.throwsAsync(store.open(id, { platform }));
      if (!(error instanceof AirgapError) || error.code !== 'PLATFORM_MISSING') return t.fail(String(error));
      const { pull, wanted } = error.facts as { pull?: string; wanted: string };
      const name = image.name.replace(/^docker\.io\/(?:library\/)?/, '');
      t.is(pull?.replace(/^.*\/(?=docker )/, ''), `docker pull --platform ${wanted} ${name}`);
    });
  }
});

test('a hostile save is refused like a hostile archive', async (t) => {
  const { tarOf } = await import('../helpers/tar-bytes.js');
  await withPlayed(graphdriver(tarOf([{ path: '../x', content: 'y' }])), async ({ store }) => {
    const opened = await store.open(image.name);
    t.is(await codeOf(opened.rawConfig()), 'ARCHIVE_HOSTILE');
  });
});
