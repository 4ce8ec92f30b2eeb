// In what places that images are read from may differ, and how each does: nothing else is permitted by the contract of stores.
// docs/engines.md has the table that is made of it.

export interface StoreDifferences {
  /** `list` tells every image; registries hold more than anybody wants to see, and most do not tell. */
  readonly lists: boolean;
  /** Of what names the nearest are told when there is no such image. */
  readonly near: 'images' | 'tags of the repository';
  /** The source's own manifest: an image can have the digest that it has there. */
  readonly manifests: 'kept' | 'not there';
  /** What one name stands for. */
  readonly platforms: 'one' | 'several';
}

const image: StoreDifferences = { lists: true, near: 'images', manifests: 'kept', platforms: 'several' };

/** By transport; docker's two stores apart. */
export const storeDifferences = {
  'docker-daemon, graphdriver': { ...image, manifests: 'not there', platforms: 'one' },
  'docker-daemon, containerd store': image,
  'containers-storage': { ...image, manifests: 'not there', platforms: 'one' },
  containerd: image,
  oci: image,
  'oci-archive': image,
  'docker-archive': { ...image, manifests: 'not there' },
  'docker://': { lists: false, near: 'tags of the repository', manifests: 'kept', platforms: 'several' },
} as const satisfies Record<string, StoreDifferences>;

export type StoreKindUnderTest = keyof typeof storeDifferences;

export const storeHeads = [
  'read from',
  'tells its images',
  'near an unknown one',
  "the source's own manifest",
  'platforms of a name',
];

/** The table in docs/engines.md. */
export function storeRows(): readonly (readonly string[])[] {
  return Object.entries(storeDifferences).map(([name, one]: [string, StoreDifferences]) => [
    `\`${name.split(',')[0]}\`${name.includes(',') ? name.slice(name.indexOf(',')) : ''}`,
    one.lists ? 'yes' : 'no',
    one.near,
    one.manifests,
    one.platforms,
  ]);
}
