// A plan as lines: per image what travels and what does not, room, names, warnings, and why it cannot start.
import type { Figure, Plan, PlannedImage, PlannedLayer, Route } from '../plan/plan.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { planFileLines } from './files.js';
import { type Line, span } from './line.js';
import { planPackageLines } from './packages.js';
import { fields, table } from './table.js';

/** The whole plan of one host. */
export function viewPlan(plan: Plan, columns: number): Line[] {
  const words = text().words.plan;
  const { engine, totals } = plan;
  const title = words.title(plan.host.replace(/:$/, ''), engineLabel(engine), plan.platform);
  const reason = text().words.codecReason[plan.codecReason] ?? plan.codecReason;
  const wire =
    totals.sendCount === 0
      ? formatBytes(0)
      : isAsHeld(plan)
        ? `${figure(totals.wire)}, ${words.heldReason}`
        : words.wireLine(figure(totals.wire), plan.codec, reason);
  const without: (readonly [string, Line])[] =
    totals.withoutAirgap === undefined
      ? []
      : [[words.without, words.withoutLine(figure(totals.withoutAirgap))]];
  if (plan.images.length === 0) {
    const room = fields(
      roomRows(plan, ({ where }) => where === 'packages'),
      2,
    );
    return [
      [span('strong', title)],
      '',
      ...planFileLines(plan.files ?? []),
      ...planPackageLines(plan.packages ?? []),
      ...(room.length === 0 ? [] : ['', ...room]),
      ...refusalLines(plan),
    ];
  }
  return [
    [span('strong', title)],
    '',
    ...table(
      [
        { title: words.columns.image, shrinks: true },
        { title: words.columns.layers, right: true, gives: 1 },
        { title: words.columns.held, right: true, gives: 3 },
        ...(totals.sharedCount === 0 ? [] : [{ title: words.columns.shared, right: true, gives: 2 }]),
        { title: words.columns.send, right: true },
        ...(totals.spliceCount === 0 ? [] : [{ title: words.columns.splice, right: true, gives: 4 }]),
        ...(totals.pullCount === undefined ? [] : [{ title: words.columns.pull, right: true }]),
      ],
      plan.images.map((image) => imageRow(image, totals)),
      { columns, indent: 2 },
    ),
    '',
    ...fields(
      [
        ...(plan.otherEngines === undefined
          ? []
          : [[words.engine, words.otherEngines(plan.engine.name, plan.otherEngines)] as const]),
        ...(plan.registry === undefined
          ? []
          : [[words.registry, words.pulled(plan.engine.name, plan.registry)] as const]),
        // To this machine nothing travels.
        ...(plan.host === 'local:' ? [] : [[words.wire, wire] as const, ...without]),
        ...roomRows(plan, () => true),
      ],
      2,
    ),
    ...nameLines(plan),
    ...(plan.files === undefined ? [] : ['', ...planFileLines(plan.files)]),
    ...(plan.packages === undefined ? [] : ['', ...planPackageLines(plan.packages)]),
    ...plan.warnings.map((warning): Line => ['  ', span('warn', text().words.warning), warning]),
    ...refusalLines(plan),
  ];
}

/** Nothing of what travels is packed by us. */
function isAsHeld({ images }: Plan): boolean {
  return images.every(({ layers }) =>
    layers.every(({ route, packed }) => route !== 'send' || packed !== undefined),
  );
}

function roomRows(
  { disk }: Plan,
  isTold: (row: Plan['disk'][number]) => boolean,
): (readonly [string, Line])[] {
  const words = text().words.plan;
  return disk.filter(isTold).map((row) => {
    const free = row.freeBytes === undefined ? undefined : formatBytes(row.freeBytes);
    const line = `${words.roomLine(formatBytes(row.neededBytes), free)} (${row.path})`;
    const short = row.freeBytes !== undefined && row.neededBytes > row.freeBytes;
    return [words.room(row.where), short ? [span('error', line)] : line];
  });
}

/** `docker 28.0.1 (overlay2)`. */
export function engineLabel(engine: Plan['engine']): string {
  if (engine.name === 'none') return text().files.noEngine;
  if (engine.name === 'registry') return text().words.push.engine;
  return `${engine.name} ${engine.version} (${engine.store})`;
}

/** Bytes, with `~` where they are a guess. */
export function figure(value: Figure): string {
  return formatBytes(value.bytes, value.kind === 'estimate');
}

function imageRow(image: PlannedImage, totals: Plan['totals']): string[] {
  const by = (route: Route, size: (layer: PlannedLayer) => Figure, shared = false): string => {
    const layers = image.layers.filter(
      (layer) => layer.route === route && (layer.shared === true) === shared,
    );
    if (layers.length === 0) return text().words.none;
    const sizes = layers.map(size);
    const bytes = sizes.reduce((sum, one) => sum + one.bytes, 0);
    const estimate = sizes.some((one) => one.kind === 'estimate');
    return `${layers.length} (${formatBytes(bytes, estimate)})`;
  };
  return [
    image.fullName ?? image.name,
    String(image.layers.length),
    by('held', (layer) => layer.raw),
    ...(totals.sharedCount === 0 ? [] : [by('held', (layer) => layer.raw, true)]),
    by('send', (layer) => layer.wire),
    ...(totals.spliceCount > 0 ? [by('splice', (layer) => layer.raw)] : []),
    ...(totals.pullCount === undefined ? [] : [by('pull', (layer) => layer.raw)]),
  ];
}

function nameLines(plan: Plan): Line[] {
  const words = text().words.plan;
  const warned = (message: string): Line => ['  ', span('warn', message)];
  const lines = plan.images.flatMap(
    ({ name, fullName = name, present, named, movesFrom, shadowedBy }): Line[] => [
      ...(present === undefined ? [] : [`  ${words.present(fullName, named)}`]),
      ...(movesFrom === undefined ? [] : [warned(words.moves(fullName, shortId(movesFrom)))]),
      ...(shadowedBy === undefined
        ? []
        : [warned(words.shadowed(name, shadowedBy, plan.engine.name, fullName))]),
    ],
  );
  const asHeld = plan.images.filter(({ manifest }) => manifest !== undefined).length;
  if (asHeld > 0) lines.push(`  ${words.asHeld(asHeld)}`);
  lines.push(...remadeLines(plan));
  return lines.length === 0 ? [] : ['', ...lines];
}

/** Whose digests change, by why; many as a number. */
function remadeLines({ images }: Plan): Line[] {
  const { remade: words } = text().words.plan;
  const rows = images.flatMap(({ name, fullName = name, remade }) =>
    remade === undefined ? [] : [{ name: fullName, ...remade }],
  );
  return [...Map.groupBy(rows, ({ why }) => why)].flatMap(([why, some]): Line[] =>
    some.length > 3
      ? [`  ${words.several(some.length, words.why[why])}`]
      : some.map(({ name, source }) => `  ${words.one(name, shortId(source), words.why[why])}`),
  );
}

/** Why it cannot start. */
export function refusalLines(plan: Pick<Plan, 'refusals'>): Line[] {
  const { words } = text();
  return plan.refusals.flatMap((refusal): Line[] => [
    '',
    [span('error', words.plan.refused), `${refusal.message} [${refusal.code}]`],
    ...(refusal.hint === undefined ? [] : [[span('dim', words.hint), `${refusal.hint}`]]),
  ]);
}

/** The first 12 digits of an engine's ID. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12);
}
