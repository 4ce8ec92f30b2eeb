// The one union of progress events, and the hub that coalesces them. `--json` is this stream, one event a line.
// docs/events.md documents every field; `version` changes when a field changes its meaning or goes away.
import type { ExportPlan } from './bundle/plan-export.js';
import type { AirgapError } from './errors.js';
import type { Digest } from './oci/digest.js';
import type { Plan } from './plan/plan.js';
import type { PushPlan } from './plan/push-plan.js';
import type { Receipt } from './receipt/receipt.js';
import type { LayerFiles } from './runs/local-api.js';

export const eventsVersion = 1;

interface Base {
  readonly runId: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * What an item is. `layer`: bytes over the wire or into the spool; `image`: loading and proving; `bundle`: proving all of it;
 * `packages`: the bytes of a set.
 */
export type ItemKind = 'layer' | 'image' | 'bundle' | 'packages';
/** What is happening to it. */
export type ItemPhase = 'spool' | 'send' | 'load' | 'verify' | 'pack' | 'reread';

export type AirgapEvent = Base &
  (
    | {
        readonly type: 'run.started';
        readonly version: number;
        readonly command: string;
        readonly tool: string;
      }
    | { readonly type: 'step.started' | 'step.finished'; readonly step: StepName; readonly host?: string }
    | { readonly type: 'plan'; readonly host: string; readonly plan: Plan }
    /** What an export will write to `place`. */
    | { readonly type: 'export.plan'; readonly place: string; readonly plan: ExportPlan }
    /** What a push will do to a registry. */
    | { readonly type: 'push.plan'; readonly plan: PushPlan }
    | ({ readonly type: 'item.started' } & Item & { readonly totalBytes?: number })
    | ({ readonly type: 'item.progress' } & Item & {
          readonly doneBytes: number;
          readonly totalBytes?: number;
        })
    | ({ readonly type: 'item.finished' } & Item & { readonly doneBytes: number })
    | ({ readonly type: 'item.skipped' } & Item & {
          readonly reason: 'held' | 'spooled' | 'staged' | 'stored';
        })
    /** Sum of a host: bytes to send, sent so far. */
    | {
        readonly type: 'host.progress';
        readonly host: string;
        readonly doneBytes: number;
        readonly totalBytes: number;
        readonly estimate: boolean;
      }
    /** What was found of a layer so far; `isWhole`: all of it, and its digest was right. */
    | ({ readonly type: 'layer.files'; readonly isWhole: boolean } & LayerFiles)
    | { readonly type: 'host.finished'; readonly host: string; readonly receipt: Receipt }
    | {
        readonly type: 'host.failed';
        readonly host: string;
        readonly error: ReturnType<AirgapError['toJSON']>;
      }
    /** A plain sentence about what happens, for eyes; the demo tells its story with them. */
    | { readonly type: 'note'; readonly host?: string; readonly message: string }
    | { readonly type: 'warning'; readonly host?: string; readonly code: string; readonly message: string }
    | { readonly type: 'prompt.needed'; readonly id: string; readonly prompt: Prompt }
    | {
        readonly type: 'run.finished';
        readonly receipts: readonly Receipt[];
        readonly durationMs: number;
        /** What an export has written; absent for its plan, and for everything else. */
        readonly bundle?: BundleReport;
      }
    | {
        readonly type: 'run.failed';
        readonly error: ReturnType<AirgapError['toJSON']>;
        readonly receipts: readonly Receipt[];
        readonly durationMs: number;
      }
  );

/** A bundle as the last line of an export tells it. */
export interface BundleReport {
  /** Its folder or tar; the first volume of several. */
  readonly place: string;
  readonly name: string;
  /** Names everything inside. */
  readonly digest: Digest;
  readonly volumes: number;
  /** With all that every volume holds. */
  readonly fileCount: number;
  readonly bytes: number;
  /** `from-memory`: the drive was asked, but memory may have answered. */
  readonly readBack: 'done' | 'from-memory' | 'not-done';
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

export type StepName =
  | 'connect'
  | 'probe'
  | 'plan'
  | 'send'
  | 'load'
  | 'verify'
  | 'files'
  | 'packages'
  | 'clean'
  | 'seal'
  | 'reread';

/** A thing that progresses. `id` is stable over a run: `<phase>:<host?>:<digest>`. */
export interface Item {
  readonly id: string;
  readonly kind: ItemKind;
  readonly phase: ItemPhase;
  readonly host?: string;
  readonly label: string;
}

/** A question only a person can answer. */
export type Prompt =
  | {
      readonly kind: 'host-key';
      readonly host: string;
      readonly keyType: string;
      readonly fingerprint: string;
    }
  | { readonly kind: 'passphrase'; readonly key: string }
  | { readonly kind: 'password'; readonly host: string; readonly user: string; readonly label: string }
  | { readonly kind: 'user'; readonly host: string }
  | { readonly kind: 'sudo'; readonly host: string; readonly user: string }
  | { readonly kind: 'confirm'; readonly question: string };

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
/** An event before the hub has stamped it. */
export type EventBody = DistributiveOmit<AirgapEvent, 'runId' | 'at'>;
/** What producers get: emit every chunk, the hub thins. */
export type Emit = (event: EventBody) => void;
/** Asks and waits. Resolves undefined when nobody can answer. */
export type Ask = (prompt: Prompt) => Promise<string | undefined>;
