// The plan screen: for each target what would be done, before a byte moves; the options; and the whole as commands.
import { formatBytes, formatDuration } from '../../src/text/format.js';
import { text } from '../../src/text/text.js';
import { viewExport } from '../../src/views/export.js';
import { type Line, span } from '../../src/views/line.js';
import { viewPlan } from '../../src/views/plan.js';
import type { AppState, PlanPart } from '../state/app-state.js';
import { commandLine, commandsOf } from '../state/command.js';
import { chosenExtras, isForBundlesOnly } from '../state/extras.js';
import { isRefused, refusedTargets, timeOf } from '../state/plan.js';
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
    const { parts } = state.planning;
    return isRefused(parts)
      ? [span('error', words.refused(refusedTargets(parts)))]
      : [span('ok', words.ready)];
  }
  return '';
}

function partLines(part: PlanPart, state: AppState, { columns }: Frame): Line[] {
  const { words } = text();
  switch (part.kind) {
    case 'failed': {
      const { message, code, hint } = part.error;
      const line: Line = [span('error', words.screen.plan.failed(part.target)), message, ` [${code}]`];
      return hint === undefined ? [line] : [line, [span('dim', words.hint), hint]];
    }
    case 'export': {
      const { place, plan } = part;
      const { neededBytes, freeBytes } = plan;
      const isFull = neededBytes > freeBytes;
      const full = words.screen.plan.driveFull(formatBytes(neededBytes), formatBytes(freeBytes));
      return [
        ...viewExport({ place, plan, durationMs: 0 }, columns),
        ...(isFull ? [[span('error', full)]] : []),
      ];
    }
    case 'send':
      return [...viewPlan(part.plan, columns), ...timeLines(part, state)];
  }
}

function timeLines(part: Extract<PlanPart, { kind: 'send' }>, { receipts }: AppState): Line[] {
  const words = text().words.screen.plan;
  if (part.plan.totals.wire.bytes === 0) return [];
  const time = timeOf(part, receipts.is === 'ready' ? receipts.value : []);
  const line = time === undefined ? words.notTold : words.time(formatDuration(time.ms), time.by);
  return [[span('dim', `  ${line}`)]];
}
