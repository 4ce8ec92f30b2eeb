// The plan screen: for each target what would be done, before a byte moves; the options; and the whole as commands.
import { formatDuration } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { viewExport } from '../../src/views/export.js';
import { type Line, span } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import type { AppState, PlanPart } from '../state/app-state.js';
import { commandLine, commandsOf } from '../state/command.js';
import { chosenExtras, isForBundlesOnly } from '../state/extras.js';
import { chosenTargets } from '../state/rows.js';
import type { Frame } from './layout.js';

/** All of it; the screen scrolls. */
export function viewPlanScreen(state: AppState, frame: Frame): readonly Line[] {
  const { words } = text();
  const { plan } = words.screen;
  const { planning, options } = state;
  const commands = commandsOf(state);
  const stay = packagesNotSent(state);
  if (commands.length === 0) return ['', ...stay, plan.nothing];
  const parts = 'parts' in planning ? planning.parts : [];
  return [
    ...(planning.is === 'making' || planning.is === 'none' ? [[span('busy', plan.making)], ''] : []),
    ...(planning.is === 'failed'
      ? [
          [span('error', planning.error.message), ` [${planning.error.code}]`],
          ...(planning.error.hint === undefined ? [] : [[span('dim', words.hint), planning.error.hint]]),
          '',
        ]
      : []),
    ...parts.flatMap((part) => [...partLines(part, state, frame), '']),
    ...stay,
    [span('dim', plan.options(options))],
    '',
    [span('dim', plan.command)],
    ...commands.map((command): Line => `  ${commandLine(command)}`),
  ];
}

/** Packages cannot go to hosts: told where some are chosen. */
function packagesNotSent(state: AppState): Line[] {
  const hosts = chosenTargets(state).filter(({ kind }) => kind === 'host');
  if (hosts.length === 0 || !chosenExtras(state).some(isForBundlesOnly)) return [];
  return [[span('warn', text().words.screen.plan.packages(hosts.map(({ name }) => name).join(', ')))]];
}

export function planStatus(state: AppState): Line {
  const words = text().words.screen.plan;
  if (state.planning.is === 'ready') {
    return isRefused(state.planning.parts) ? [span('error', words.refused)] : [span('ok', words.ready)];
  }
  return '';
}

/** Whether any part of the plan says that it must not start. */
export function isRefused(parts: readonly PlanPart[]): boolean {
  return parts.some((part) => part.kind === 'send' && part.plan.refusals.length > 0);
}

function partLines(part: PlanPart, { receipts }: AppState, { columns }: Frame): Line[] {
  if (part.kind === 'export')
    return viewExport({ place: part.place, plan: part.plan, durationMs: 0 }, columns);
  const words = text().words.screen.plan;
  const { plan } = part;
  const last =
    receipts.is === 'ready'
      ? receipts.value.find(({ host, linkRate }) => host === plan.host && linkRate !== undefined)
      : undefined;
  const bytes = plan.totals.wire.bytes;
  const time =
    last?.linkRate === undefined ? words.notTold : words.time(formatDuration((bytes / last.linkRate) * 1000));
  return [...viewPlan(plan, columns), ...(bytes === 0 ? [] : [[span('dim', `  ${time}`)]])];
}
