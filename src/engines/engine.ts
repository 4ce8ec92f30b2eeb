// What an engine family accepts, how its load is proved, and where it keeps things: facts and small pure functions over them.
// Adding an engine is one file here, one line in core.ts, one line in its contract test. Measured facts: docs/engines.md.
import type { Codec } from '../oci/descriptor.js';
import type { Proof } from '../receipt/receipt.js';

/** How an engine keeps layers, which decides what an archive may leave out and how that is written down: `storeRules`. */
export type StoreKind = 'graphdriver' | 'containerd' | 'containers-storage' | 'archives' | 'layout';

export interface StoreRules {
  /**
   * What is found again: `stack`, a layer on the very layers it was loaded on; `layer`, wherever it is; `blob`, the bytes as they lie there;
   * `image`, only all of it under this very name.
   */
  readonly finds: 'stack' | 'layer' | 'blob' | 'image';
  /** Whose digest `.Id` of an image is. The config's says that the engine has verified every diffID itself. */
  readonly id: 'config' | 'manifest';
  /** It reads the OCI half of an archive. */
  readonly readsOci: boolean;
  /** An engine stands behind it: what lies there can be held, saved and loaded upon. A folder is only written to. */
  readonly isEngine: boolean;
}

export const storeRules: Readonly<Record<StoreKind, StoreRules>> = {
  graphdriver: { finds: 'stack', id: 'config', readsOci: false, isEngine: true },
  containerd: { finds: 'blob', id: 'manifest', readsOci: true, isEngine: true },
  // podman: a held layer is described as uncompressed, under its diffID, however it came.
  'containers-storage': { finds: 'layer', id: 'config', readsOci: true, isEngine: true },
  // k3s and RKE2 read docker's half, too.
  archives: { finds: 'image', id: 'config', readsOci: false, isEngine: false },
  layout: { finds: 'blob', id: 'manifest', readsOci: true, isEngine: false },
};

export interface EngineFacts {
  /** `docker`, `podman`, `containerd`, `layout`. */
  readonly name: string;
  readonly version: string;
  readonly storeKind: StoreKind;
  /** As people know it: `overlay2`, `containerd overlayfs`, `OCI layout /srv/images`. */
  readonly storeLabel: string;
  /** `os/architecture` of the engine. */
  readonly platform: { readonly os: string; readonly architecture: string };
  /** Where the engine keeps its data; undefined where it does not say. */
  readonly root: string | undefined;
  /** Codecs that layers may have inside the archive. */
  readonly layerCodecs: readonly Codec[];
  /**
   * Which manifests it keeps byte for byte, so that an image can have the digest it has elsewhere: any, or those of OCI only, since
   * who reads a layout need not know docker's.
   */
  readonly keepsManifests: 'any' | 'oci' | 'none';
  /** Whether the engine untars the whole archive to a temporary folder of its root before it applies layers. */
  readonly stagesArchive: boolean;
  /** Where it keeps an archive twice while it loads it, as it came and untarred; absent where it does not. */
  readonly archiveFolder?: string;
  /** Names must be given to it in full: it would take a short one for another. */
  readonly fullNames?: true;
  readonly proof: Proof;
}
