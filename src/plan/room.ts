// What room a plan needs on the host and here, and which of it lies on one file system. Pure.
import type { Codec } from '../oci/descriptor.js';
import { engineRoom, worstRaw, worstWire } from './estimate.js';
import type { PlanInput } from './make-plan.js';
import { type Plan, type PlannedImage, type PlannedLayer, uniqueLayers } from './plan.js';
import type { TargetState } from './target.js';

type DiskRow = Plan['disk'][number];

/** What package sets take there, and where. */
export interface PackageRoom {
  readonly path: string;
  readonly bytes: number;
  /** Of the largest set: one at a time lies on the stage before it is copied. */
  readonly stageBytes: number;
  readonly freeBytes: number | undefined;
  readonly device: string | undefined;
}

/** Upper bounds. */
export function roomNeeded(input: PlanInput, images: readonly PlannedImage[], codec: Codec): Plan['disk'] {
  const { target, spool, packages } = input;
  const moving = uniqueLayers(images).filter((layer) => layer.route !== 'held');
  const sent = moving.filter((layer) => layer.route === 'send');
  const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
  const worst = (layer: PlannedLayer): number =>
    layer.wire.kind === 'exact' ? layer.wire.bytes : worstWire(worstRaw(layer.raw));
  const stagedBytes = sum(target.staged.map((segment) => segment.bytes));
  // A spliced image's whole save lies on the stage while its layers are played.
  const saves = new Map(
    moving.flatMap(({ spliceFrom }) => (spliceFrom ? [[spliceFrom.farId, spliceFrom.imageBytes]] : [])),
  );
  const stageBytes = Math.max(0, sum(sent.map(worst)) - stagedBytes) + sum([...saves.values()]);
  const rawBytes = sum(moving.map((layer) => worstRaw(layer.raw)));
  const archives = images.map((image) =>
    // What is pulled is in no archive.
    sum(
      image.layers
        .filter(({ route }) => route === 'send' || route === 'splice')
        .map((layer) => worstRaw(layer.raw)),
    ),
  );
  const largestArchive = Math.max(0, ...archives);
  const engineBytes = engineRoom(target.engine, rawBytes, largestArchive);
  const spooledAlready = new Set(
    input.images.flatMap((image) =>
      image.layers.filter((layer) => layer.spooled[codec] !== undefined).map((layer) => layer.diffId),
    ),
  );
  const blobsSpooled = new Set(
    input.images.flatMap((image) =>
      image.layers.flatMap(({ packed }) => (packed?.spooled ? [packed.digest] : [])),
    ),
  );
  const isSpooled = ({ packed, diffId }: PlannedLayer): boolean =>
    packed === undefined ? spooledAlready.has(diffId) : blobsSpooled.has(packed.digest);
  const spoolBytes = sum(sent.filter((layer) => !isSpooled(layer)).map(worst));
  const root = target.engine.root ?? target.stagePath;
  return [
    {
      where: 'stage',
      path: target.stagePath,
      // Layers have gone from it when packages come.
      neededBytes: Math.max(stageBytes, packages?.stageBytes ?? 0),
      freeBytes: target.free.get(target.stagePath),
    },
    { where: 'engine', path: root, neededBytes: engineBytes, freeBytes: target.free.get(root) },
    ...archiveRoom(target, largestArchive),
    ...(packages === undefined
      ? []
      : [
          {
            where: 'packages' as const,
            path: packages.path,
            neededBytes: packages.bytes,
            freeBytes: packages.freeBytes,
          },
        ]),
    { where: 'spool', path: spool.path, neededBytes: spoolBytes, freeBytes: spool.freeBytes },
  ];
}

/** As it came, and untarred. */
function archiveRoom(
  { engine: { archiveFolder: path }, free }: TargetState,
  archiveBytes: number,
): DiskRow[] {
  if (path === undefined) return [];
  return [{ where: 'archive', path, neededBytes: 2 * archiveBytes, freeBytes: free.get(path) }];
}

/** On one file system its room is needed for all; the engine's path stands for them. */
export function byFileSystem(input: PlanInput, rows: readonly DiskRow[]): DiskRow[] {
  const merged: DiskRow[] = [];
  for (const row of rows) {
    const at = merged.findIndex((one) => isOneFileSystem(input, one, row));
    const before = merged[at];
    if (before === undefined) merged.push(row);
    else
      merged[at] = {
        ...(row.where === 'engine' ? row : before),
        neededBytes: before.neededBytes + row.neededBytes,
      };
  }
  return merged;
}

function isOneFileSystem({ target, packages }: PlanInput, a: DiskRow, b: DiskRow): boolean {
  const device = ({ where, path }: DiskRow): string | undefined =>
    where === 'packages' ? packages?.device : target.devices?.get(path);
  const [one, other] = [device(a), device(b)];
  if (one !== undefined && one === other) return true;
  if (one?.startsWith('/dev/') === true && other?.startsWith('/dev/') === true) return false;
  // Pools give their room under many names: equal free bytes to the last digit are no chance there.
  return a.freeBytes !== undefined && a.freeBytes === b.freeBytes;
}
