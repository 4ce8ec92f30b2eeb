// What runs on a containerd of this machine, as images: the ones that containers were really made from, whatever their names stand for now.
import * as z from 'zod';
import { AirgapError } from '../errors.js';
import { chainIds } from '../oci/digest.js';
import { parseJson } from '../oci/json.js';
import { text } from '../text/text.js';
import type { DockerCli } from './docker-cli.js';
import type { ImageSummary, Store } from './store.js';

/** `ctr containers info`, as far as it says what a container was made from. */
const infoSchema = z.object({
  Image: z.string().max(1000).catch(''),
  Snapshotter: z.string().max(100).catch(''),
  SnapshotKey: z.string().max(1000).catch(''),
});

/** `ctr snapshots info`: the parent of a container's own snapshot is the image, unpacked. */
const snapshotSchema = z.object({ Parent: z.string().max(200).catch('') });

/** A container's settings may be long. */
const limitBytes = 16 * 1024 * 1024;

/** By name, each once. @throws {AirgapError} ENGINE_*; USAGE for a container whose image has no name any more */
export async function runningOfContainerd(cli: DockerCli, store: Store): Promise<string[]> {
  // A container is what may run; what runs is its task, of the same ID.
  const tasks = rowsOf(await cli.run(['tasks', 'ls']));
  // A paused one is in service all the same.
  const running = tasks.flatMap(([id = '', , state = '']) =>
    /^(?:RUNNING|PAUSED|PAUSING)$/.test(state) ? [id] : [],
  );
  const images = new Set<string>();
  let all: Promise<readonly ImageSummary[]> | undefined;
  for (const id of running) {
    const info = parseJson(Buffer.from(await cli.run(['containers', 'info', id])), {
      schema: infoSchema,
      limitBytes,
      what: id,
    });
    // docker's own containers name no image here.
    if (info.Image === '') continue;
    all ??= store.list();
    images.add(await imageOf({ cli, id, info, all: await all }));
  }
  return [...images];
}

interface Asked {
  readonly cli: DockerCli;
  readonly id: string;
  readonly info: z.infer<typeof infoSchema>;
  readonly all: readonly ImageSummary[];
}

async function imageOf({ cli, id, info, all }: Asked): Promise<string> {
  const { Image: name, Snapshotter: snapshotter, SnapshotKey: key } = info;
  const named = all.find((one) => nameOf(one) === name);
  if (key === '') return name;
  const asked = [...(snapshotter === '' ? [] : ['--snapshotter', snapshotter]), 'info', key];
  const told = Buffer.from(await cli.run(['snapshots', ...asked]));
  const { Parent: chain } = parseJson(told, { schema: snapshotSchema, limitBytes, what: id });
  const isOf = ({ diffIds }: ImageSummary): boolean => chainIds(diffIds).at(-1) === chain;
  // One that is not whole is not listed: whoever opens it tells what is missing.
  if (named === undefined ? !all.some(isOf) : isOf(named)) return name;
  const other = all.find(isOf);
  if (other !== undefined) return nameOf(other);
  throw new AirgapError('USAGE', { problem: text().words.spec.movedOn(id, name) });
}

const nameOf = ({ name }: ImageSummary): string => name.replace(/^containerd(?:\+[^:]*)?:/, '');

/** The words of each line of a `ctr` table, without its heading. */
function rowsOf(table: string): string[][] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => (line.trim() === '' ? [] : [line.trim().split(/\s+/)]));
}
