// An export as lines: what is in the bundle, what was left out and why, and what to do with it on the far machine.
import type { ExportPlan } from '../bundle/plan-export.js';
import type { ExportResult } from '../runs/api.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { type Line, span } from './line.js';
import { figure } from './plan.js';
import { fields, table } from './table.js';

/** The plan of a dry run, or what was written. */
export function viewExport(result: ExportResult, columns: number): Line[] {
  const words = text().words.export;
  const { plan, place, written } = result;
  const { totals } = plan;
  const rows: (readonly [string, Line])[] = [];
  const stored = written === undefined ? figure(totals.stored) : formatBytes(written.bytes);
  rows.push([
    words.labels.stored,
    plan.images.length === 0
      ? words.noImages(written === undefined ? undefined : stored)
      : words.stored(
          stored,
          { all: totals.storeCount, carried: totals.carryCount },
          plan.codec,
          plan.codecReason,
        ),
  ]);
  rows.push(...manifestRows(plan));
  if (plan.attached !== undefined) {
    const { push } = text().words;
    rows.push([push.labels.attached, push.attached(plan.attached.count, formatBytes(plan.attached.bytes))]);
  }
  if (totals.sharedBytes > 0)
    rows.push([
      words.labels.shared,
      words.shared(formatBytes(totals.sharedBytes, totals.raw.kind === 'estimate')),
    ]);
  if (totals.omitCount > 0)
    rows.push([words.labels.omitted, words.omitted(figure(totals.omitted), totals.omitCount)]);
  if (written === undefined) {
    rows.push([words.labels.room, words.room(formatBytes(plan.neededBytes), formatBytes(plan.freeBytes))]);
  } else {
    if (written.volumes > 1) rows.push([words.labels.volumes, String(written.volumes)]);
    rows.push([words.labels.checked, words.readBack[written.readBack]]);
    rows.push([words.labels.digest, written.digest]);
    rows.push([words.labels.took, words.took(result.durationMs)]);
  }
  return [
    [span('strong', words.title(place))],
    '',
    ...(plan.images.length === 0 ? [] : [...imageTable(plan, columns), '']),
    ...fields([...payloadRows(plan), ...rows], 2),
    '',
    written === undefined ? words.ready : nextLine(place, written.volumes),
  ];
}

/** What becomes of digests, where a source has any. */
function manifestRows({ images, indexes, attached }: ExportPlan): (readonly [string, Line])[] {
  const words = text().words.export;
  const routes = images.map(({ manifest }) => manifest);
  const made = routes.flatMap((route) => ('made' in route ? [route.made] : []));
  const isNone = made.every((reason) => reason === 'none') && made.length === routes.length;
  if (isNone && indexes.length === 0) return [];
  const kept = routes.length - made.length;
  const lines = [
    ...(kept === 0 ? [] : [words.kept(kept)]),
    ...[...Map.groupBy(made, (reason) => reason)].map(([reason, all]) => words.made(all.length, reason)),
    ...indexes.map((index) =>
      'kept' in index
        ? words.indexKept(index.reference, index.platforms)
        : words.indexMade(
            index.reference,
            index.platforms,
            index.made === 'attestation' && attached !== undefined ? 'apart' : index.made,
          ),
    ),
  ];
  return lines.map((line, at) => [at === 0 ? words.labels.manifests : '', line]);
}

/** What travels beside images, a row each; the label stands at the first. */
function payloadRows({ files, packages }: ExportPlan): (readonly [string, Line])[] {
  const words = text().words.export;
  const labelled = (label: string, lines: readonly Line[]): (readonly [string, Line])[] =>
    lines.map((line, at) => [at === 0 ? label : '', line]);
  return [
    ...labelled(
      words.labels.files,
      files.map(({ kind, to, mode, bytes }) =>
        kind === 'daemon' ? words.daemon(to) : words.file(to, mode, formatBytes(bytes)),
      ),
    ),
    ...labelled(
      words.labels.packages,
      packages.map(({ set, kind, names, bytes }) => words.packages(set, kind, names, formatBytes(bytes))),
    ),
  ];
}

function nextLine(place: string, volumes: number): string {
  const words = text().words.export;
  const name = place.split('/').at(-1) ?? place;
  if (/\.tar$/i.test(place)) return words.nextTar(name);
  return volumes > 1 ? words.nextVolumes(name) : words.next(name);
}

function imageTable(plan: ExportPlan, columns: number): Line[] {
  const { columns: titles } = text().words.export;
  const some = plan.totals.omitCount > 0;
  const rows = plan.images.map((image) => {
    const bytes = image.layers.reduce((sum, layer) => sum + layer.raw.bytes, 0);
    const estimate = image.layers.some((layer) => layer.raw.kind === 'estimate');
    const omitted = image.layers.filter((layer) => layer.route === 'omit').length;
    return [
      image.reference,
      image.platform,
      String(image.layers.length),
      formatBytes(bytes, estimate),
      ...(some ? [String(omitted)] : []),
    ];
  });
  return table(
    [
      { title: titles.image, shrinks: true },
      { title: titles.platform, gives: 2 },
      { title: titles.layers, right: true, gives: 1 },
      { title: titles.size, right: true },
      ...(some ? [{ title: titles.omitted, right: true, gives: 3 }] : []),
    ],
    rows,
    { columns, indent: 2 },
  );
}
