// The one error class and the table of codes: what each carries, how the program exits, whether a re-run can help.
// The sentences and hints stand in text/en.ts, keyed by code. Codes are never renamed and never reused.
import { errorText } from './text/text.js';

/** What each code's message is made of. JSON-safe; never a secret. */
export interface ErrorFacts {
  // 2: usage
  /** `command`: whose help to read. */
  /** `hint`: where there is more to say than where help is. */
  USAGE: { problem: string; command?: string; hint?: string };
  REFERENCE_INVALID: { input: string; problem: string };
  PLATFORM_INVALID: { input: string };
  RATE_INVALID: { input: string };
  HOST_INVALID: { input: string };
  STORE_UNKNOWN: { transport: string; known: readonly string[] };
  PROMPT_REFUSED: { question: string; flag: string };
  RECEIPT_UNKNOWN: { wanted: string };
  /** `detail`: of the system, or the field that is not as expected. */
  RECEIPT_INVALID: {
    path: string;
    problem: 'unreadable' | 'not-a-file' | 'too-large' | 'not-json' | 'form';
    detail: string;
  };
  // 10s: source
  IMAGE_UNKNOWN: { image: string; store: string; near: readonly string[] };
  IMAGE_AMBIGUOUS: { source: string; names: readonly string[] };
  /** `layer`: as it was asked for; `count`: how many the image has. */
  LAYER_UNKNOWN: { image: string; layer: string; count: number };
  IMAGE_INCOMPLETE: { image: string; missing: string };
  PLATFORM_MISSING: { image: string; wanted: string; found: readonly string[] };
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
  /** Where receipts, locks and the client id are kept. */
  STATE_DENIED: { path: string; problem: string };
  /** The file of hosts and folders that were added. */
  TARGETS_INVALID: { path: string; problem: string };
  CODEC_FAILED: { codec: string; detail: string };
  PROGRAM_MISSING: { program: string };
  // 20s: bundle
  BUNDLE_INVALID: { path: string; problem: 'no-seal' | 'not-found' | 'not-a-bundle' | 'mixed' };
  BUNDLE_VERSION: { path: string; version: number; known: number };
  /** `file` is a path inside the bundle. */
  BUNDLE_DAMAGED: { path: string; file: string; problem: BundleProblem };
  BUNDLE_FINDINGS: { path: string; count: number };
  BUNDLE_EXISTS: { path: string };
  BUNDLE_VOLUME_MISSING: { name: string; missing: readonly number[]; of: number };
  BUNDLE_BASE_MISSING: { host: string; image: string; layers: readonly string[]; bundle: string };
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
  FAR_ENGINE_MISSING: { host: string; looked: readonly string[] };
  FAR_ENGINE_DOWN: { host: string; engine: string; detail: string };
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
  TARGET_FULL: { host: string; path: string; neededBytes: number | undefined; freeBytes: number | undefined };
  TARGET_PLATFORM: { host: string; image: string; imagePlatform: string; hostPlatform: string };
  NAME_TAKEN: { host: string; name: string };
  LOAD_REJECTED: { host: string; image: string; detail: string };
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

export type ErrorCode = keyof ErrorFacts;

interface CodeRow {
  readonly exitCode: number;
  /** Whether the same command, run again unchanged, may well succeed. */
  readonly retryable: boolean;
}

const row = (exitCode: number, retryable = false): CodeRow => ({ exitCode, retryable });

/** Exit code and retry rule of every code. README's table is compared with it in a test. */
export const errorCodes = {
  USAGE: row(2),
  REFERENCE_INVALID: row(2),
  PLATFORM_INVALID: row(2),
  RATE_INVALID: row(2),
  HOST_INVALID: row(2),
  STORE_UNKNOWN: row(2),
  PROMPT_REFUSED: row(2),
  RECEIPT_UNKNOWN: row(2),
  RECEIPT_INVALID: row(2),
  IMAGE_UNKNOWN: row(10),
  LAYER_UNKNOWN: row(10),
  IMAGE_AMBIGUOUS: row(10),
  IMAGE_INCOMPLETE: row(11),
  PLATFORM_MISSING: row(10),
  ENGINE_MISSING: row(12),
  ENGINE_UNREACHABLE: row(12, true),
  ENGINE_DENIED: row(12),
  ENGINE_ANSWER: row(12),
  DIGEST_INVALID: row(11),
  DIGEST_MISMATCH: row(11),
  SIZE_MISMATCH: row(11),
  DOCUMENT_INVALID: row(11),
  DOCUMENT_TOO_LARGE: row(11),
  LAYER_UNSUPPORTED: row(11),
  LAYOUT_INVALID: row(11),
  ARCHIVE_INVALID: row(11),
  ARCHIVE_TRUNCATED: row(11),
  ARCHIVE_HOSTILE: row(11),
  ARCHIVE_BOMB: row(11),
  SOURCE_GONE: row(13, true),
  SPOOL_FULL: row(14),
  SPOOL_BUSY: row(14, true),
  SPOOL_DAMAGED: row(14),
  SPOOL_DENIED: row(14),
  STATE_DENIED: row(14),
  TARGETS_INVALID: row(14),
  CODEC_FAILED: row(14),
  PROGRAM_MISSING: row(12),
  BUNDLE_INVALID: row(20),
  BUNDLE_VERSION: row(20),
  BUNDLE_DAMAGED: row(21),
  BUNDLE_FINDINGS: row(21),
  BUNDLE_EXISTS: row(22),
  BUNDLE_VOLUME_MISSING: row(23),
  BUNDLE_BASE_MISSING: row(24),
  BUNDLE_CODEC: row(24),
  SIGNATURE_INVALID: row(25),
  DRIVE_FULL: row(26),
  DRIVE_FILE_LIMIT: row(26),
  DRIVE_FAILED: row(26),
  VOLUME_TOO_SMALL: row(26),
  PASSPORT_INVALID: row(27),
  SPEC_INVALID: row(28),
  LOCK_DRIFT: row(28),
  PACKAGES_INVALID: row(29),
  HOST_UNKNOWN: row(30),
  HOST_REFUSED: row(30, true),
  HOST_TIMEOUT: row(30, true),
  HOST_KEY_UNKNOWN: row(31),
  HOST_KEY_CHANGED: row(31),
  HOST_KEY_REVOKED: row(31),
  SSH_AUTH_FAILED: row(32),
  SSH_KEY_UNREADABLE: row(32),
  SSH_UNSUPPORTED: row(33),
  SSH_CONFIG_INVALID: row(33),
  SSH_LOST: row(34, true),
  CHANNEL_REFUSED: row(34, true),
  FAR_ENGINE_MISSING: row(40),
  FAR_ENGINE_DOWN: row(40, true),
  FAR_ENGINE_DENIED: row(41),
  FAR_ENGINE_UNSUPPORTED: row(40),
  FAR_SUDO_DENIED: row(41),
  FAR_TOOL_MISSING: row(42),
  FAR_ANSWER: row(43),
  FAR_SILENT: row(43, true),
  FAR_FAILED: row(43),
  STAGE_BUSY: row(44, true),
  STAGE_DENIED: row(44),
  STAGE_DAMAGED: row(44, true),
  RUN_BUSY: row(44, true),
  TARGET_FULL: row(45),
  TARGET_PLATFORM: row(46),
  NAME_TAKEN: row(47),
  LOAD_REJECTED: row(48),
  FILE_REFUSED: row(49),
  FILE_FAMILY: row(49),
  FILE_INVALID: row(49),
  FILE_CHANGED: row(49),
  INSTALL_FAILED: row(49),
  PACKAGES_FAILED: row(49),
  ROLLBACK_UNKNOWN: row(49),
  VERIFY_FAILED: row(50),
  HOSTS_FAILED: row(3, true),
  CANCELLED: row(130, true),
} as const satisfies Record<ErrorCode, CodeRow>;

/** Every failure a person can meet. Anything thrown that is not one of these is a bug. */
export class AirgapError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'AirgapError';
  readonly code: C;
  readonly facts: ErrorFacts[C];
  /** What to do about it, in words a tired operator can follow. */
  readonly hint: string | undefined;

  constructor(code: C, facts: ErrorFacts[C], options: { readonly cause?: unknown } = {}) {
    const { message, hint } = errorText(code, facts);
    super(message, options);
    this.code = code;
    this.facts = facts;
    this.hint = hint;
  }

  get exitCode(): number {
    return errorCodes[this.code].exitCode;
  }

  get retryable(): boolean {
    return errorCodes[this.code].retryable;
  }

  /** The form in events and receipts. */
  toJSON(): { code: ErrorCode; message: string; hint: string | undefined; facts: object; exitCode: number } {
    const { code, message, hint, facts, exitCode } = this;
    return { code, message, hint, facts, exitCode };
  }
}

/** True for an AirgapError, and with a code for that one. */
export function isAirgapError<C extends ErrorCode>(error: unknown, code?: C): error is AirgapError<C> {
  return error instanceof AirgapError && (code === undefined || error.code === code);
}
