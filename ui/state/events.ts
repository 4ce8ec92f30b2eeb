// What can happen to the screen's state: what the world told, and what a person did.

import type { KnownOption } from '../../src/cli/known-options.js';
import type { AirgapEvent } from '../../src/events.js';
import type { DiffId } from '../../src/oci/digest.js';
import type { Receipt } from '../../src/receipt/receipt.js';
import type { ExportResult, InspectedImage, LocalPlaces } from '../../src/runs/api.js';
import type { FolderListing, FolderLook, FoundBundle } from '../../src/runs/local-api.js';
import type { Line } from '../../src/views/line.js';
import type { ActionId } from '../keys.js';
import type {
  Confirm,
  Extra,
  Field,
  ImageList,
  Job,
  Loaded,
  Planning,
  Question,
  Source,
  Target,
  Told,
} from './app-state.js';
import type { LayerLook } from './layers.js';
import type { Edit } from './typing.js';

export type AppEvent =
  | { readonly type: 'tick'; readonly now: number }
  | { readonly type: 'images'; readonly images: Loaded<ImageList> }
  | { readonly type: 'places'; readonly places: LocalPlaces }
  | { readonly type: 'targets'; readonly targets: readonly Target[] }
  | {
      readonly type: 'target.probe';
      readonly id: string;
      readonly probe: Target['probe'];
      readonly otherEngines?: readonly string[];
    }
  /** The next of a host's engines; after the last the one that airgap takes by itself. */
  | { readonly type: 'target.engine'; readonly id: string }
  | { readonly type: 'registry.reach'; readonly id: string; readonly reach: NonNullable<Target['reach']> }
  | { readonly type: 'folder.look'; readonly id: string; readonly look: FolderLook }
  | { readonly type: 'target.put'; readonly target: Target; readonly instead: string | undefined }
  | { readonly type: 'target.forget'; readonly id: string }
  | {
      readonly type: 'extra.add';
      readonly words: readonly string[];
      readonly from: Extra['from'];
      /** The one that it takes the place of. */
      readonly instead?: string | undefined;
    }
  | { readonly type: 'extra.remove'; readonly id: string }
  | { readonly type: 'image.put'; readonly id: string; readonly image: InspectedImage }
  | { readonly type: 'bundle.put'; readonly bundle: FoundBundle }
  /** A folder is opened to look through; undefined: no more. */
  | { readonly type: 'browse'; readonly path: string | undefined }
  | { readonly type: 'browsed'; readonly listing: FolderListing }
  | { readonly type: 'known.options'; readonly options: readonly KnownOption[] }
  /** Undefined: it is taken back. */
  | { readonly type: 'option'; readonly flag: string; readonly values: readonly string[] | undefined }
  | { readonly type: 'inspected'; readonly id: string; readonly image: Loaded<InspectedImage> }
  | { readonly type: 'inspect'; readonly id: string }
  | { readonly type: 'layer.look'; readonly diffId: DiffId; readonly look: LayerLook }
  /** Whatever layer is being read: no more. */
  | { readonly type: 'layer.stop' }
  | { readonly type: 'receipts'; readonly receipts: Loaded<readonly Receipt[]> }
  | { readonly type: 'proof'; readonly receipt: Receipt }
  /** The whole choice anew: what the lists do not have yet, they get. */
  | {
      readonly type: 'repeat';
      readonly sources: readonly Source[];
      readonly targets: readonly string[];
      readonly extras: readonly (readonly string[])[];
    }
  | { readonly type: 'choose'; readonly images: readonly string[]; readonly targets: readonly string[] }
  | { readonly type: 'planning'; readonly planning: Planning }
  | { readonly type: 'jobs.started'; readonly jobs: readonly Job[] }
  /** A job is taken up again, as another run in its place. */
  | { readonly type: 'job.again'; readonly id: string; readonly job: Job }
  | {
      readonly type: 'job.told';
      readonly id: string;
      readonly events: readonly AirgapEvent[];
      readonly log: readonly Line[];
      readonly now: number;
    }
  | {
      readonly type: 'job.state';
      readonly id: string;
      readonly state: Job['state'];
      readonly now: number;
      readonly error?: Told;
      readonly result?: ExportResult | undefined;
    }
  /** What runs is being stopped; then the screen is left. */
  | { readonly type: 'leaving' }
  | { readonly type: 'asked'; readonly question: Question }
  | { readonly type: 'answered'; readonly id: string }
  | { readonly type: 'withdrawn'; readonly runId: string }
  | { readonly type: 'field'; readonly field: Field | undefined }
  | { readonly type: 'confirm'; readonly confirm: Confirm | undefined }
  | { readonly type: 'notice'; readonly notice: Line | undefined }
  /** Of whatever takes text: a field, a question, the filter. */
  | { readonly type: 'edited'; readonly edit: Edit }
  /** A question has been seen for a moment: from now on it takes answers. */
  | { readonly type: 'listens'; readonly id: string }
  | { readonly type: 'filter.end'; readonly keep: boolean }
  /** A row was clicked. */
  | { readonly type: 'row'; readonly row: number }
  /** `page`: rows of a page of what is shown; `last`: the last row that may stand on top of what is scrolled. */
  | { readonly type: 'action'; readonly action: ActionId; readonly page: number; readonly last: number };
