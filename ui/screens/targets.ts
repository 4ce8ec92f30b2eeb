// The targets screen: hosts, registries and folders, what was found out of each, and which are chosen.
import { text } from '../../src/text/text.js';
import { type Line, type Style, span, wrapLine } from '../../src/views/line.js';
import type { AppState, Target } from '../state/app-state.js';
import { chosenSources, freeOf, heldImages, shownTargets } from '../state/rows.js';
import { localName, targetLabel } from '../state/targets.js';
import { type Body, type Frame, type ListColumn, listLines } from './layout.js';

/** The body, `frame.rows` lines at most. Under the list stands what is to be said of the target at the cursor. */
export function viewTargetsScreen(state: AppState, frame: Frame): Body {
  const words = text().words.screen;
  const rows = shownTargets(state);
  const { filter, cursor } = state.targetRows;
  if (rows.length === 0)
    return { lines: ['', `  ${filter === '' ? words.targets.empty : words.nothingMatches(filter)}`] };
  const knowsHosts = state.targets.some(({ kind, name }) => kind === 'host' && name !== localName);
  const at = rows[Math.max(0, Math.min(rows.length - 1, cursor))];
  const below =
    at === undefined
      ? []
      : [...detail(state, at), ...(knowsHosts ? [] : ['', [span('strong', words.targets.empty)]])]
          .flatMap((line) => wrapLine(line, frame.columns))
          .slice(0, Math.max(0, frame.rows - 4));
  const list = { rows, columns: columnsOf(state), state: state.targetRows, choosable: true };
  const above = listLines(
    { ...list, idOf: ({ id }: Target) => id },
    { ...frame, rows: frame.rows - below.length },
  );
  return { ...above, lines: [...above.lines, ...below] };
}

function columnsOf(state: AppState): readonly ListColumn<Target>[] {
  const { screen, none, ago } = text().words;
  const { columns } = screen.targets;
  const aged = (iso: string | undefined): string => {
    const time = iso === undefined ? Number.NaN : Date.parse(iso);
    return Number.isNaN(time) ? none : ago(state.now - time);
  };
  return [
    { title: columns.name, width: 'rest', cell: nameOf },
    // Engine, platform and free room: whole at 80 columns, where the last send gives way.
    { title: columns.state, width: 44, isSentence: true, cell: (target) => stateOf(target), style: styleOf },
    {
      title: columns.last,
      width: 13,
      gives: 1,
      cell: ({ lastSend, passport }) => aged(passport?.made ?? lastSend),
    },
  ];
}

function nameOf({ name, address, passport }: Target): string {
  if (passport !== undefined) return `  ${text().words.screen.targets.passport(name)}`;
  const label = targetLabel(name);
  return address === undefined || address === name ? label : `${label} (${address})`;
}

function stateOf(target: Target): string {
  const words = text().words.screen.targets;
  const free = freeOf(target);
  if (target.passport !== undefined) return words.passportImages(target.passport.images);
  if (target.kind === 'folder') return words.folder(free);
  if (target.kind === 'registry') return registryState(target);
  const { probe } = target;
  if (probe.is === 'none') return words.notAsked;
  if (probe.is === 'failed') return probe.error.message;
  if (probe.is !== 'ready') return words.asking;
  const { engine, platform } = probe.value;
  // What a distribution adds to the version stands below, with the row at the cursor; here the room must be seen.
  return words.ready(`${engine.name} ${engine.version.replace(/[+~].*/, '')}`, platform, free);
}

function registryState({ reach = { is: 'none' } }: Target): string {
  const words = text().words.screen.targets;
  if (reach.is === 'none') return words.notAsked;
  if (reach.is === 'failed') return reach.error.message;
  return reach.is === 'ready' ? words.registry(reach.value.user) : words.asking;
}

function styleOf({ kind, probe, reach }: Target): Style | undefined {
  const look = kind === 'registry' ? reach : kind === 'host' ? probe : undefined;
  if (look === undefined || look.is === 'ready') return 'ok';
  if (look.is === 'failed') return 'error';
  return look.is === 'none' ? 'dim' : 'busy';
}

/** What is to be said of one target: what it holds of the choice, or why it could not be looked at and what to do. */
function detail(state: AppState, target: Target): Line[] {
  const { words } = text();
  const { targets } = words.screen;
  const { probe, reach } = target;
  const known = span(
    'dim',
    target.kind === 'registry' && target.from === 'receipt' ? targets.pushed : targets.from[target.from],
  );
  const look = target.kind === 'registry' ? reach : probe;
  if (target.kind !== 'folder' && look?.is === 'failed') {
    const { message, code, hint } = look.error;
    return [
      '',
      [span('error', message), ` [${code}]`],
      ...(hint === undefined ? [] : [[span('dim', words.hint), hint]]),
    ];
  }
  if (target.passport !== undefined) return ['', [span('dim', targets.passportAbout(target.passport.path))]];
  if (reach?.is === 'ready') return ['', [known, '  ', targets.registryAbout(reach.value.origin)]];
  if (target.kind === 'folder' || probe.is !== 'ready') return ['', [known]];
  const { engine, images } = probe.value;
  const { otherEngines = [] } = target;
  const others = otherEngines.length === 0 ? [] : ['  ', targets.otherEngines(otherEngines)];
  const all = chosenSources(state).filter(({ kind }) => kind === 'image').length;
  const holds = all === 0 ? [] : ['  ', targets.holds(heldImages(state, target), all)];
  return [
    '',
    [
      known,
      '  ',
      targets.detail(`${engine.name} ${engine.version}`, engine.store, images.length),
      ...holds,
      ...others,
    ],
  ];
}
