// A push as lines: per image what is there and what travels, the digest it will have, names that move, why it cannot start.
import type { PlannedPush, PushPlan, PushRoute } from '../plan/push-plan.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { type Line, span } from './line.js';
import { figure, refusalLines, shortId } from './plan.js';
import { fields, table } from './table.js';

/** The plan of a push. */
export function viewPushPlan(plan: PushPlan, columns: number): Line[] {
  const words = text().words.push;
  const { totals, images } = plan;
  return [
    [span('strong', words.title(plan.registry, plan.through))],
    '',
    ...table(
      [
        { title: words.columns.name, shrinks: true },
        { title: words.columns.platform },
        { title: words.columns.there, right: true },
        ...(totals.mountCount === 0 ? [] : [{ title: words.columns.mount, right: true }]),
        { title: words.columns.upload, right: true },
        { title: words.columns.digest },
      ],
      images.map((image) => [
        image.name,
        image.platform,
        cell(image, ['there']),
        ...(totals.mountCount === 0 ? [] : [cell(image, ['mount'])]),
        cell(image, ['upload', 'make']),
        image.manifest === undefined ? words.made : shortId(image.manifest),
      ]),
      { columns, indent: 2 },
    ),
    '',
    ...fields(
      [
        [
          words.labels.upload,
          totals.uploadCount === 0
            ? words.nothingToUpload
            : words.upload(figure(totals.upload), totals.uploadCount),
        ],
        [words.labels.there, words.there(totals.thereCount, totals.mountCount)],
        ...(plan.attached === undefined
          ? []
          : [
              [
                words.labels.attached,
                words.attached(plan.attached.count, formatBytes(plan.attached.bytes)),
              ] as const,
            ]),
      ],
      2,
    ),
    ...[...new Map(images.map(({ name, index }) => [name, index]))].flatMap(([name, index]): Line[] =>
      index === undefined ? [] : [['  ', words.index(name, shortId(index))]],
    ),
    ...[...new Map(images.map((image) => [image.name, image])).values()].flatMap(
      ({ name, movesFrom }): Line[] =>
        movesFrom === undefined ? [] : [['  ', words.moves(name, shortId(movesFrom))]],
    ),
    ...(plan.attached?.moves ?? []).map(
      ({ name, movesFrom }): Line => ['  ', words.moves(name, shortId(movesFrom))],
    ),
    ...refusalLines(plan),
  ];
}

function cell({ blobs }: PlannedPush, routes: readonly PushRoute[]): string {
  const mine = blobs.filter(({ route, shared }) => routes.includes(route) && shared !== true);
  if (mine.length === 0) return text().words.none;
  const bytes = mine.reduce((sum, { size }) => sum + size.bytes, 0);
  return `${mine.length} (${formatBytes(
    bytes,
    mine.some(({ size }) => size.kind === 'estimate'),
  )})`;
}
