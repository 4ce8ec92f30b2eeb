// The layers of the image that is looked into, and what was found in those that were read. Pure.
import type { DiffId } from '../../src/oci/digest.js';
import type { InspectedLayer } from '../../src/runs/api.js';
import type { LayerFiles } from '../../src/runs/local-api.js';
import type { AppState, Told } from './app-state.js';

/** What is known of the files of one layer. */
export type LayerLook =
  | { readonly is: 'reading' | 'stopped'; readonly files: LayerFiles | undefined }
  | { readonly is: 'ready'; readonly files: LayerFiles }
  | { readonly is: 'failed'; readonly error: Told };

/** Base first; empty while the image has not been opened. */
export function shownLayers(state: AppState): readonly InspectedLayer[] {
  const shown = state.inspected.get(state.inspecting ?? '');
  return shown?.is === 'ready' ? shown.value.layers : [];
}

/** The layer at the cursor. */
export function layerHere(state: AppState): InspectedLayer | undefined {
  const layers = shownLayers(state);
  return layers[Math.max(0, Math.min(layers.length - 1, state.layerRows.cursor))];
}

/** The layer that is being read. */
export function layerRead(state: AppState): DiffId | undefined {
  const [reading] = [...state.layerFiles].filter(([, look]) => look.is === 'reading');
  return reading?.[0];
}

/** No layer is being read any more; what was found of it stays. */
export function withoutReading(state: AppState): AppState {
  const looks = [...state.layerFiles].map(([diffId, look]): [DiffId, LayerLook] => [
    diffId,
    look.is === 'reading' ? { is: 'stopped', files: look.files } : look,
  ]);
  return { ...state, layerFiles: new Map(looks) };
}
