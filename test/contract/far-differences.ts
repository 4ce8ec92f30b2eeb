// In what places that images are loaded into may differ, and how each does: nothing else is permitted by the contract of far
// engines. docs/engines.md has the table that is made of it.
import { type StoreKind, type StoreRules, storeRules } from '../../src/engines/engine.js';

export interface FarDifferences {
  readonly storeKind: StoreKind;
  /** Whose digest its Id of an image is, and what it finds again of what an archive leaves out. */
  readonly rules: StoreRules;
  /** How its own list spells `docker.io/library/app:1`. */
  readonly spelling: 'familiar' | 'full';
  /** Who sets a name: the engine, when asked; the archive that lies there; or its index, which the near side has merged. */
  readonly namesBy: 'engine' | 'archive' | 'index';
  /** An image that loses its last name; of containerd it keeps the one that the CRI plugin makes of its config's digest. */
  readonly nameless: 'stays' | 'stays as `sha256:…`' | 'goes';
  /** Which step finds that an archive lacks a layer that is not there either. */
  readonly lackFoundBy: 'load' | 'verify';
  /** Whether layers that it holds can be had back, to be spliced into the next archive. */
  readonly givesBack: boolean;
}

const engine = {
  spelling: 'familiar',
  namesBy: 'engine',
  nameless: 'stays',
  lackFoundBy: 'load',
  givesBack: true,
} as const;

const folder = { spelling: 'full', nameless: 'goes', lackFoundBy: 'verify', givesBack: false } as const;

const of = (storeKind: StoreKind, rest: Omit<FarDifferences, 'storeKind' | 'rules'>): FarDifferences => ({
  storeKind,
  rules: storeRules[storeKind],
  ...rest,
});

/** By what `airgap` calls them. */
export const farDifferences = {
  'docker, graphdriver': of('graphdriver', engine),
  'docker, containerd store': of('containerd', engine),
  'docker 26, containerd store': of('containerd', { ...engine, nameless: 'goes' }),
  podman: of('containers-storage', { ...engine, spelling: 'full' }),
  containerd: of('containerd', { ...engine, spelling: 'full', nameless: 'stays as `sha256:…`' }),
  'k3s-images, rke2-images': of('archives', { ...folder, namesBy: 'archive' }),
  'OCI layout': of('layout', { ...folder, namesBy: 'index', nameless: 'stays' }),
} as const satisfies Record<string, FarDifferences>;

export type FarKind = keyof typeof farDifferences;

const finds: Readonly<Record<StoreRules['finds'], string>> = {
  stack: 'a layer on the very layers below it',
  layer: 'a layer, wherever it is',
  blob: 'a blob, as it lies there',
  image: 'a whole image under its name',
};

const names: Readonly<Record<FarDifferences['namesBy'], string>> = {
  engine: 'the engine',
  archive: 'the archive',
  index: "the archive's index",
};

export const farHeads = [
  ...['loaded into', '`.Id` is the digest of', 'found again', 'its list spells', 'a name is set by'],
  ...['an image without a name', 'a missing layer ends', 'gives layers back'],
];

/** The table in docs/engines.md. */
export function farRows(): readonly (readonly string[])[] {
  return Object.entries(farDifferences).map(([name, one]: [string, FarDifferences]) => [
    name,
    `the ${one.rules.id}`,
    finds[one.rules.finds],
    one.spelling === 'full' ? '`docker.io/library/app:1`' : '`app:1`',
    names[one.namesBy],
    one.nameless,
    `the ${one.lackFoundBy === 'load' ? 'load' : 'proof'}`,
    one.givesBack ? 'yes' : 'no',
  ]);
}
