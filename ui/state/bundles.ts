// Bundles that can be imported: those that lie on drives and folders, and those that a person has named. Pure.
import type { FoundBundle } from '../../src/runs/local-api.js';
import { text } from '../../src/text/text.js';
import type { AppState, Source } from './app-state.js';

type Known = Pick<AppState, 'bundles' | 'folderLooks'>;

/** Each bundle as a source. */
export function bundleSources(state: Known): readonly Source[] {
  const words = text().words.screen.images;
  return knownBundles(state).map((bundle) => ({
    id: idOf(bundle),
    kind: 'bundle',
    label: bundle.paths[0] ?? '',
    bytes: bundle.bytes,
    layers: undefined,
    createdAt: undefined,
    about: words.bundle(bundle),
  }));
}

/** Where the volumes of one lie. */
export function pathsOf(state: Known, id: string): readonly string[] {
  return knownBundles(state).find((bundle) => idOf(bundle) === id)?.paths ?? [];
}

export const bundleId = (path: string): string => `bundle:${path}`;
const idOf = ({ paths: [first = ''] }: FoundBundle): string => bundleId(first);

function knownBundles({ bundles, folderLooks }: Known): readonly FoundBundle[] {
  const found = [...folderLooks.values()].flatMap((look) => look.bundles);
  return [...new Map([...found, ...bundles].map((bundle) => [idOf(bundle), bundle])).values()];
}
