// Reads layers of the image that is looked into, one at a time, when a person asks; Esc or another layer ends it.
import type { DiffId } from '../src/oci/digest.js';
import { follow } from './follow.js';
import { type Parts, told } from './parts.js';
import { layerHere, layerRead } from './state/layers.js';

export interface LayerReader {
  /** Reads the layer at the cursor, unless it has been. */
  read(): void;
  /** Ends a reading that the state does not know of any more. */
  settle(): void;
  close(): void;
}

export function createLayerReader({ doors, state, dispatch }: Parts): LayerReader {
  let current: { readonly diffId: DiffId; stopped: boolean; cancel?: () => void } | undefined;
  const stop = (): void => {
    if (current === undefined) return;
    current.stopped = true;
    current.cancel?.();
    current = undefined;
  };

  const read = async (source: string, diffId: DiffId): Promise<void> => {
    stop();
    dispatch({ type: 'layer.stop' });
    dispatch({ type: 'layer.look', diffId, look: { is: 'reading', files: undefined } });
    const own: NonNullable<typeof current> = { diffId, stopped: false };
    current = own;
    try {
      const core = await doors.core;
      if (own.stopped) return;
      const run = core.layerFiles(source, { layer: diffId });
      own.cancel = () => run.cancel();
      const [files] = await follow(run, {
        told(events) {
          const found = events.findLast((event) => event.type === 'layer.files');
          if (found === undefined || own.stopped || found.isWhole) return;
          dispatch({ type: 'layer.look', diffId, look: { is: 'reading', files: found } });
        },
      });
      if (files !== undefined && !own.stopped)
        dispatch({ type: 'layer.look', diffId, look: { is: 'ready', files } });
    } catch (error) {
      // Whoever stopped it knows.
      if (!own.stopped) dispatch({ type: 'layer.look', diffId, look: { is: 'failed', error: told(error) } });
    } finally {
      if (current === own) current = undefined;
    }
  };

  return {
    read() {
      const layer = layerHere(state());
      const source = state().inspecting;
      if (layer === undefined || source === undefined) return;
      const known = state().layerFiles.get(layer.diffId)?.is;
      if (known !== 'ready' && known !== 'reading') void read(source, layer.diffId);
    },
    settle() {
      if (current !== undefined && layerRead(state()) !== current.diffId) stop();
    },
    close: stop,
  };
}
