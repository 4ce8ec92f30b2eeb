// What every error code carries: the facts its sentence and hint are made of, in every language.

/** What each code's message is made of. JSON-safe; never a secret. */
export interface ErrorFacts {
  // 2: usage
  /** `command`: whose help to read. */
  /** `hint`: where there is more to say than where help is. */
  USAGE: { problem: string; command?: string; hint?: string };
  /** `of`: where it was to name a registry, and no image. */
  REFERENCE_INVALID: { input: string; problem: string; of?: 'registry' | 'host' | 'prefix' };
  PLATFORM_INVALID: { input: string };
  RATE_INVALID: { input: string };
  HOST_INVALID: { input: string };
  /** `near`: what may have been meant, as it would be written. */
  STORE_UNKNOWN: { transport: string; known: readonly string[]; near?: readonly string[] };
  /** `isWord`: it was to be answered with something else than yes or no. */
  PROMPT_REFUSED: { question: string; flag: string; isWord?: boolean };
  RECEIPT_UNKNOWN: { wanted: string };
  /** `detail`: of the system, or the field that is not as expected. */
  RECEIPT_INVALID: {
    path: string;
    problem: 'no-file' | 'unreadable' | 'not-a-file' | 'too-large' | 'not-json' | 'form';
    detail: string;
  };
  // 10s: source
  IMAGE_UNKNOWN: { image: string; store: string; near: readonly string[] };
  IMAGE_AMBIGUOUS: { source: string; names: readonly string[] };
  /** `layer`: as it was asked for; `count`: how many the image has. */
  LAYER_UNKNOWN: { image: string; layer: string; count: number };
  IMAGE_INCOMPLETE: { image: string; missing: string };
  /** `pull`: the command that brings it here, where the engine keeps several platforms of one name. */
  PLATFORM_MISSING: { image: string; wanted: string; found: readonly string[]; pull?: string };
  ENGINE_MISSING: { engine: string };
  ENGINE_UNREACHABLE: { engine: string; detail: string };
  ENGINE_DENIED: { engine: string; detail: string };
  ENGINE_ANSWER: { engine: string; command: string; detail: string };
  DIGEST_INVALID: { input: string; where: string };
  DIGEST_MISMATCH: { what: string; got: string; want: string };
  SIZE_MISMATCH: { what: string; got: number; want: number };
  DOCUMENT_INVALID: { what: string; problem: string };
  DOCUMENT_TOO_LARGE: { what: string; limitBytes: number };
  LAYER_UNSUPPORTED: { what: string; mediaType: string };
  LAYOUT_INVALID: { path: string; problem: string };
  ARCHIVE_INVALID: { path: string; problem: string };
  ARCHIVE_TRUNCATED: { path: string };
  ARCHIVE_HOSTILE: { path: string; entry: string; problem: string };
  ARCHIVE_BOMB: { path: string; limitBytes: number };
  SOURCE_GONE: { source: string; detail: string };
  SPOOL_FULL: { path: string; neededBytes: number; freeBytes: number };
  SPOOL_BUSY: { path: string; pid: number };
  SPOOL_DAMAGED: { path: string; problem: string };
  SPOOL_DENIED: { path: string; problem: string };
  /** Where blobs of registries lie on their way. */
  CACHE_FULL: { path: string; neededBytes: number; freeBytes: number };
  CACHE_DENIED: { path: string; problem: string };
  /** Where receipts, locks and the client id are kept. */
  STATE_DENIED: { path: string; problem: string };
  /** The file of hosts and folders that were added. */
  TARGETS_INVALID: { path: string; problem: string };
  CODEC_FAILED: { codec: string; detail: string };
  PROGRAM_MISSING: { program: string };
  // 15 to 17: registries. `registry` is HOST[:PORT] as in image names, or a mirror's
  /** `host`: the one between that cannot reach it, for `beyond`. */
  REGISTRY_UNREACHABLE: {
    registry: string;
    problem: RegistryReach;
    detail: string;
    host?: string;
    at?: RegistryAt;
  };
  REGISTRY_TLS: { registry: string; problem: RegistryTrust; detail: string; at?: RegistryAt };
  /** `repository`: what was asked for; empty for a login. `detail`: what the registry said. */
  REGISTRY_DENIED: {
    registry: string;
    repository: string;
    /** `unasked`: refused without saying how to log in; `scheme`: in a way of logging in that we do not know. */
    problem: 'no-login' | 'wrong-login' | 'expired' | 'forbidden' | 'unasked' | 'scheme';
    detail: string;
    /** Ways of logging in that it asks for, as it calls them. */
    schemes?: readonly string[];
    /** Where something was to go there, not to be read. */
    action?: 'push';
  };
  /** `seconds`: until the limit ends, where the registry tells. */
  REGISTRY_LIMIT: { registry: string; seconds: number | undefined; at?: RegistryAt };
  REGISTRY_ANSWER: { registry: string; request: string; detail: string; at?: RegistryAt };
  /** `seconds`: it says to come again then, later than any run waits; else it was asked again and again. */
  REGISTRY_FAILED: {
    registry: string;
    request: string;
    detail: string;
    seconds?: number | undefined;
    at?: RegistryAt;
  };
  REGISTRY_REDIRECT: { registry: string; to: string; problem: 'scheme' | 'realm' | 'too-many' | 'address' };
  /** What was pushed was not taken. `digest`: of the blob or manifest; `detail`: what the registry said. */
  REGISTRY_PUSH: {
    registry: string;
    repository: string;
    digest: string;
    problem: RegistryPushProblem;
    detail: string;
    /** Whose image it is: of that nothing can be named on the command line. */
    bundle?: string;
  };
  REGISTRY_BLOCKED: { registry: string; path: string };
  /** A file that tells how registries are reached, or who one is there. */
  /** `variable`: of the environment, that names it for airgap and the engines. */
  REGISTRY_CONFIG: { path: string; problem: string; variable?: string };
  /** `path`: the file that names it. `gone`: where else a login was, which is taken away. */
  CREDENTIAL_HELPER: {
    program: string;
    path: string;
    action: 'get' | 'store' | 'erase';
    problem: string;
    isMissing?: boolean;
    gone?: readonly string[];
  };
  // 20s: bundle
  BUNDLE_INVALID: { path: string; problem: 'no-seal' | 'not-found' | 'not-a-bundle' | 'mixed' };
  BUNDLE_VERSION: { path: string; version: number; known: number };
  /** `file` is a path inside the bundle. */
  BUNDLE_DAMAGED: { path: string; file: string; problem: BundleProblem };
  BUNDLE_FINDINGS: { path: string; count: number };
  BUNDLE_EXISTS: { path: string };
  BUNDLE_VOLUME_MISSING: { name: string; missing: readonly number[]; of: number };
  BUNDLE_BASE_MISSING: { host: string; image: string; layers: readonly string[]; bundle: string };
  /** As BUNDLE_BASE_MISSING, of a registry. */
  PUSH_BASE_MISSING: { registry: string; image: string; layers: readonly string[]; bundle: string };
  BUNDLE_CODEC: { host: string; codec: string };
  SIGNATURE_INVALID: {
    path: string;
    problem: 'missing' | 'wrong' | 'unknown-signer' | 'key' | 'outdated';
    detail: string;
  };
  DRIVE_FULL: { path: string; neededBytes: number | undefined; freeBytes: number };
  DRIVE_FILE_LIMIT: { path: string };
  DRIVE_FAILED: { path: string; detail: string };
  VOLUME_TOO_SMALL: { splitBytes: number; leastBytes: number };
  /** `detail` as of RECEIPT_INVALID. */
  PASSPORT_INVALID: {
    path: string;
    problem: 'no-file' | 'unreadable' | 'too-large' | 'not-json' | 'form';
    detail: string;
  };
  /** `line` from 1. */
  SPEC_INVALID: { path: string; line: number | undefined; problem: string };
  LOCK_DRIFT: { path: string; image: string; got: string; want: string };
  PACKAGES_INVALID: { path: string; problem: string };
  // 30s: transport
  HOST_UNKNOWN: { host: string; address: string };
  HOST_REFUSED: { host: string; address: string };
  HOST_TIMEOUT: { host: string; seconds: number; during: string };
  HOST_KEY_UNKNOWN: { host: string; keyType: string; fingerprint: string; files: readonly string[] };
  HOST_KEY_CHANGED: { host: string; keyType: string; fingerprint: string; file: string; line: number };
  HOST_KEY_REVOKED: { host: string; keyType: string; fingerprint: string; file: string; line: number };
  SSH_AUTH_FAILED: { host: string; user: string; tried: readonly string[] };
  SSH_KEY_UNREADABLE: { problem: string };
  SSH_UNSUPPORTED: { host: string; problem: string };
  SSH_CONFIG_INVALID: { path: string; problem: string };
  SSH_LOST: { host: string; detail: string };
  CHANNEL_REFUSED: { host: string };
  // 40s: far side
  /** `others`: engines that are there instead. */
  FAR_ENGINE_MISSING: { host: string; looked: readonly string[]; others?: readonly string[] };
  /** `other`: an engine that is there as well. */
  FAR_ENGINE_DOWN: { host: string; engine: string; detail: string; other?: string | undefined };
  FAR_ENGINE_DENIED: { host: string; engine: string; user: string };
  FAR_ENGINE_UNSUPPORTED: { host: string; engine: string; problem: string };
  FAR_SUDO_DENIED: { host: string; problem: string };
  FAR_TOOL_MISSING: { host: string; tool: string };
  FAR_ANSWER: { host: string; command: string; problem: string };
  FAR_SILENT: { host: string; command: string; seconds: number };
  FAR_FAILED: { host: string; command: string; exitCode: number; detail: string };
  STAGE_BUSY: { host: string; stage: string; owner: string };
  STAGE_DENIED: { host: string; stage: string; detail: string };
  STAGE_DAMAGED: { host: string; layer: string; segment: number };
  RUN_BUSY: { host: string; pid: number };
  TARGET_FULL: {
    host: string;
    path: string;
    neededBytes: number | undefined;
    freeBytes: number | undefined;
    engine?: string;
  };
  TARGET_PLATFORM: { host: string; image: string; imagePlatform: string; hostPlatform: string };
  /** `bundle`: that is being pushed, whose image it is. */
  NAME_TAKEN: { host: string; name: string; bundle?: string };
  PULL_FAILED: { host: string; image: string; detail: string; engine: string };
  LOAD_REJECTED: { host: string; image: string; detail: string; engine?: string };
  FILE_REFUSED: { host: string; path: string; problem: 'folder' | 'symlink' | 'not-a-file' | 'owner' };
  FILE_FAMILY: { host: string; path: string; family: string };
  FILE_INVALID: { host: string; path: string; detail: string };
  FILE_CHANGED: { host: string; path: string; isRollback?: boolean };
  INSTALL_FAILED: { host: string; path: string; detail: string };
  PACKAGES_FAILED: { host: string; detail: string };
  /** `receipt`: `newest` where none was named. */
  ROLLBACK_UNKNOWN: { host: string; receipt: string };
  // 50: verification
  VERIFY_FAILED: { host: string; image: string; what: string; got: string; want: string };
  // others
  HOSTS_FAILED: { failed: number; total: number };
  CANCELLED: { resumable: boolean };
}

/** What is wrong with a file of a bundle. */
export type BundleProblem =
  | 'missing'
  | 'unknown'
  | 'size'
  | 'digest'
  | 'form'
  | 'not-sealed'
  | 'not-listed'
  | 'recipe'
  | 'index'
  | 'diff-id'
  | 'codec'
  | 'not-a-file'
  | 'name'
  | 'unreadable';

/** Where something failed that is a registry's and not the registry itself: who makes its tokens (HOST[:PORT]), or where it leads on to (an origin). */
export interface RegistryAt {
  readonly kind: 'tokens' | 'elsewhere';
  readonly place: string;
}

/** Why a registry was not reached at all. */
export type RegistryReach =
  | 'name'
  | 'refused'
  | 'no-route'
  | 'timeout'
  | 'proxy'
  | 'no-proxy'
  | 'forward'
  | 'beyond'
  | 'other';

/** Why a registry did not take what was pushed. */
export type RegistryPushProblem =
  | 'read-only'
  | 'format'
  | 'immutable'
  | 'no-project'
  | 'full'
  | 'too-large'
  | 'digest'
  | 'blob-unknown'
  | 'moved'
  | 'other';

/** Why nobody can be sure who answers. */
export type RegistryTrust =
  | 'untrusted'
  | 'dates'
  | 'host-name'
  | 'plain-http'
  | 'plain-https'
  | 'client-certificate'
  | 'handshake';
