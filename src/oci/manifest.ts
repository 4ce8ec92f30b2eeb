// Manifests, indexes and configs: wire types, spec spelling, parsed once from raw bytes under named limits.
// @see image-spec v1.1 manifest.md, image-index.md, config.md; docker manifest v2 schema 2
import type { Descriptor } from './descriptor.js';
import type { DiffId } from './digest.js';
import type { Platform } from './platform.js';

/** An image's config blob: what an engine needs to run it. Fields airgap never reads stay in `raw`. */
export interface ImageConfig {
  /** The bytes as stored; digests are taken of these only. */
  readonly raw: Uint8Array;
  readonly platform: Platform;
  readonly created: string | undefined;
  readonly author: string | undefined;
  readonly config: RunConfig;
  readonly diffIds: readonly DiffId[];
  readonly history: readonly HistoryEntry[];
}

/** What `docker inspect` users ask for. */
export interface RunConfig {
  readonly User?: string;
  readonly Env?: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly ExposedPorts?: Readonly<Record<string, unknown>>;
  readonly Volumes?: Readonly<Record<string, unknown>>;
  readonly Labels?: Readonly<Record<string, string>>;
  readonly StopSignal?: string;
}

export interface HistoryEntry {
  readonly created?: string;
  readonly created_by?: string;
  readonly comment?: string;
  readonly empty_layer?: boolean;
}

export interface ImageManifest {
  readonly raw: Uint8Array;
  readonly mediaType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
}

export interface ImageIndex {
  readonly raw: Uint8Array;
  readonly mediaType: string;
  readonly manifests: readonly Descriptor[];
}
