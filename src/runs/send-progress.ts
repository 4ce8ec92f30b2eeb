// Turns what happens on one host into events and sums: bytes per layer, per host, and the link rate seen. Every
// item.started has its item.finished, unless the host fails.
import type { Emit, Item } from '../events.js';
import { type DiffId, shortDigest } from '../oci/digest.js';
import { travelId } from '../plan/carry.js';
import type { Figure, Plan, PlannedImage } from '../plan/plan.js';
import type { MadeSoFar, Segment } from '../streams/spool-types.js';
import { type LayerToSend, wireTotals } from './wire-estimate.js';

export interface SendProgress {
  /** Tells what the spool has made of a layer so far; until then the plan's guess stands for it. */
  follow(diffId: DiffId, made: () => MadeSoFar): void;
  sent(segment: Segment, bytes: number): void;
  resumed(segment: Segment, bytes: number): void;
  drained(bytes: number, busyMs: number): void;
  loading(image: PlannedImage): void;
  /** A layer's turn in the archive begins, and is over. */
  playing(diffId: DiffId, rawBytes: number): void;
  played(diffId: DiffId, rawBytes: number): void;
  loaded(image: PlannedImage): void;
  proving(image: PlannedImage): void;
  proved(image: PlannedImage): void;
  layerBytes(): number;
  resumedBytes(): number;
  /** Bytes a second over the time that channels were busy; undefined if too little went to tell. */
  linkRate(): number | undefined;
}

// Less than this says more about latency than about the link.
const tellingBytes = 4e6;

/** Counts and reports for one host. Announces the layers that need not travel at once. */
export function createProgress(plan: Plan, emit: Emit): SendProgress {
  const { host } = plan;
  const sums = { layer: 0, resumed: 0, drained: 0, busyMs: 0 };
  const layers = new Map<DiffId, LayerToSend>();
  const followed = new Map<DiffId, () => MadeSoFar>();
  const done = new Map<DiffId, number>();
  const finished = new Set<DiffId>();
  for (const layer of plan.images.flatMap((image) => image.layers)) {
    if (layer.route === 'send') layers.set(travelId(layer), layer);
  }
  const skipped = new Set<string>();
  for (const layer of plan.images.flatMap((image) => image.layers)) {
    const id = travelId(layer);
    if (layer.route !== 'held' || layers.has(id) || skipped.has(id)) continue;
    skipped.add(id);
    emit({ type: 'item.skipped', ...item('send', host, id), reason: 'held' });
  }

  const totalsNow = (): ReadonlyMap<DiffId, Figure> => {
    const made = new Map([...followed].map(([diffId, read]) => [diffId, read()] as const));
    return wireTotals(layers, (diffId) => made.get(diffId));
  };
  const tellHost = (totals: ReadonlyMap<DiffId, Figure>): void => {
    const sum = (figures: Iterable<number>): number => [...figures].reduce((total, each) => total + each, 0);
    const estimate = [...totals.values()].some(({ kind }) => kind === 'estimate');
    const totalBytes = sum([...totals].map(([diffId, { bytes }]) => Math.max(bytes, done.get(diffId) ?? 0)));
    emit({ type: 'host.progress', host, doneBytes: sum(done.values()), totalBytes, estimate });
  };
  const finish = (diffId: DiffId): void => {
    if (finished.has(diffId) || !done.has(diffId)) return;
    finished.add(diffId);
    emit({ type: 'item.finished', ...item('send', host, diffId), doneBytes: done.get(diffId) ?? 0 });
  };
  const advance = ({ diffId }: Segment, bytes: number): void => {
    if (!layers.has(diffId)) return;
    const isFirst = !done.has(diffId);
    const doneBytes = (done.get(diffId) ?? 0) + bytes;
    done.set(diffId, doneBytes);
    const totals = totalsNow();
    const total = totals.get(diffId);
    const totalBytes = Math.max(total?.bytes ?? 0, doneBytes);
    const about = item('send', host, diffId);
    if (isFirst) emit({ type: 'item.started', ...about, totalBytes });
    emit({ type: 'item.progress', ...about, doneBytes, totalBytes });
    if (total?.kind === 'exact' && doneBytes >= total.bytes) finish(diffId);
    tellHost(totals);
  };
  const image = (planned: PlannedImage, phase: 'load' | 'verify'): Item => ({
    id: `${phase}:${host}:${planned.imageId}`,
    kind: 'image',
    phase,
    host,
    label: planned.fullName ?? planned.name,
  });

  return {
    follow: (diffId, made) => followed.set(diffId, made),
    sent(segment, bytes) {
      sums.layer += bytes;
      advance(segment, bytes);
    },
    resumed(segment, bytes) {
      sums.resumed += bytes;
      advance(segment, bytes);
    },
    drained(bytes, busyMs) {
      sums.drained += bytes;
      sums.busyMs += busyMs;
    },
    loading: (planned) => emit({ type: 'item.started', ...image(planned, 'load') }),
    playing: (diffId, rawBytes) =>
      emit({ type: 'item.started', ...item('load', host, diffId), totalBytes: rawBytes }),
    played(diffId, rawBytes) {
      // The last segment may have gone before the spool knew that it was the last.
      if (done.has(diffId) && !finished.has(diffId)) {
        finish(diffId);
        tellHost(totalsNow());
      }
      emit({ type: 'item.finished', ...item('load', host, diffId), doneBytes: rawBytes });
    },
    loaded: (planned) => emit({ type: 'item.finished', ...image(planned, 'load'), doneBytes: 0 }),
    proving: (planned) => emit({ type: 'item.started', ...image(planned, 'verify') }),
    proved: (planned) => emit({ type: 'item.finished', ...image(planned, 'verify'), doneBytes: 0 }),
    layerBytes: () => sums.layer,
    resumedBytes: () => sums.resumed,
    linkRate: () =>
      sums.drained < tellingBytes ? undefined : Math.round((sums.drained * 1000) / sums.busyMs),
  };
}

function item(phase: 'send' | 'load', host: string, diffId: DiffId): Item {
  return { id: `${phase}:${host}:${diffId}`, kind: 'layer', phase, host, label: shortDigest(diffId) };
}
