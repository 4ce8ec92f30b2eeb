// What a terminal shows of a run at one moment: a line for each thing under way, a line for each host, a total.
// Pure; never more lines than the terminal has.
import {
  type HostProgress,
  type ItemProgress,
  type Pace,
  type Progress,
  paceOf,
  totalOf,
} from '../runs/progress.js';
import { printable } from '../text/format.js';
import { text } from '../text/text.js';
import { cutMiddle, displayWidth, padEnd, padStart } from '../text/width.js';
import { type Line, span } from './line.js';

interface View {
  readonly now: number;
  readonly columns: number;
  readonly rows: number;
  /** The terminal has no Unicode. */
  readonly ascii?: boolean;
}

const phaseWidth = 8;
const amountWidth = 21;
const rateWidth = 10;
const etaWidth = 10;
const barWidth = 20;
// What a digest and the name of its kind need.
const leastLabel = 18;
const leastItemBar = 6;
const wideColumns = 92;

/** The live lines of a run. */
export function liveLines(progress: Progress, view: View): Line[] {
  const running = [...progress.hosts.values()].filter((host) => host.state === 'running');
  const hostWidth = Math.min(24, Math.max(0, ...running.map((host) => displayWidth(hostLabel(host.host)))));
  const total = progress.hosts.size > 1 ? [totalLine(progress, view)] : [];
  // One row for the cursor, one so that the last line that stays can be seen.
  const room = Math.max(1, view.rows - 2 - total.length);
  const hostLines = running.map((host) => hostLine(host, hostWidth, view));
  const items = [...progress.items.values()];
  const shownHosts = windowed(hostLines, room);
  const itemRoom = room - shownHosts.length;
  const itemLines = windowed(
    items.map((item) => itemLine(item, running.length > 1, view)),
    itemRoom,
  );
  const words = text().words.progress;
  const steps = running.length === 0 ? progress.steps.map((step): Line => words.steps[step]) : [];
  return [...itemLines, ...shownHosts, ...steps.slice(-1), ...total];
}

/** As many as fit; the last place tells how many more there are. */
function windowed(lines: readonly Line[], room: number): readonly Line[] {
  if (lines.length <= room) return lines;
  if (room <= 0) return [];
  const shown = lines.slice(0, room - 1);
  return [...shown, [span('dim', `  ${text().words.progress.more(lines.length - shown.length)}`)]];
}

function itemLine(item: ItemProgress, withHost: boolean, view: View): Line {
  const words = text().words.progress;
  const label = printable(withHost && item.host !== undefined ? `${item.host} ${item.label}` : item.label);
  const phase = padEnd(words.phases[item.phase], phaseWidth);
  // Loading and proving tell no bytes: a figure that never moves would look like a stall.
  if (item.doneBytes === 0 && item.totalBytes === undefined) {
    return ['  ', span('busy', phase), ' ', cutMiddle(label, view.columns - phaseWidth - 5)];
  }
  const pace = paceOf(item, view.now);
  const narrow = view.columns < 60;
  // When one layer will be there matters less than its bar: the host's line has the time for all.
  const wide = view.columns >= wideColumns;
  const right = amountWidth + (narrow ? 0 : 2 + rateWidth) + (wide ? 2 + etaWidth : 0);
  const left = Math.max(8, view.columns - 1 - 2 - phaseWidth - 1 - 2 - right);
  // A bar takes the room that the name leaves; each has one, or none.
  const barRoom = narrow ? 0 : Math.min(barWidth, left - leastLabel - 1);
  const share = item.totalBytes === undefined ? undefined : (pace.share ?? 0);
  const drawn = barRoom < leastItemBar ? [] : itemBar(share, barRoom, view);
  const labelWidth = barRoom < leastItemBar ? left : left - barRoom - 1;
  const amount = padStart(words.amount({ ...item, estimate: false }), amountWidth);
  return [
    '  ',
    span('busy', phase),
    ' ',
    padEnd(cutMiddle(label, labelWidth), labelWidth),
    ...drawn,
    '  ',
    amount,
    ...(narrow ? [] : ['  ', padStart(rate(pace), rateWidth)]),
    ...(wide ? ['  ', padStart(eta(pace), etaWidth)] : []),
  ];
}

function hostLine(host: HostProgress, width: number, view: View): Line {
  const words = text().words.progress;
  const name = span('strong', padEnd(cutMiddle(hostLabel(host.host), width), width));
  const step = host.steps.at(-1);
  const doing = step === undefined ? words.steps.connect : words.steps[step];
  if (host.totalBytes === undefined || host.totalBytes === 0) return [name, '  ', span('busy', doing)];
  const pace = paceOf(host, view.now);
  return [
    name,
    '  ',
    ...bar(pace.share ?? 0, view),
    padStart(words.percent(pace.share ?? 0), 5),
    '  ',
    words.amount(host),
    ...tail(pace, doing),
  ];
}

function totalLine(progress: Progress, view: View): Line {
  const total = totalOf(progress);
  return sumLine(total, text().words.progress.hostsDone(total.hostsDone, progress.hosts.size), view);
}

/** A line for several targets together: how many are done, and how far all are. */
export function sumLine(
  total: Pick<ReturnType<typeof totalOf>, 'doneBytes' | 'totalBytes' | 'estimate'>,
  done: string,
  view: Pick<View, 'columns' | 'ascii'>,
): Line {
  const words = text().words.progress;
  const share =
    total.totalBytes === undefined || total.totalBytes === 0 ? undefined : total.doneBytes / total.totalBytes;
  return [
    span('strong', done),
    ...(share === undefined
      ? []
      : ['  ', ...bar(share, view), padStart(words.percent(Math.min(1, share)), 5), '  ']),
    ...(share === undefined ? [] : [words.amount(total)]),
  ];
}

function tail(pace: Pace, doing: string): string[] {
  const words = text().words.progress;
  if (pace.share === 1) return ['  ', doing];
  const speed = rate(pace);
  return [
    ...(speed === '' ? [] : ['  ', speed]),
    ...(pace.leftMs === undefined ? [] : ['  ', words.left(pace.leftMs)]),
  ];
}

function bar(share: number, view: Pick<View, 'columns' | 'ascii'>): (string | ReturnType<typeof span>)[] {
  return view.columns < 70 ? [] : [...barOf(share, barWidth, view), ' '];
}

function barOf(share: number, width: number, view: Pick<View, 'ascii'>): ReturnType<typeof span>[] {
  const done = Math.round(Math.min(1, share) * width);
  const [full, empty] = view.ascii === true ? ['#', '.'] : ['━', '─'];
  return [span('ok', full.repeat(done)), span('dim', empty.repeat(width - done))];
}

/** Of a thing whose size nobody knows only the room. */
function itemBar(share: number | undefined, width: number, view: View): (string | ReturnType<typeof span>)[] {
  return [' ', ...(share === undefined ? [' '.repeat(width)] : barOf(share, width, view))];
}

/** A host as lines begin with it: this machine is called `local:` where a host is asked for. */
export function hostLabel(host: string): string {
  return printable(host.replace(/:$/, ''));
}

/** How fast, in words; empty while nobody can know. */
export function rate(pace: Pace): string {
  const words = text().words.progress;
  if (pace.bytesPerSecond === undefined) return '';
  return pace.bytesPerSecond === 0 ? words.stalled : words.rate(pace.bytesPerSecond);
}

const eta = (pace: Pace): string =>
  pace.leftMs === undefined || pace.share === 1 ? '' : text().words.progress.remaining(pace.leftMs);
