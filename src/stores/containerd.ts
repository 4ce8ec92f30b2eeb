// `containerd:NAME`, `containerd+NAMESPACE:NAME`: images of the containerd on this machine, where there is no docker in front of it.
import type { Host } from '../hosts/host.js';
import type { Descriptor } from '../oci/descriptor.js';
import { isDigest } from '../oci/digest.js';
import { entryMatches, entryReference } from '../oci/layout.js';
import { maxIndexBytes } from '../oci/limits.js';
import { text } from '../text/text.js';
import { kubeletNamespace, openContainerdCli } from './containerd-cli.js';
import { type ContainerdTree, createContainerdTree } from './containerd-tree.js';
import type { Candidate } from './found-image.js';
import { imageIndex, imageLeaves } from './oci-view.js';
import { createRawCache } from './raw-cache.js';
import type { Store } from './store.js';
import { createTreeStore } from './tree-store.js';

export interface ContainerdStoreOptions {
  readonly host: Host;
  readonly env: NodeJS.ProcessEnv;
  /** A kubelet's when absent. */
  readonly namespace?: string | undefined;
  /** Where documents are kept, by their digest. */
  readonly documentDirectory: string;
}

/** The images of one namespace. */
export function createContainerdStore(options: ContainerdStoreOptions): Store {
  const { host, env, namespace = kubeletNamespace, documentDirectory } = options;
  const store = namespace === kubeletNamespace ? 'containerd' : `containerd+${namespace}`;
  const documents = createRawCache(documentDirectory);
  return createTreeStore({
    transport: 'containerd',
    path: '',
    store,
    openTree: async () =>
      createContainerdTree({ cli: await openContainerdCli(host, { env, namespace }), store, documents }),
    candidates: async (tree) => namedImages(await tree.listing()).map((entry) => candidate(tree, entry)),
    // Of most indexes only this machine's platform is here, and a kubelet may have layers thrown away once they are unpacked.
    passesOver: 'IMAGE_INCOMPLETE',
  });
}

/** Those of this machine: one store for each namespace, so that one pass reads the layers of all its images. */
export function createContainerdStores(
  options: Omit<ContainerdStoreOptions, 'namespace'>,
): (namespace?: string) => Store {
  const stores = new Map<string | undefined, Store>();
  return (namespace) => {
    const store = stores.get(namespace) ?? createContainerdStore({ ...options, namespace });
    stores.set(namespace, store);
    return store;
  };
}

type Named = Omit<Descriptor, 'size'>;

/** Rows of `ctr images ls`, REF TYPE DIGEST …: names before digests, and those last that a kubelet's containerd makes itself. */
function namedImages(listing: string): Named[] {
  const rows = listing.split('\n').map((line) => line.trim().split(/\s+/));
  const rank = (name: string): number => (name.startsWith('sha256:') ? 2 : name.includes('@') ? 1 : 0);
  return rows
    .flatMap(([name = '', mediaType = '', digest]): { name: string; entry: Named }[] => {
      if (!isDigest(digest) || name.startsWith('airgap.local/')) return [];
      return [{ name, entry: { mediaType, digest, annotations: { 'io.containerd.image.name': name } } }];
    })
    .toSorted((a, b) => rank(a.name) - rank(b.name))
    .map(({ entry }) => entry);
}

function candidate(tree: ContainerdTree, named: Named): Candidate {
  const name = named.annotations?.['io.containerd.image.name'] ?? named.digest;
  const entry: Descriptor = { ...named, size: 0 };
  const reference = entryReference(entry);
  const what = text().parts.manifest(name);
  const view = { tree, reference, image: name };
  // The list rounds sizes: that of what a name points at is seen when it has been read.
  const sized = async (): Promise<Descriptor> => {
    const raw = await tree.raw(named.digest, { limitBytes: maxIndexBytes, what });
    return { ...named, size: raw?.byteLength ?? 0 };
  };
  return {
    names: [name],
    reference,
    key: named.digest,
    matches: (wanted) => entryMatches(entry, wanted) || wanted === named.digest,
    leaves: async () => await imageLeaves(view, await sized()),
    index: async () => await imageIndex(view, await sized()),
  };
}
