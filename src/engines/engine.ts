// What an engine family accepts, how its load is proved, and where it keeps things: facts and small pure functions over them.
// Adding an engine is one file here, one line in core.ts, one line in its contract test. Measured facts: docs/engines.md.
import type { Codec } from '../oci/descriptor.js';
import type { Proof } from '../receipt/receipt.js';

/** How an engine keeps layers, which decides what an archive may leave out and how that is written down. */
export type StoreKind = 'graphdriver' | 'containerd' | 'layout';

export interface EngineFacts {
  /** `docker`, `containerd`, `layout`. */
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
  /** Whether it keeps the manifest it is given, byte for byte: then an image can have the digest it has elsewhere. */
  readonly keepsManifests: boolean;
  /** Whether the engine untars the whole archive to a temporary folder of its root before it applies layers. */
  readonly stagesArchive: boolean;
  readonly proof: Proof;
}
