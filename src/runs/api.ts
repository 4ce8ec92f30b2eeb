// What both faces (CLI and TUI) may ask of the core. core.ts builds one; faces know only this file, events, errors and types.
import type { Passport } from '../bundle/passport.js';
import type { ExportPlan } from '../bundle/plan-export.js';
import type { BundleFinding } from '../bundle/verifier.js';
import type { BundleReport } from '../events.js';
import type { Image } from '../image/image.js';
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { Platform, PlatformWish } from '../oci/platform.js';
import type { Plan } from '../plan/plan.js';
import type { PushPlan } from '../plan/push-plan.js';
import type { Receipt } from '../receipt/receipt.js';
import type { ImageSummary } from '../stores/store.js';
import type { CommitOptions, ConnectOptions, FileChoice, ImageChoice } from './choices.js';
import type { LocalCore, RegistryLook, RegistryWay } from './local-api.js';
import type { LocalPlaces } from './local-places.js';
import type { LoginOptions, LoginResult, LogoutResult } from './logins.js';
import type { MirrorOptions, MirrorResult } from './mirror-config.js';
import type { PushOptions, PushResult, ThroughOptions } from './push-options.js';
import type { RollbackResult } from './rollback.js';
import type { Run } from './run.js';
import type { ShownBundle } from './show-bundle.js';
import type { VerifyOptions, VerifyResult } from './verify-bundle.js';

export type {
  BundleFinding,
  CommitOptions,
  ConnectOptions,
  FileChoice,
  ImageChoice,
  LocalPlaces,
  ShownBundle,
  VerifyOptions,
  VerifyResult,
};

export interface SendOptions extends ThroughOptions {
  /** As the user wrote them; those of `spec` when empty. */
  readonly hosts: readonly string[];
  /** May be empty if there are files: then a host needs no engine. */
  readonly images: readonly ImageChoice[];
  /** A bundle.yaml whose images and files come in addition. */
  readonly spec?: string;
  readonly commit?: CommitOptions;
  readonly files?: readonly FileChoice[];
  /** Folders beside those of policy.ts. */
  readonly allowFolders?: readonly string[];
  /** SIGHUP to dockerd when its daemon.json has changed. */
  readonly reload?: boolean;
  readonly connect: ConnectOptions;
  readonly platform?: Platform;
  /** `docker`, `layout:DIR`; the host's docker when absent. */
  readonly engine?: string;
  readonly stage?: string;
  readonly spool?: string;
  /** `auto` (default), a codec, or zstd/gzip with a fixed level. */
  readonly compress?: { readonly codec: Codec; readonly level?: number } | 'auto';
  /** Bytes a second and host. */
  readonly limitBytesPerSecond?: number;
  readonly noClobber?: boolean;
  /** Only plan. */
  readonly dryRun?: boolean;
  /** Channels for bulk on one connection; default 4. */
  readonly channels?: number;
}

export interface SendResult {
  /** What goes, or would go, to the registry that the hosts pull from. */
  readonly pushed?: PushPlan;
  readonly plans: readonly Plan[];
  /** Empty for a dry run. */
  readonly receipts: readonly Receipt[];
}

export interface ExportOptions {
  /** A folder, or a file that ends in `.tar`. */
  readonly destination: string;
  /** May be empty if there is anything else. */
  readonly images: readonly ImageChoice[];
  /** A bundle.yaml: all that it names comes in addition; its lock is written beside it. */
  readonly spec?: string;
  /** Refuse what is not as bundle.lock has it; needs `spec`. */
  readonly locked?: boolean;
  readonly commit?: CommitOptions;
  readonly files?: readonly FileChoice[];
  /** Folders of .deb or .rpm files. */
  readonly packages?: readonly string[];
  /** Folders beside those of policy.ts; an import must allow them, too. */
  readonly allowFolders?: readonly string[];
  /** Of the bundle, and of its folder; that of the spec when absent. */
  readonly name?: string;
  /** Of one platform a source gives an image, of several or all of them what it has, under one name. */
  readonly platforms?: PlatformWish;
  /** Signatures and attestations go along, where the images' sources keep any. */
  readonly withReferrers?: boolean;
  readonly compress?: SendOptions['compress'];
  /** Most bytes of a volume. */
  readonly splitBytes?: number;
  /** Files of `airgap passport`: what all of these hosts hold is left out. */
  readonly passports?: readonly string[];
  /** Earlier bundles whose images are known to be there. */
  readonly bases?: readonly string[];
  /** An SSH private key, or the public half of one that the agent holds. */
  readonly signKey?: string;
  /** Write over another bundle of that name. */
  readonly replace?: boolean;
  /** Read everything back from the drive; true unless false. */
  readonly readBack?: boolean;
  readonly dryRun?: boolean;
}

export interface ImportOptions
  extends Pick<
    SendOptions,
    'connect' | 'engine' | 'stage' | 'spool' | 'noClobber' | 'dryRun' | 'allowFolders' | 'reload' | 'platform'
  > {
  /** Folders, tars, or folders that hold volumes; all of one bundle. */
  readonly paths: readonly string[];
  /** A host; this machine when absent. */
  readonly to?: string;
  /** Names of images; all when empty. */
  readonly only?: readonly string[];
  readonly filesOnly?: boolean;
  readonly imagesOnly?: boolean;
  /** The host's own package manager installs what the bundle names. */
  readonly installPackages?: boolean;
  readonly allowedSigners?: string;
  readonly requireSignature?: boolean;
}

export interface ImportResult extends SendResult {
  readonly bundle: { readonly name: string; readonly digest: Digest };
  /** Where receipts were left beside the bundle. */
  readonly returns?: string;
}

export interface ExportResult {
  /** The bundle's folder or tar; the first volume of several. */
  readonly place: string;
  readonly plan: ExportPlan;
  /** Absent for a dry run. */
  readonly written?: Omit<BundleReport, 'place' | 'warnings'>;
  readonly durationMs: number;
}

/** What a host holds, and the bytes of the file that says so. */
export interface PassportResult {
  readonly passport: Passport;
  readonly document: string;
  /** Engines that are there beside the one it tells of, as `--engine` takes them. */
  readonly otherEngines: readonly string[];
}

/** What `doctor` found: facts in order, each fine, a warning or a problem with a hint. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'problem';
  readonly subject: string;
  readonly text: string;
  readonly hint?: string;
}

export interface SpoolEntry {
  readonly diffId: string;
  readonly codec: Codec;
  readonly bytes: number;
  readonly rawBytes: number | undefined;
  readonly finished: boolean;
  readonly usedAt: number;
}

export interface InspectedLayer {
  readonly diffId: DiffId;
  /** Exact or the store's estimate; undefined if unknown. */
  readonly bytes: number | undefined;
  readonly exact: boolean;
  /** The history line that made it. */
  readonly createdBy: string | undefined;
  /** Names of other local images that have the same layer at any place. */
  readonly sharedWith: readonly string[];
}

export interface InspectedImage {
  readonly image: Image;
  readonly layers: readonly InspectedLayer[];
}

export interface KnownHost {
  readonly name: string;
  readonly address: string | undefined;
  /** `config`: an alias of ssh_config; `added` by a person; `receipt`: sent to before. */
  readonly from: 'config' | 'added' | 'receipt';
  readonly lastReceipt?: { readonly id: string; readonly startedAt: string };
}

export interface Core extends LocalCore {
  /** HOSTS_FAILED (receipts of those that worked are in the events) if only some hosts succeed; the one host's own error if there is one. */
  send(options: SendOptions): Run<SendResult>;
  /** Writes a bundle for machines that no cable reaches. */
  export(options: ExportOptions): Run<ExportResult>;
  /** Brings images and bundles to a registry. */
  push(options: PushOptions): Run<PushResult>;
  /** Proves a bundle whole, then loads its images and puts its files in place, here or on a host. */
  import(options: ImportOptions): Run<ImportResult>;
  /**
   * All local images of every store that answers, a row for each name; stores that don't are told in `unavailable`.
   * @throws {AirgapError} ENGINE_* if none answers
   */
  images(): Promise<{
    readonly images: readonly ImageSummary[];
    readonly unavailable: readonly { readonly store: string; readonly message: string }[];
  }>;
  inspect(source: string, platform?: Platform): Promise<InspectedImage>;
  /** Never rejects: what cannot be found out is not there. */
  places(): Promise<LocalPlaces>;
  /** Without a host: this machine. */
  doctor(
    host: string | undefined,
    options: Pick<SendOptions, 'connect' | 'engine' | 'stage' | 'spool'>,
  ): Run<readonly Finding[]>;
  /**
   * Asks `confirm` before it removes anything, answered `yes` or declined (`--yes` answers for the user).
   * PROMPT_REFUSED with flag --yes when declined.
   */
  clean(
    host: string,
    options: Pick<SendOptions, 'connect' | 'stage'> & { readonly all: boolean },
  ): Run<readonly { readonly path: string; readonly bytes: number }[]>;
  /** Resolves with what was found, be it damage. @throws {AirgapError} BUNDLE_INVALID, BUNDLE_VERSION for what is no bundle */
  verify(options: VerifyOptions): Run<VerifyResult>;
  /** What a bundle says of itself; nothing of it is proved. */
  show(paths: readonly string[]): Promise<ShownBundle>;
  /** Without a host: this machine. */
  passport(
    host: string | undefined,
    options: Pick<SendOptions, 'connect' | 'engine' | 'stage'>,
  ): Run<PassportResult>;
  /** Puts files back that a send has changed. Without a host: this machine; without a receipt: the newest. */
  rollback(
    host: string | undefined,
    options: Pick<SendOptions, 'connect' | 'stage'> & {
      readonly receipt: string | undefined;
      readonly force: boolean;
    },
  ): Run<RollbackResult>;
  /** Tries the login at the registry, then keeps it; asks for what is absent. */
  login(options: LoginOptions): Run<LoginResult>;
  logout(registry: string): Promise<LogoutResult>;
  /** Settings for the engines of a site. */
  mirrorConfig(options: MirrorOptions): Run<MirrorResult>;
  /** Asks the registry of HOST[:PORT][/PREFIX] whether it is there, as who is logged in. */
  lookAtRegistry(registry: string, way?: RegistryWay): Run<RegistryLook>;
  /** Real sends over a real SSH server on loopback; its story comes as `note` events, and as `send`'s own events. */
  demo(): Run<{ readonly receipts: readonly Receipt[]; readonly durationMs: number }>;
  spoolEntries(directory?: string): Promise<{
    readonly directory: string;
    readonly entries: readonly SpoolEntry[];
    readonly limitBytes: number;
  }>;
  /** Returns bytes freed. `all`: everything not in use, else what is beyond the limit or older than it is useful. */
  spoolPrune(options: { readonly directory?: string; readonly all: boolean }): Promise<number>;
  hosts(connect: ConnectOptions): Promise<readonly KnownHost[]>;
  receipts(): Promise<readonly Receipt[]>;
  /**
   * By id or number in `receipts()` counted from 1 = newest; undefined if there is none. What has a slash or ends in `.json`
   * is a file. @throws {AirgapError} RECEIPT_INVALID
   */
  receipt(idOrNumber: string): Promise<Receipt | undefined>;
}
