// `containerd-container:NAME`, `containerd-container+NAMESPACE:NAME`: a container of containerd as an image, nerdctl's by the name that it gave. Its
// image's layers, read where they are, and one more of what it has written, which lies in a file without a name until the run ends:
// containerd itself is left as it was.
import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import type { Image, Layer } from '../image/image.js';
import { type DiffId, digestOf, parseDiffId } from '../oci/digest.js';
import { parseConfig } from '../oci/manifest.js';
import { writeAt } from '../streams/file-at.js';
import { makeFolder } from '../streams/make-folder.js';
import { thisOwner } from '../streams/owner.js';
import { text } from '../text/text.js';
import { cacheError } from './cache-errors.js';
import { checkChanges, committedConfig } from './commit-config.js';
import { type ContainerOptions, containerReference } from './container.js';
import { kubeletNamespace } from './containerd-cli.js';
import { containerWord, type FoundContainer, findContainer, ownName } from './containerd-find.js';
import { layersOf, taskStates } from './containerd-running.js';
import { createDockerCli } from './docker-cli.js';
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
  if (info.SnapshotKey === '') throw new AirgapError('USAGE', { problem: text().words.spec.noSnapshot(id) });
  const base = await layersOf({ cli, store, id, info });
  note(text().words.spec.settingsOf(source, base.name));
  const written = await readWritten({ ...found, host, pauses: commit.pause, directory });
  // All of an ID would be one of an image.
  const called = ownName(info) ?? id.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
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

interface Written {
  readonly handle: FileHandle;
  readonly diffId: DiffId;
  readonly size: number;
}

// One program, so that a container never stays paused: whatever ends airgap, this goes on until the container does.
const diffScript = `trap '' HUP INT TERM
id=$1 pauses=$2 snapshotter=$3 key=$4
shift 4
if [ "$pauses" = yes ]; then "$@" tasks pause "$id" || exit; fi
"$@" snapshots --snapshotter "$snapshotter" diff --media-type application/vnd.oci.image.layer.v1.tar "$key"
status=$?
[ "$pauses" != yes ] || "$@" tasks resume "$id" || exit
exit $status`;

/** The layer of what a container has written, in a file that nothing names any more. */
async function readWritten({
  host,
  cli,
  id,
  info,
  pauses,
  directory,
}: FoundContainer &
  Pick<ContainerdContainerOptions, 'host' | 'directory'> & { readonly pauses: boolean }): Promise<Written> {
  const isRunning = pauses && (await taskStates(cli)).get(id) === 'RUNNING';
  const onDisk = async (error: unknown): Promise<never> => {
    throw await cacheError(error, directory, 0);
  };
  await makeFolder(directory).catch(onDisk);
  const file = path.join(directory, `container-${thisOwner().token}-${digestOf(id).slice(-12)}`);
  const handle = await open(file, 'wx+', 0o600).catch(onDisk);
  try {
    await rm(file).catch(onDisk);
    const hash = createHash('sha256');
    let size = 0;
    const take = async (stdout: Readable): Promise<'done'> => {
      for await (const chunk of stdout as AsyncIterable<Buffer>) {
        hash.update(chunk);
        await writeAt(handle, size, chunk).catch(onDisk);
        size += chunk.byteLength;
      }
      return 'done';
    };
    const settings = [id, isRunning ? 'yes' : 'no', info.Snapshotter || 'overlayfs', info.SnapshotKey];
    // Never aborted: see the script.
    await createDockerCli(host, 'sh', 'containerd')
      .stream(['-c', diffScript, 'sh', ...settings, ...cli.words], take)
      .catch((error: unknown) => {
        if (!isAirgapError(error, 'ENGINE_ANSWER')) throw error;
        const { engine, detail } = error.facts;
        throw new AirgapError(
          'ENGINE_ANSWER',
          { engine, command: 'ctr snapshots diff', detail },
          { cause: error },
        );
      });
    return { handle, size, diffId: parseDiffId(`sha256:${hash.digest('hex')}`, id) };
  } catch (error) {
    await handle.close();
    throw error;
  }
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
