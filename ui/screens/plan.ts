// The plan screen: for each target what would be done, before a byte moves; the options; and the whole as commands.
import { formatDuration } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { viewExport } from '../../src/views/export.js';
import { type Line, span } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import { viewPushPlan } from '../../src/views/push.js';
import type { AppState, PlanPart, Told } from '../state/app-state.js';
import { commandLine, commandsOf } from '../state/command.js';
import { chosenExtras, isForBundlesOnly } from '../state/extras.js';
import { isRefused, startable, timeOf } from '../state/plan.js';
import { chosenSources, chosenTargets } from '../state/rows.js';
import { targetLabel } from '../state/targets.js';
import { toldLines } from './asked.js';
import type { Frame } from './layout.js';

/** All of it; the screen scrolls. */
export function viewPlanScreen(state: AppState, frame: Frame): readonly Line[] {
  const { words } = text();
  const { plan } = words.screen;
  const { planning } = state;
  const commands = commandsOf(state);
  const stay = notTaken(state);
  if (commands.length === 0) return ['', ...stay, plan.nothing];
  const parts = 'parts' in planning ? planning.parts : [];
  return [
    ...(planning.is === 'ready' ? [] : [[span('busy', makingLine(state))], '']),
    // What stands in the way is read first, whatever else there is.
    ...parts
      .toSorted((a, b) => Number(isRefused(b)) - Number(isRefused(a)))
      .flatMap((part) => [...partLines(part, state, frame), '']),
    ...stay,
    [span('dim', plan.options(optionLine(state)))],
    '',
    [span('dim', plan.command)],
    ...commands.map((command): Line => `  ${commandLine(command)}`),
  ];
}

export function planStatus(state: AppState): Line {
  const { plan: words, status } = text().words.screen;
  if (state.planning.is !== 'ready') return '';
  const { parts } = state.planning;
  const { commands, leftOut } = startable([...new Set(parts.map(({ command }) => command))], parts);
  if (leftOut.length === 0) {
    // Of several plans only the first is seen: to whom it goes must be.
    const targets = [...new Set(commands.flatMap((command) => command.targets))];
    return [span('ok', words.ready(status.targets(targets.map(targetLabel))))];
  }
  return commands.length === 0
    ? [span('error', words.refused)]
    : [span('warn', words.partly(leftOut.join(', ')))];
}

function makingLine({ planning }: AppState): string {
  const { plan } = text().words.screen;
  const share = planning.is === 'none' ? undefined : planning.share;
  return share === undefined ? plan.making : plan.proving(text().words.progress.percent(share));
}

/** What is set, as it would be typed. */
function optionLine({ knownOptions, options }: AppState): readonly string[] {
  return knownOptions.flatMap(({ flag }) => {
    const values = options.get(flag);
    return values === undefined ? [] : [[flag, ...values].join(' ')];
  });
}

/** What cannot go to some of the chosen targets: told where some are chosen. */
function notTaken(state: AppState): Line[] {
  const { plan } = text().words.screen;
  const namesOf = (kind: 'host' | 'folder' | 'registry'): string =>
    chosenTargets(state)
      .filter((target) => target.kind === kind)
      .map(({ name }) => name)
      .join(', ');
  const [hosts, folders, registries] = [namesOf('host'), namesOf('folder'), namesOf('registry')];
  const bundles = chosenSources(state).filter(({ kind }) => kind === 'bundle');
  return [
    ...(hosts !== '' && chosenExtras(state).some(isForBundlesOnly) ? [plan.packages(hosts)] : []),
    ...(registries !== '' && chosenExtras(state).length > 0 ? [plan.files(registries)] : []),
    ...(folders !== '' && bundles.length > 0 ? [plan.bundles(folders)] : []),
  ].map((line): Line => [span('warn', line)]);
}

function partLines(part: PlanPart, state: AppState, { columns }: Frame): Line[] {
  const { plan } = text().words.screen;
  switch (part.kind) {
    case 'failed':
      return refusalLines(plan.failed(part.targets), part.error);
    case 'export': {
      const { place, plan: planned, refusal } = part;
      return [
        ...viewExport({ place, plan: planned, durationMs: 0 }, columns),
        ...(refusal === undefined ? [] : refusalLines(text().words.plan.refused, refusal)),
      ];
    }
    case 'push':
      return viewPushPlan(part.plan, columns);
    case 'send':
      return [...viewPlan(part.plan, columns), ...(isRefused(part) ? [] : timeLines(part, state))];
  }
}

/** What stands in the way, and what to do about it. */
function refusalLines(lead: string, told: Told): Line[] {
  const [first = '', ...more] = toldLines(told);
  return [[span('error', lead), ...(typeof first === 'string' ? [first] : first)], ...more];
}

function timeLines(part: Extract<PlanPart, { kind: 'send' }>, { receipts }: AppState): Line[] {
  const words = text().words.screen.plan;
  if (part.plan.totals.wire.bytes === 0 || part.command.kind === 'import') return [];
  const time = timeOf(part, receipts.is === 'ready' ? receipts.value : []);
  const line = time === undefined ? words.notTold : words.time(formatDuration(time.ms), time.by);
  return [[span('dim', `  ${line}`)]];
}
