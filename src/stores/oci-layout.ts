// `oci:DIR[:name]`: an OCI layout in a folder. @see containers-transports(5)
import { AirgapError } from '../errors.js';
import { openFolderTree } from './folder-tree.js';
import { ociCandidates, readIndexJson } from './oci-view.js';
import type { Store } from './store.js';
import { createTreeStore } from './tree-store.js';

/** Reads images of the layout in `path`. */
export function createOciLayoutStore(options: {
  readonly path: string;
  readonly unpackLimitBytes?: number;
}): Store {
  const { path } = options;
  return createTreeStore({
    transport: 'oci',
    ...options,
    openTree: () => openFolderTree(path),
    async candidates(tree) {
      const index = await readIndexJson(tree);
      if (index === undefined) throw new AirgapError('LAYOUT_INVALID', { path, problem: 'no-index' });
      return await ociCandidates(tree, index);
    },
  });
}
