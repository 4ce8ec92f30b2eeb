// The two text reporters: live lines for a terminal, append-only lines for anything else. Both print the same
// milestones; what they show between them is made in live-view.ts from the progress model.
import { noProgress, type Progress, paceOf, reduceProgress } from '../runs/progress.js';
import { text } from '../text/text.js';
import { hostLabel, liveLines, rate } from '../views/live.js';
import { milestones } from '../views/milestones.js';
import { createLiveScreen } from './live-screen.js';
import type { Output } from './output.js';
import type { Reporter } from './reporter.js';

// Eyes need no more, and a terminal over a slow link has better things to carry.
const frameMs = 100;
// Append-only lines: one for every tenth of the way or every ten seconds, but not several a second on a fast link.
const lineEveryMs = 10_000;
// A hair less than a tenth: sums of tenths fall short of it in binary.
const lineEveryShare = 0.0999;
const lineLeastMs = 1000;
// Nothing for so long: a mean over it would be of the waiting, not of the link.
const stalledMs = 2000;

/** For a terminal. */
export function createLiveReporter(stderr: Output, hostCount: number): Reporter {
  const screen = createLiveScreen(stderr);
  let progress: Progress = noProgress;
  let drawnAt = 0;
  let paused = false;
  let closed = false;
  return {
    event(event) {
      const before = progress;
      progress = reduceProgress(progress, event);
      if (!closed && !paused) screen.print(milestones(event, before, hostCount));
    },
    tick(now) {
      if (paused || closed || now - drawnAt < frameMs) return;
      drawnAt = now;
      screen.draw(liveLines(progress, { now, columns: stderr.columns(), rows: stderr.rows() }));
    },
    notice: (line) => screen.print([line]),
    pause() {
      paused = true;
      screen.clear();
    },
    resume() {
      paused = false;
    },
    close() {
      closed = true;
      screen.clear();
    },
  };
}

interface Printed {
  readonly at: number;
  readonly share: number;
  readonly doneBytes: number;
  /** Everything was sent: nothing more is to be said of sending. */
  readonly complete: boolean;
}

/** For logs, pipes and dumb terminals: never a control character, never a line that changes. */
export function createLinesReporter(stderr: Output, hostCount: number): Reporter {
  let progress: Progress = noProgress;
  const printed = new Map<string, Printed>();

  const report = (host: string, now: number): void => {
    const known = progress.hosts.get(host);
    if (known === undefined || known.state !== 'running' || known.totalBytes === undefined) return;
    const pace = paceOf(known, now);
    const share = pace.share ?? 0;
    const last = printed.get(host);
    const complete = share >= 1 && !known.estimate;
    // Fewer bytes than before: another transfer has begun.
    if (last === undefined || known.doneBytes < last.doneBytes) {
      printed.set(host, { at: now, share: 0, doneBytes: known.doneBytes, complete });
      return;
    }
    const sinceMs = now - last.at;
    const words = text().words.progress;
    if (last.complete) {
      const item = [...progress.items.values()].findLast((one) => one.host === host && one.kind === 'image');
      if (sinceMs < lineEveryMs || item === undefined) return;
      printed.set(host, { ...last, at: now });
      stderr.lines([`${words.lead(hostLabel(host))}${words.phases[item.phase]} ${item.label}`]);
      return;
    }
    const due = sinceMs >= lineEveryMs || (share - last.share >= lineEveryShare && sinceMs >= lineLeastMs);
    // The last line is due at once: later it would stand behind what was loaded meanwhile.
    if ((!due && !complete) || known.doneBytes === 0) return;
    printed.set(host, { at: now, share, doneBytes: known.doneBytes, complete });
    const step = known.steps.at(-1);
    const stalled = now - (known.samples.at(-1)?.at ?? now) >= stalledMs;
    const speed = stalled ? words.stalled : rate(pace);
    const parts = [
      step === undefined ? words.steps.send : words.steps[step],
      words.percent(share),
      words.amount(known),
      ...(complete || speed === '' ? [] : [speed]),
      ...(pace.leftMs === undefined || share >= 1 || stalled ? [] : [words.left(pace.leftMs)]),
    ];
    stderr.lines([`${words.lead(hostLabel(host))}${words.parts(parts)}`]);
  };

  return {
    event(event) {
      const before = progress;
      progress = reduceProgress(progress, event);
      const lines = milestones(event, before, hostCount);
      if (event.type === 'step.started') {
        const words = text().words.progress;
        const step = words.steps[event.step];
        lines.push(event.host === undefined ? step : `${words.lead(hostLabel(event.host))}${step}`);
      }
      stderr.lines(lines);
      if (event.type === 'host.progress') report(event.host, event.at);
    },
    tick(now) {
      for (const host of progress.hosts.keys()) report(host, now);
    },
    notice: (line) => stderr.lines([line]),
    pause: () => undefined,
    resume: () => undefined,
    close: () => undefined,
  };
}
