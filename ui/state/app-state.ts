// All that the screen knows, as data: one value, changed by one reducer. Nothing here touches the world.

import type { Passport } from '../../src/bundle/passport.js';
import type { ExportPlan } from '../../src/bundle/plan-export.js';
import type { KnownOption } from '../../src/cli/known-options.js';
import type { Prompt } from '../../src/events.js';
import type { DiffId } from '../../src/oci/digest.js';
import type { Plan } from '../../src/plan/plan.js';
import type { PushPlan } from '../../src/plan/push-plan.js';
import type { Receipt } from '../../src/receipt/receipt.js';
import type { Core, ExportResult, InspectedImage, LocalPlaces } from '../../src/runs/api.js';
import type { FolderLook, FoundBundle, FoundPassport, RegistryLook } from '../../src/runs/local-api.js';
import { noProgress, type Progress } from '../../src/runs/progress.js';
import type { Line } from '../../src/views/line.js';
import type { ScreenName } from '../keys.js';
import type { Command } from './command.js';
import type { Browser } from './extras.js';
import type { LayerLook } from './layers.js';
import { emptyList, type ListState } from './list.js';
import { nothingTyped, type Typed } from './typing.js';

/** An error as it is shown: never more than these. */
export interface Told {
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

export type Loaded<T> =
  | { readonly is: 'waiting' }
  | { readonly is: 'ready'; readonly value: T }
  | { readonly is: 'failed'; readonly error: Told };

export type ImageList = Awaited<ReturnType<Core['images']>>;

/** What can be sent: an image, a container as it is now, all that a compose file names, or a bundle that has arrived. */
export interface Source {
  /** As the command line names it. */
  readonly id: string;
  readonly kind: 'image' | 'container' | 'compose' | 'bundle';
  readonly label: string;
  /** Unpacked, as the store tells it. */
  readonly bytes: number | undefined;
  readonly layers: number | undefined;
  readonly createdAt: string | undefined;
  /** The store of an image, the state of a container, what a compose file lacks here, what is in a bundle. */
  readonly about: string;
}

type Looked<T> = { readonly is: 'none' } | { readonly is: 'asking' } | Loaded<T>;

/** Where things can go: a host, a folder such as a drive's, or a registry. */
export interface Target {
  readonly id: string;
  /** `passport`: only as a row below the folder that it lies on. */
  readonly kind: 'host' | 'folder' | 'registry' | 'passport';
  readonly passport?: FoundPassport;
  readonly name: string;
  readonly address: string | undefined;
  readonly from: 'here' | 'config' | 'receipt' | 'drive' | 'typed';
  readonly lastSend: string | undefined;
  /** Of a folder. */
  readonly freeBytes: number | undefined;
  /** Of a host. */
  readonly probe: Looked<Passport>;
  /** Engines of a host beside the one that airgap takes by itself. */
  readonly otherEngines?: readonly string[];
  /** The one of them that a person wants. */
  readonly engine?: string | undefined;
  /** Of a registry. */
  readonly reach?: Looked<RegistryLook>;
}

/** A file that can go along. */
export interface Extra {
  readonly id: string;
  /** As the command line has it: `--repo FILE`, `--file SOURCE:/TARGET[:MODE]`, `--daemon-key KEY=JSON`, `--packages DIR`. */
  readonly words: readonly string[];
  /** `ready`: repo config of a bundle that comes with airgap. */
  readonly from: 'here' | 'ready' | 'typed';
}

/** By flag, its values; none for one that is on or off. */
export type Options = ReadonlyMap<string, readonly string[]>;

/** What would be done to one target: a plan of a send or an import, of an export, of a push. `command`: what it is a plan of. */
export type PlanPart = { readonly command: Command } & (
  | /** `limit`: bytes a second that were asked for. */
  { readonly kind: 'send'; readonly plan: Plan; readonly limit?: number | undefined }
  /** `refusal`: why it must not start. */
  | {
      readonly kind: 'export';
      readonly place: string;
      readonly plan: ExportPlan;
      readonly refusal?: Told;
    }
  | { readonly kind: 'push'; readonly plan: PushPlan }
  /** No plan could be made. */
  | { readonly kind: 'failed'; readonly targets: readonly string[]; readonly error: Told }
);

export type Planning =
  | { readonly is: 'none' }
  /** `share`: of a bundle that must be proved first. */
  | {
      readonly is: 'making' | 'ready';
      readonly parts: readonly PlanPart[];
      readonly share?: number | undefined;
    };

export type JobState = 'running' | 'pausing' | 'paused' | 'stopping' | 'stopped' | 'done' | 'failed';

/** One run of the core that the screen has started. */
export interface Job {
  readonly id: string;
  readonly command: Command;
  /** Hosts, or the one folder or registry. A host that is tried again by itself is a job of its own. */
  readonly targets: readonly string[];
  readonly state: JobState;
  readonly progress: Progress;
  readonly log: readonly Line[];
  readonly receipts: readonly { readonly target: string; readonly receipt: Receipt }[];
  readonly failed: readonly { readonly host: string; readonly error: Told }[];
  readonly error: Told | undefined;
  /** What an export wrote. */
  readonly result: ExportResult | undefined;
  readonly finishedAt: number | undefined;
}

/** A question of a run, asked in place. */
export interface Question {
  readonly id: string;
  /** What asks: a job, a probe. */
  readonly runId: string;
  readonly prompt: Prompt;
}

/** A line being typed that is no filter: a host, a folder, an option. */
export interface Field extends Typed {
  readonly purpose:
    | 'target'
    | 'extra'
    | 'extra-place'
    | 'extra-mode'
    | 'bundle'
    | 'option'
    | 'save-spec'
    | 'save-json'
    | 'save-html';
  /** What it stands for, if it changes something that is there. */
  readonly editing?: string;
  /** The file whose place or mode is asked. */
  readonly source?: string;
  /** Whose value is asked. */
  readonly option?: KnownOption;
  /** It is done, and not taken yet. */
  readonly isChecking?: boolean;
  /** Why it was not taken; it stays until the next try. */
  readonly refused?: Told;
}

/** A yes-or-no question of the screen itself; it names what would go. */
export interface Confirm {
  readonly what: 'quit' | 'forget' | 'logout' | 'cancel' | 'overwrite' | 'start';
  readonly subject: string;
  /** Of `overwrite`: what is saved there. */
  readonly content?: string;
  /** Of `cancel`: the jobs. */
  readonly jobs?: readonly string[];
}

export interface AppState {
  readonly screen: ScreenName;
  readonly help: boolean;
  readonly helpScroll: number;
  /** Milliseconds since the epoch, as of the last event: views have no clock. */
  readonly now: number;
  readonly images: Loaded<ImageList>;
  readonly places: LocalPlaces;
  /** Of a run that is repeated: what the stores do not list. */
  readonly repeated: readonly Source[];
  /** Images that a person has named and no store lists. */
  readonly typedImages: readonly Source[];
  /** Bundles that a person has named. */
  readonly bundles: readonly FoundBundle[];
  readonly imageTab: Source['kind'];
  readonly sort: 'name' | 'size' | 'age';
  readonly imageRows: ListState;
  readonly inspected: ReadonlyMap<string, Loaded<InspectedImage>>;
  /** The image that the inspect screen shows. */
  readonly inspecting: string | undefined;
  /** Its settings are shown instead of its layers. */
  readonly showsConfig: boolean;
  readonly layerRows: ListState;
  readonly layerFiles: ReadonlyMap<DiffId, LayerLook>;
  readonly targets: readonly Target[];
  readonly targetRows: ListState;
  /** By the id of the target. */
  readonly folderLooks: ReadonlyMap<string, FolderLook>;
  readonly extras: readonly Extra[];
  readonly extraRows: ListState;
  /** Shown instead of the extras while something is looked for. */
  readonly browser: Browser | undefined;
  /** What there is to be told, as the command line knows it; none while it is not known yet. */
  readonly knownOptions: readonly KnownOption[];
  readonly options: Options;
  readonly optionRows: ListState;
  readonly planning: Planning;
  readonly jobs: readonly Job[];
  readonly runRows: ListState;
  /** Everything is being stopped, and then the screen is left. */
  readonly leaving: boolean;
  readonly receipts: Loaded<readonly Receipt[]>;
  readonly historyRows: ListState;
  /** The receipt that the proof screen shows. */
  readonly proof: Receipt | undefined;
  /** First row of what is scrolled: inspect, plan, run, proof. */
  readonly scroll: number;
  readonly questions: readonly Question[];
  /** The answer being typed. */
  readonly answer: Typed;
  /** The question that takes answers: it has been seen for a moment. */
  readonly listening: string | undefined;
  readonly field: Field | undefined;
  readonly confirm: Confirm | undefined;
  /** One sentence at the bottom, gone with the next key. */
  readonly notice: Line | undefined;
}

export const initialState: AppState = {
  screen: 'images',
  help: false,
  helpScroll: 0,
  now: 0,
  images: { is: 'waiting' },
  places: { containers: [], composeFiles: [], drives: [], files: [], readyFiles: [] },
  repeated: [],
  typedImages: [],
  bundles: [],
  imageTab: 'image',
  sort: 'name',
  imageRows: emptyList,
  inspected: new Map(),
  inspecting: undefined,
  showsConfig: false,
  layerRows: emptyList,
  layerFiles: new Map(),
  targets: [],
  targetRows: emptyList,
  folderLooks: new Map(),
  extras: [],
  extraRows: emptyList,
  browser: undefined,
  knownOptions: [],
  options: new Map(),
  optionRows: emptyList,
  planning: { is: 'none' },
  jobs: [],
  runRows: emptyList,
  leaving: false,
  receipts: { is: 'waiting' },
  historyRows: emptyList,
  proof: undefined,
  scroll: 0,
  questions: [],
  answer: nothingTyped,
  listening: undefined,
  field: undefined,
  confirm: undefined,
  notice: undefined,
};

/** A job that has just begun. */
export function newJob(id: string, command: Command): Job {
  return {
    id,
    command,
    targets: command.targets,
    state: 'running',
    progress: noProgress,
    log: [],
    receipts: [],
    failed: [],
    error: undefined,
    result: undefined,
    finishedAt: undefined,
  };
}
