// `containerd-container:NAME`, `containerd-container+NAMESPACE:NAME`: a container of containerd as an image, nerdctl's by the name that it gave. Its
// image's layers, read where they are, and one more of what it has written, which lies in a file without a name until the run ends:
// containerd itself is left as it was.
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import type { Image, Layer } from '../image/image.js';
import { digestOf } from '../oci/digest.js';
import { parseConfig } from '../oci/manifest.js';
import { text } from '../text/text.js';
import { checkChanges, committedConfig } from './commit-config.js';
import { type ContainerOptions, containerReference } from './container.js';
import { isStartedAs } from './container-origin.js';
import { kubeletNamespace } from './containerd-cli.js';
import { readWritten, type Written } from './containerd-diff.js';
import { containerWord, findContainer, imageNameOf } from './containerd-find.js';
import { layersOf } from './containerd-running.js';
import { withRange } from './file-bytes.js';
import type { Store } from './store.js';

export interface ContainerdContainerOptions
  extends Pick<ContainerOptions, 'name' | 'commit' | 'cleanUp' | 'signal'> {
  readonly host: Host;
  readonly env: NodeJS.ProcessEnv;
  /** A kubelet's when absent. */
  readonly namespace?: string | undefined;
  /** Of that namespace. */
  readonly store: Store;
  /** Where what the container has written is kept meanwhile. */
  readonly directory: string;
  /** Told what a person should know before it goes. */
  readonly note: (message: string) => void;
}

/** Reads what a container has written, and opens it as an image. @throws {AirgapError} IMAGE_UNKNOWN, IMAGE_INCOMPLETE, ENGINE_*, CACHE_*, USAGE */
export async function openContainerdContainer(options: ContainerdContainerOptions): Promise<Image> {
  const { host, env, namespace = kubeletNamespace, store, name, commit, directory } = options;
  const { signal, cleanUp, note } = options;
  checkChanges(commit.changes);
  const found = await findContainer({ host, env, namespace, name, signal });
  const { cli, id, info } = found;
  const source = containerWord(namespace, name);
  const { noSnapshot, noSnapshotOfDocker, settingsOf } = text().words.spec;
  if (info.SnapshotKey === '')
    throw new AirgapError('USAGE', { problem: (namespace === 'moby' ? noSnapshotOfDocker : noSnapshot)(id) });
  const base = await layersOf({ cli, store, id, info });
  if (!isStartedAs(info, base.image)) note(settingsOf(source, base.name));
  const written = await readWritten({ ...found, host, pauses: commit.pause, directory });
  const called = imageNameOf(found);
  cleanUp.push(() => written.handle.close());
  signal?.throwIfAborted();
  const rawConfig = committedConfig({
    rawConfig: await base.image.rawConfig(),
    diffId: written.diffId,
    created: new Date().toISOString(),
    createdBy: `container ${called}`,
    ...commit,
  });
  return composed({
    base: base.image,
    written,
    rawConfig,
    source,
    reference: containerReference(called),
  });
}

interface Parts {
  readonly base: Image;
  readonly written: Written;
  readonly rawConfig: Uint8Array;
  readonly source: string;
  readonly reference: Image['reference'];
}

/** The image of both. It has no manifest: nobody knows it by one. */
function composed({ base, written, rawConfig, source, reference }: Parts): Image {
  const { handle, diffId, size } = written;
  const own: Layer = { diffId, codec: 'none', uncompressedBytes: size };
  return {
    source,
    reference,
    platform: base.platform,
    imageId: digestOf(rawConfig),
    config: parseConfig(rawConfig, text().parts.config(source)),
    rawConfig: async () => rawConfig,
    layers: [...base.layers, own],
    readGroup: `${source}:${diffId}`,
    async readLayers({ wanted, sink, signal, ...reading }) {
      const below = new Set([...wanted].filter((one) => one !== diffId));
      const stopped = signal === undefined ? {} : { signal };
      if (below.size > 0) await base.readLayers({ ...reading, ...stopped, wanted: below, others: [], sink });
      if (!wanted.has(diffId)) return;
      await withRange(handle, { start: 0, length: size, ...stopped }, async (stream, fill) => {
        await sink({ diffId, uncompressedBytes: size, stream, mayFree: true, fill });
      });
    },
  };
}
