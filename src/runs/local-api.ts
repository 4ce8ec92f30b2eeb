// What faces may ask of this machine alone. Part of `Core`.

import type { DiffId } from '../oci/digest.js';
import type { Platform } from '../oci/platform.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ConnectOptions } from './api.js';
import type { Run } from './run.js';

/** A file inside of a layer; the path is as the layer has it, and hostile. */
export interface FoundFile {
  readonly path: string;
  readonly bytes: number;
}

/** What a layer holds. */
export interface LayerFiles {
  readonly diffId: DiffId;
  readonly fileCount: number;
  /** Of all its files. */
  readonly bytes: number;
  /** Biggest first, at most 20. */
  readonly biggest: readonly FoundFile[];
}

/** A host, folder or registry that a person has added. */
export interface SavedTarget {
  readonly kind: 'host' | 'folder' | 'registry';
  /** As ssh takes it; of a folder its whole path; of a registry HOST[:PORT][/PREFIX]. */
  readonly name: string;
}

/** A registry that has answered. */
/** How a registry is reached that this machine does not reach by itself. */
export interface RegistryWay {
  readonly through?: string;
  readonly connect?: ConnectOptions;
}

export interface RegistryLook {
  /** Where it is reached, such as `https://registry.lan:5000`. */
  readonly origin: string;
  /** Who one is there; undefined for nobody, and where a token tells it. */
  readonly user: string | undefined;
}

/** A passport that lies on a drive. */
export interface FoundPassport {
  readonly path: string;
  readonly host: string;
  /** When it was made, ISO 8601. */
  readonly made: string;
  readonly images: number;
}

/** A bundle that lies on a drive, or was named. What it says of itself: nothing of it is proved. */
export interface FoundBundle {
  /** Of its volumes. */
  readonly paths: readonly string[];
  readonly name: string;
  readonly images: number;
  readonly files: number;
  /** Sets of packages. */
  readonly packages: number;
  /** Stored. */
  readonly bytes: number;
  /** Numbers of volumes that lie elsewhere. */
  readonly missing: readonly number[];
}

/** What a folder such as a drive's has brought home, and its room. */
export interface FolderLook {
  readonly freeBytes: number | undefined;
  readonly passports: readonly FoundPassport[];
  readonly bundles: readonly FoundBundle[];
  /** Of imports; of what they say nothing is proved here. Newest first. */
  readonly receipts: readonly Receipt[];
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: 'folder' | 'file';
  /** Of a file. */
  readonly bytes: number | undefined;
}

export interface FolderListing {
  readonly path: string;
  /** Folders first, by name. */
  readonly entries: readonly FolderEntry[];
  /** There are more than these. */
  readonly isCut: boolean;
}

export interface LocalCore {
  /** @throws {AirgapError} DRIVE_FAILED where it cannot be read */
  listFolder(folder: string): Promise<FolderListing>;
  /** Hosts, folders and registries that were added, in the order of adding. @throws {AirgapError} TARGETS_INVALID, STATE_DENIED */
  targets(): Promise<readonly SavedTarget[]>;
  /** What was typed as a target, if it is one; nothing is remembered. @throws {AirgapError} HOST_INVALID, SSH_CONFIG_INVALID, DRIVE_FAILED, REFERENCE_INVALID */
  checkTarget(name: string): Promise<SavedTarget>;
  /**
   * Remembers a host, a folder: what begins with `/`, `.` or `~`, or a registry: what begins with `docker://` or has a slash.
   * What is known already stays where it is.
   * @throws {AirgapError} HOST_INVALID, SSH_CONFIG_INVALID, REFERENCE_INVALID, TARGETS_INVALID, STATE_DENIED
   */
  addTarget(name: string): Promise<SavedTarget>;
  /** False if it was not there. @throws {AirgapError} TARGETS_INVALID, STATE_DENIED */
  forgetTarget(name: string): Promise<boolean>;
  /** Looks for bundles, passports and receipts at the top of a folder and in its `airgap-returns`. Never rejects. */
  lookAtFolder(folder: string): Promise<FolderLook>;
  /** What lies at a path that somebody named; `~` is the home folder. @throws {AirgapError} BUNDLE_*, DOCUMENT_INVALID, DRIVE_FAILED */
  lookAtBundle(named: string): Promise<FoundBundle>;
  /**
   * Streams layers out of their store and tells their biggest files, as `layer.files` events while it reads. `layer`: its
   * number from 1 = base, or the beginning of its diffID; all if absent.
   * @throws {AirgapError} LAYER_UNKNOWN, DIGEST_MISMATCH, ARCHIVE_*, and what the store says
   */
  layerFiles(
    source: string,
    options: { readonly layer?: string; readonly platform?: Platform },
  ): Run<readonly LayerFiles[]>;
}
