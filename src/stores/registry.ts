// `docker://[HOST[:PORT]/]REPOSITORY[:TAG][@DIGEST]`: images of registries. @see containers-transports(5)
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { maxManifestBytes } from '../oci/limits.js';
import { familiarReference, parseReference, type Reference } from '../oci/reference.js';
import type { Registries, RegistrySource } from '../registry/open-registries.js';
import { nearest } from '../text/near.js';
import { attachedInRepository } from './attached-repository.js';
import { chooseImage } from './found-image.js';
import { chooseIndex } from './found-index.js';
import { soleCandidate } from './oci-view.js';
import { createRawCache } from './raw-cache.js';
import { blobDirectoryIn, createRegistryTree, type DescribedBlob } from './registry-tree.js';
import type { Store } from './store.js';
import { createTreeImage } from './tree-image.js';

export interface RegistryStoreOptions {
  readonly registries: Registries;
  /** Documents are kept there, and blobs lie there on their way. */
  readonly cacheDirectory: string;
}

/** Every registry there is; one store for a run, so that each blob is read once. */
export function createRegistryStore({ registries, cacheDirectory }: RegistryStoreOptions): Store {
  const documents = createRawCache(path.join(cacheDirectory, 'documents'));
  const described = new Map<string, DescribedBlob>();
  const transport = 'docker';
  const find = async (name: string, signal: AbortSignal | undefined) => {
    const reference = parseReference(name);
    const image = `${transport}://${familiarReference(reference)}`;
    const source = await registries.source(reference);
    const known = {
      known: (digest: Parameters<typeof documents.read>[0]) => documents.read(digest, maxManifestBytes),
    };
    const found = await source.first(
      (repository) => repository.resolve(reference.digest ?? reference.tag ?? 'latest', { ...known, signal }),
      signal,
    );
    if (found === undefined) throw await unknown(source, image, signal);
    await documents.write(found.descriptor.digest, found.raw);
    const blobDirectory = blobDirectoryIn(cacheDirectory);
    const tree = createRegistryTree({ source, documents, blobDirectory, described, signal });
    const candidate = soleCandidate({ tree, reference, image }, found.descriptor);
    return { tree, candidate, image };
  };
  return {
    transport,
    // Registries hold more than anybody wants to see, and most do not tell.
    list: async () => [],
    async open(name = '', { platform, signal } = {}) {
      const { tree, candidate, image } = await find(name, signal);
      const chosen = await chooseImage([candidate], { name: undefined, platform, store: image });
      return createTreeImage(chosen, { tree, source: image, transport });
    },
    async openIndex(name = '', { platforms, signal } = {}) {
      const { tree, candidate, image } = await find(name, signal);
      const { images, ...index } = await chooseIndex([candidate], {
        name: undefined,
        platforms,
        store: image,
      });
      return {
        images: images.map((found) => createTreeImage(found, { tree, source: image, transport })),
        ...index,
      };
    },
    async attached(name = '', { signal } = {}) {
      const reference = parseReference(name);
      return attachedInRepository(await registries.source(reference), reference, signal);
    },
    async close() {
      registries.close();
      described.clear();
    },
  };
}

async function unknown(
  source: RegistrySource,
  image: string,
  signal: AbortSignal | undefined,
): Promise<AirgapError> {
  const { reference } = source;
  const tags = (await source.first((repository) => repository.tags({ signal }), signal)) ?? [];
  const named = (tag: string): string => familiarReference(withTag(reference, tag));
  const near = nearest(familiarReference(reference), tags.map(named));
  return new AirgapError('IMAGE_UNKNOWN', {
    image,
    store: `docker://${reference.registry}`,
    near: near.map((one) => `docker://${one}`),
  });
}

function withTag({ registry, repository }: Reference, tag: string): Reference {
  return { registry, repository, tag };
}
