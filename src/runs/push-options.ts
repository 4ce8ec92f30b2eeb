// What a push is asked to do, and what comes of it.
import type { PushPlan } from '../plan/push-plan.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ConnectOptions, ImageChoice, SendOptions } from './api.js';

/** Shared with a send. */
type SharedOptions = Pick<
  SendOptions,
  'spec' | 'commit' | 'platform' | 'noClobber' | 'dryRun' | 'limitBytesPerSecond'
>;

export interface PushOptions extends SharedOptions {
  /** HOST[:PORT][/PREFIX] */
  readonly registry: string;
  /** Below it; what stands before every path. */
  readonly prefix?: string;
  /** Bundles (paths) and images. */
  readonly images: readonly ImageChoice[];
  /** A host that alone reaches the registry. */
  readonly through?: string;
  /** Signatures and attestations go along, where the images' sources keep any. */
  readonly withReferrers?: boolean;
  readonly connect: ConnectOptions;
}

/** Of a send whose images go through a registry. */
export interface ThroughOptions {
  /** HOST[:PORT][/PREFIX]: images are pushed there, and the hosts pull them. */
  readonly throughRegistry?: string;
  /** The host that alone reaches that registry from here. */
  readonly through?: string;
}

export interface PushResult {
  readonly plan: PushPlan;
  /** Absent for a dry run. */
  readonly receipt?: Receipt;
}
