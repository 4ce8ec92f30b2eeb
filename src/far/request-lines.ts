// What a command of the far program is told on its stdin, a line each.
import { type DiffId, hexOf } from '../oci/digest.js';

export function layerLines(layers: readonly DiffId[]): string {
  return layers.map((layer) => `layer ${hexOf(layer)}\n`).join('');
}

/**
 * The names of ours that go, and the containers of these clients. What was loaded goes first: as long as its bases have their names,
 * nothing that was there before goes with it.
 */
export function unnameLines(names: readonly string[], containersOf: readonly string[]): string {
  const isLoaded = (name: string): boolean => name.startsWith('airgap.local/loading:');
  const ordered = [...names.filter(isLoaded), ...names.filter((name) => !isLoaded(name))];
  const containers = containersOf.map((client) => `container ${client}\n`);
  return [...containers, ...ordered.map((name) => `name ${name}\n`)].join('');
}
