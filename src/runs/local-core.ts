// What faces may ask of this machine without a run: what can be sent, what was added, what lies in folders.
import type { Core } from './api.js';
import { lookAtFolder } from './folder-look.js';
import { listFolder } from './list-folder.js';
import type { LocalCore } from './local-api.js';
import { findLocalPlaces, type LocalPlacesOptions } from './local-places.js';
import { createSavedTargets, type SavedTargetsOptions } from './saved-targets.js';

export function createLocalCore(
  options: SavedTargetsOptions & Pick<LocalPlacesOptions, 'containers'>,
): Omit<LocalCore, 'layerFiles'> & Pick<Core, 'places'> {
  return {
    ...createSavedTargets(options),
    lookAtFolder,
    listFolder,
    places: () => findLocalPlaces({ containers: options.containers, folder: process.cwd() }),
  };
}
