// The one error class and the table of codes: how the program exits, whether a re-run can help.
// The sentences and hints stand in text/en.ts, keyed by code. Codes are never renamed and never reused.
import type { ErrorFacts } from './error-facts.js';
import { errorText } from './text/text.js';

export type {
  BundleProblem,
  ErrorFacts,
  RegistryAt,
  RegistryPushProblem,
  RegistryReach,
  RegistryTrust,
} from './error-facts.js';

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
  CACHE_FULL: row(14),
  CACHE_DENIED: row(14),
  STATE_DENIED: row(14),
  TARGETS_INVALID: row(14),
  CODEC_FAILED: row(14),
  PROGRAM_MISSING: row(12),
  REGISTRY_UNREACHABLE: row(15, true),
  REGISTRY_FAILED: row(15, true),
  REGISTRY_LIMIT: row(15, true),
  REGISTRY_ANSWER: row(15),
  REGISTRY_PUSH: row(15),
  REGISTRY_DENIED: row(16),
  CREDENTIAL_HELPER: row(16),
  REGISTRY_TLS: row(17),
  REGISTRY_REDIRECT: row(17),
  REGISTRY_BLOCKED: row(17),
  REGISTRY_CONFIG: row(17),
  BUNDLE_INVALID: row(20),
  BUNDLE_VERSION: row(20),
  BUNDLE_DAMAGED: row(21),
  BUNDLE_FINDINGS: row(21),
  BUNDLE_EXISTS: row(22),
  BUNDLE_VOLUME_MISSING: row(23),
  BUNDLE_BASE_MISSING: row(24),
  PUSH_BASE_MISSING: row(24),
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
  PULL_FAILED: row(48, true),
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
