// What faces may ask of this machine alone: what can be sent, what was added, what lies in folders, who one is at registries.
import { homedir } from 'node:os';
import type { Core } from './api.js';
import { lookAtFolder } from './folder-look.js';
import { lookAtBundle } from './found-bundles.js';
import { listFolder } from './list-folder.js';
import type { LocalCore } from './local-api.js';
import { findLocalPlaces, type LocalPlacesOptions } from './local-places.js';
import type { SendParts } from './prepare-host.js';
import { reported } from './reported.js';
import { createSavedTargets, type SavedTargetsOptions } from './saved-targets.js';

interface LoginPlace extends Pick<SendParts, 'openHost'> {
  readonly env: NodeJS.ProcessEnv;
  readonly tool: string;
}

export function createLocalCore(
  options: SavedTargetsOptions & Pick<LocalPlacesOptions, 'containers'> & LoginPlace,
): Omit<LocalCore, 'layerFiles'> &
  Pick<Core, 'places' | 'lookAtRegistry' | 'login' | 'logout' | 'mirrorConfig'> {
  const { env, tool, openHost } = options;
  return {
    ...createSavedTargets(options),
    lookAtFolder,
    lookAtBundle: (named) => lookAtBundle(named, options.home ?? homedir()),
    listFolder,
    lookAtRegistry: (named, way = {}) =>
      reported(tool, 'doctor', async (context) =>
        (await import('./look-at-registry.js')).lookAtRegistry({ env, openHost }, named, way, context),
      ),
    login: (asked) =>
      reported(tool, 'login', async (context) => (await import('./logins.js')).logIn(env, asked, context)),
    logout: async (registry) => (await import('./logins.js')).logOut(env, registry),
    mirrorConfig: (asked) =>
      reported(tool, 'mirror-config', async (context) =>
        (await import('./mirror-config.js')).makeMirrorConfig(env, asked, context),
      ),
    places: () => findLocalPlaces({ containers: options.containers, folder: process.cwd() }),
  };
}
