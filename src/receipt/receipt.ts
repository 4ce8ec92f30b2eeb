// What was done on one host and how it was proved. Field names are stable: scripts read them.
import type { WantedKind } from '../files/planned-file.js';
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { PushedAttached } from '../plan/push-plan.js';

export const receiptVersion = 1;

/**
 * How an image was proved:
 * `config-digest`  graphdriver, podman: the engine's .Id is the config digest, it verified every diffID itself;
 * `manifest-and-create`  containerd store: .Id is the digest of our manifest, RootFS equals the diffIDs, a container could be made;
 * `manifest-and-check`  containerd: the same digest and diffIDs, and its own check says that every blob is there and unpacked;
 * `stored-blobs`  layout: every blob was hashed where it lies; stored, not loaded;
 * `placed-archive`  archives of k3s or RKE2: config and layers were hashed where they lie, none is loaded yet;
 * `registry-digests`  registry: it has checked each blob's digest, says that it has all of them, and the manifest that it gives
 * out under the name is byte for byte the one that was pushed.
 */
export type Proof =
  | 'config-digest'
  | 'manifest-and-create'
  | 'manifest-and-check'
  | 'stored-blobs'
  | 'placed-archive'
  | 'registry-digests';

export interface ImageReceipt {
  /** The name set on the far side, e.g. `nginx:1.27`. */
  readonly reference: string;
  /** In full, where the engine is given it so and the other is short: `docker.io/library/nginx:1.27`. */
  readonly fullName?: string;
  readonly source: string;
  readonly imageId: Digest;
  /** The engine's own `.Id` for it. */
  readonly farId: string;
  readonly platform: string;
  readonly diffIds: readonly DiffId[];
  readonly proof: Proof;
  /** The engine's Id of the image that had the name before; absent if none had. */
  readonly movedFrom?: string;
  /** Of the index that the name stands for, where it has several platforms. */
  readonly index?: Digest;
  /** True if the image was there already and only proved again. */
  readonly present: boolean;
  /** The full name by digest that the engine pulled it by, where it was not sent. */
  readonly pulledFrom?: string;
  /** Layers by route; `held` counts those that an earlier image of the run brought, too. */
  readonly layers: { readonly held: number; readonly sent: number; readonly spliced: number };
  /** The digest of the source's own manifest, where the image has another over there, though its engine keeps manifests. */
  readonly sourceManifest?: Digest;
  /** For containerd stores: digest and layer blobs of the manifest that the engine was given. */
  readonly manifest?: {
    readonly digest: Digest;
    readonly layers: readonly {
      readonly digest: Digest;
      readonly size: number;
      /** How the blob is compressed; not in receipts of versions that did not note it. */
      readonly codec?: Codec;
    }[];
  };
}

/** A file that was put there. */
export interface FileReceipt {
  readonly to: string;
  readonly digest: Digest;
  /** What lay there before; null if nothing did. */
  readonly previous: Digest | null;
  readonly mode: string;
  /** What `airgap rollback` takes to put it back; null where nothing was changed. */
  readonly backup: string | null;
  /** What it was for, and the file here that it came from; absent where it did not come from one, and in receipts of old. */
  readonly kind?: WantedKind;
  readonly source?: string;
}

/** What became of a set of packages. */
export interface PackagesReceipt {
  readonly set: string;
  readonly kind: 'deb' | 'rpm';
  /** What the package manager was asked for, or would be. */
  readonly names: readonly string[];
  /** The folder there that is the repository. */
  readonly place: string;
  readonly installed: boolean;
}

/** The keys of daemon.json that were changed, by what is known of them after a reload of the engine. */
export interface ReloadReceipt {
  /** `docker info` shows them. */
  readonly shown: readonly string[];
  /** Taken over by a reload, but nothing that `docker info` tells. */
  readonly unshown: readonly string[];
  /** In effect once the engine is started again. */
  readonly restart: readonly string[];
}

export interface Receipt {
  readonly version: number;
  /** What was sent to: a host where absent. Of a registry, `host` is HOST[:PORT][/PREFIX] and `farId` the manifest's digest. */
  readonly target?: 'registry';
  readonly id: string;
  readonly runId: string;
  /** As the user named it, and where that is. */
  readonly host: string;
  readonly address: string;
  readonly engine: { readonly name: string; readonly version: string; readonly store: string };
  readonly platform: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly images: readonly ImageReceipt[];
  /** Signatures and attestations that went along, each read back; absent where none were asked for. */
  readonly attached?: PushedAttached;
  /** Absent where no files were asked for. Empty, with `filesFailed`, where they could not be put there. */
  readonly files?: readonly FileReceipt[];
  /** Why no file was changed, though the images are there. */
  readonly filesFailed?: { readonly code: string; readonly message: string };
  /** Absent where the engine was not reloaded. */
  readonly reload?: ReloadReceipt;
  /** Absent where no packages were brought. */
  readonly packages?: readonly PackagesReceipt[];
  /** Why the packages that are not `installed` are not, though that was asked for. */
  readonly packagesFailed?: { readonly code: string; readonly message: string };
  /** Layer payload sent in this run, as compressed. */
  readonly layerBytes: number;
  /** Unpacked bytes by route. */
  readonly routeBytes: { readonly held: number; readonly sent: number; readonly spliced: number };
  /** Different layers by route; `shared`: how many of them several images have. Receipts of old have none. */
  readonly layerCounts?: {
    readonly held: number;
    readonly sent: number;
    readonly spliced: number;
    readonly shared: number;
  };
  /** Bytes a second that this run saw on the way to the host, if it sent enough to tell. */
  readonly linkRate?: number;
  /** All bytes handed to SSH. */
  readonly wireBytes: number;
  /** Layer payload that an earlier, cut run had already brought. */
  readonly resumedBytes: number;
  readonly tool: string;
  /** Where the images came out of a bundle: its name, and the digest that names everything inside. */
  readonly bundle?: { readonly name: string; readonly digest: Digest };
  /** Whose signature of the bundle was checked and good: the name that was trusted, and the key. Absent where none was checked. */
  readonly signer?: { readonly name?: string; readonly fingerprint: string };
}
