// What runs on a containerd of this machine, as images: the ones that containers were really made from, whatever their names stand for now.
import * as z from 'zod';
import { AirgapError, isAirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { chainIds } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { text } from '../text/text.js';
import { type ContainerInfo, criImageId, isMadeFrom, isPause } from './container-origin.js';
import { containerInfo } from './containerd-find.js';
import type { DockerCli } from './docker-cli.js';
import type { ImageSummary, Store } from './store.js';

/** `ctr snapshots info`: the parent of a container's own snapshot is the image, unpacked. */
const snapshotSchema = z.object({ Parent: z.string().max(200).catch('') });

const limitBytes = 16 * 1024 * 1024;

/** By name, each once. */
export interface RunningImages {
  readonly images: readonly string[];
  /** Those of them that no record names: they are told by name, layers and how their containers were set up. */
  readonly supposed: readonly string[];
}

/**
 * What runs in that namespace.
 * @throws {AirgapError} ENGINE_*; IMAGE_INCOMPLETE; USAGE for a container whose image has no name any more, or cannot be told
 */
export async function runningOfContainerd(cli: DockerCli, store: Store): Promise<RunningImages> {
  // A paused one is in service all the same.
  const running = [...(await taskStates(cli))].flatMap(([id, state]) =>
    /^(?:RUNNING|PAUSED|PAUSING)$/.test(state) ? [id] : [],
  );
  const images = new Set<string>();
  const supposed = new Set<string>();
  let listed: Promise<readonly ImageSummary[]> | undefined;
  const all = async (): Promise<readonly ImageSummary[]> => {
    listed ??= store.list();
    return await listed;
  };
  for (const id of running) {
    const info = await containerInfo(cli, id);
    // docker's own containers name no image here.
    if (info.Image === '') continue;
    const { name } = await originOf({ cli, store, id, info, all });
    images.add(name);
    if (criImageId(info) === undefined && !isPause(info)) supposed.add(name);
  }
  return { images: [...images], supposed: [...supposed] };
}

/** How it is with each container that was started: `RUNNING`, `PAUSED`, `STOPPED`. A container is what may run; what runs is its task, of the same ID. */
export async function taskStates(cli: DockerCli): Promise<ReadonlyMap<string, string>> {
  const tasks = rowsOf(await cli.run(['tasks', 'ls']));
  return new Map(tasks.map(([id = '', , state = '']) => [id, state]));
}

export interface Origin {
  /** As the store calls it. */
  readonly name: string;
  readonly image: Image;
}

/**
 * The image whose layers lie below a container: the one that it was made from, or where its settings were given by hand the one of its
 * name, or another one that has them. @throws {AirgapError} ENGINE_*; IMAGE_INCOMPLETE; USAGE where none has these layers
 */
export async function layersOf(asked: Omit<Asked, 'all'>): Promise<Origin> {
  return await originOf({ ...asked, all: () => asked.store.list(), isByLayers: true });
}

interface Asked {
  readonly cli: DockerCli;
  readonly store: Store;
  readonly id: string;
  readonly info: ContainerInfo;
  all(): Promise<readonly ImageSummary[]>;
  /** Where nothing tells the image for sure, that of the name will do if it has these layers. */
  readonly isByLayers?: boolean;
}

/** The name it was made with, or where that stands for another image since, another one of its own. */
async function originOf({ cli, store, id, info, all, isByLayers = false }: Asked): Promise<Origin> {
  const name = info.Image;
  const chain = await unpackedFrom(cli, id, info);
  const isOfChain = ({ diffIds }: Pick<ImageSummary, 'diffIds'>): boolean =>
    chain === undefined || chainIds(diffIds).at(-1) === chain;
  const named = await openNamed(store, name);
  const unpacked = named !== undefined && isOfChain(named.config) ? { name, image: named } : undefined;
  if (unpacked !== undefined && isMadeFrom(info, unpacked.image)) return unpacked;
  const isTold = criImageId(info) !== undefined;
  const others = (await all()).map((one) => ({ ...one, name: nameOf(one) }));
  // The CRI plugin calls each image by its ID, too: that goes where nothing else is left, as docker's do.
  const likely = others.filter((one) => isOfChain(one) && (isTold || !one.name.startsWith('sha256:')));
  for (const other of likely) {
    const image = await store.open(other.name);
    if (isMadeFrom(info, image)) return { name: other.name, image };
  }
  const isUnsure = unpacked !== undefined && !isTold;
  const [kin] = likely;
  if (isByLayers && !isTold) {
    if (unpacked !== undefined) return unpacked;
    if (kin !== undefined) return { name: kin.name, image: await store.open(kin.name) };
  }
  const { movedOn, madeOtherwise } = text().words.spec;
  throw new AirgapError('USAGE', { problem: (isUnsure ? madeOtherwise : movedOn)(id, name) });
}

/** The chain ID of the layers below a container's own; undefined where it has no snapshot. */
async function unpackedFrom(
  cli: DockerCli,
  id: string,
  { Snapshotter: snapshotter, SnapshotKey: key }: ContainerInfo,
): Promise<string | undefined> {
  if (key === '') return undefined;
  const asked = [...(snapshotter === '' ? [] : ['--snapshotter', snapshotter]), 'info', key];
  const told = Buffer.from(await cli.run(['snapshots', ...asked]));
  return parseJson(told, { schema: snapshotSchema, limitBytes, what: id }).Parent;
}

/** @throws {AirgapError} IMAGE_INCOMPLETE, and what opening throws: no other image stands in for one that is not whole */
async function openNamed(store: Store, name: string): Promise<Image | undefined> {
  try {
    return await store.open(name);
  } catch (error) {
    if (isAirgapError(error, 'IMAGE_UNKNOWN')) return undefined;
    throw error;
  }
}

const nameOf = ({ name }: ImageSummary): string => name.replace(/^containerd(?:\+[^:]*)?:/, '');

/** The words of each line of a `ctr` table, without its heading. */
function rowsOf(table: string): string[][] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));
}
