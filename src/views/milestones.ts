// What of a run is worth a line that stays, for both faces: plans in short, images loaded and proved, warnings, hosts done.
import type { AirgapEvent } from '../events.js';
import type { Progress } from '../runs/progress.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { planFileLines } from './files.js';
import { type Line, type Span, span } from './line.js';
import { hostLabel } from './live.js';
import { planPackageLines } from './packages.js';
import { figure } from './plan.js';

/** Lines for one event; none for most. `before`: what was known before it; `hostCount`: of the whole run. */
export function milestones(event: AirgapEvent, before: Progress, hostCount: number): Line[] {
  const words = text().words.progress;
  const at = (host: string | undefined, ...rest: (string | Span)[]): Line =>
    host === undefined ? rest : [words.lead(hostLabel(host)), ...rest];
  switch (event.type) {
    case 'plan': {
      const { totals } = event.plan;
      const facts = {
        send: totals.sendCount,
        pull: totals.pullCount ?? 0,
        layers: totals.layerCount,
        wire: figure(totals.wire),
        without: totals.withoutAirgap === undefined ? undefined : figure(totals.withoutAirgap),
      };
      // A question about them may follow: what changes is read before it.
      const files = [
        ...planFileLines(event.plan.files ?? []),
        ...planPackageLines(event.plan.packages ?? []),
      ];
      if (event.plan.images.length === 0) return files;
      return [at(event.host, words.planned(facts)), ...files];
    }
    case 'export.plan': {
      const { images, files, packages, totals } = event.plan;
      const beside = [...files, ...packages].reduce((sum, { bytes }) => sum + bytes, 0);
      const { bytes, kind } = totals.stored;
      const facts = {
        layers: images.length === 0 ? undefined : totals.storeCount,
        omitted: totals.omitCount,
        files: files.length,
        sets: packages.length,
        bytes: figure({ bytes: bytes + beside, kind }),
      };
      return [[text().words.export.planned(facts)]];
    }
    case 'push.plan': {
      const { registry, totals } = event.plan;
      return [at(registry, text().words.push.planned({ ...totals, upload: figure(totals.upload) }))];
    }
    case 'item.finished': {
      if (event.kind !== 'image' && event.kind !== 'packages') return [];
      return [at(event.host, span('ok', words.phasesDone[event.phase]), ` ${event.label}`)];
    }
    case 'note':
      return [at(event.host, event.message)];
    case 'warning':
      return [at(event.host, span('warn', words.warning(event.message)))];
    case 'host.finished':
      return [
        at(
          event.host,
          span('ok', words.done(event.receipt.durationMs)),
          words.parts(['', formatBytes(event.receipt.wireBytes)]),
        ),
      ];
    case 'host.failed':
      // A single host's error is the error of the run, which is printed at the end.
      if (Math.max(hostCount, before.hosts.size) < 2) return [];
      return [
        at(event.host, span('error', words.failed(event.error.message)), ` [${event.error.code}]`),
        ...(event.error.hint === undefined ? [] : [at(event.host, text().words.hint, event.error.hint)]),
      ];
    default:
      return [];
  }
}
