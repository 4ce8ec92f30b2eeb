// `airgap verify`: opens a bundle, proves it and who signed it. What is wrong comes as findings; only what is no bundle is thrown.
import { type Bundle, openBundle } from '../bundle/reader.js';
import { checkSignature, type SignatureState } from '../bundle/signature.js';
import { type BundleFinding, bytesToVerify, damageFinding, verifyBundle } from '../bundle/verifier.js';
import { type ErrorFacts, isAirgapError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import { text } from '../text/text.js';
import type { RunContext } from './run.js';

export interface VerifyOptions {
  /** Folders, tars, or folders that hold volumes; all of one bundle. */
  readonly paths: readonly string[];
  /** Also unpack every layer, or those that are carried. */
  readonly deep?: boolean | 'carried';
  readonly allowedSigners?: string;
  readonly requireSignature?: boolean;
}

/** A signature that is not right, or missing where one is required. */
export type InvalidSignature = {
  readonly state: 'invalid';
} & Pick<ErrorFacts['SIGNATURE_INVALID'], 'problem' | 'detail'>;

export interface VerifyResult {
  /** No findings. */
  readonly passed: boolean;
  readonly path: string;
  /** Undefined where airgap.json could not be read. */
  readonly name: string | undefined;
  readonly digest: Digest | undefined;
  readonly tool: string | undefined;
  readonly volumeCount: number;
  readonly missingVolumes: readonly number[];
  /** Folders that were named and hold none of its volumes. */
  readonly emptyPaths: readonly string[];
  readonly fileCount: number;
  readonly bytes: number;
  readonly deep: boolean;
  /** Unpacked and proved. */
  readonly layerCount: number;
  readonly rawBytes: number;
  readonly signature: SignatureState | InvalidSignature;
  readonly findings: readonly BundleFinding[];
  readonly durationMs: number;
}

/** @throws {AirgapError} BUNDLE_INVALID, BUNDLE_VERSION, DRIVE_FAILED, PROGRAM_MISSING, CANCELLED */
export async function verify(options: VerifyOptions, { emit, signal }: RunContext): Promise<VerifyResult> {
  const startedAt = Date.now();
  const { paths, deep = false } = options;
  const [path = ''] = paths;
  emit({ type: 'step.started', step: 'verify' });
  let bundle: Bundle;
  try {
    bundle = await openBundle(paths);
  } catch (error) {
    const finding = damageFinding(error);
    if (finding === undefined) throw error;
    return unreadable({ path, deep: deep === true, finding, durationMs: Date.now() - startedAt });
  }
  const { manifest, digest } = bundle;
  for (const empty of bundle.emptyPaths)
    emit({ type: 'warning', code: 'FOLDER_EMPTY', message: text().words.bundle.emptyFolder(empty) });
  const { name, tool } = manifest;
  const totalBytes = bytesToVerify(bundle);
  const item = { id: `verify:bundle:${digest}`, kind: 'bundle', phase: 'verify', label: name } as const;
  let doneBytes = 0;
  emit({ type: 'item.started', ...item, totalBytes });
  const verified = await verifyBundle(bundle, {
    deep,
    signal,
    onBytes: (bytes) => {
      doneBytes += bytes;
      emit({ type: 'item.progress', ...item, doneBytes, totalBytes });
    },
  });
  emit({ type: 'item.finished', ...item, doneBytes });
  const { signature, finding } = await signatureOf(bundle, options);
  emit({ type: 'step.finished', step: 'verify' });
  const findings = [...verified.findings, ...(finding === undefined ? [] : [finding])];
  return {
    ...verified,
    passed: findings.length === 0,
    path,
    name,
    digest,
    tool,
    volumeCount: manifest.volumes,
    missingVolumes: bundle.missing,
    emptyPaths: bundle.emptyPaths,
    deep: deep === true,
    signature,
    findings,
    durationMs: Date.now() - startedAt,
  };
}

/** Who signed a bundle; a signature that is not right comes as a finding. @throws {AirgapError} PROGRAM_MISSING, DOCUMENT_* for the signers */
export async function signatureOf(
  { rawManifest, signature, path }: Bundle,
  options: Pick<VerifyOptions, 'allowedSigners' | 'requireSignature'> = {},
): Promise<{ readonly signature: VerifyResult['signature']; readonly finding?: BundleFinding }> {
  const { allowedSigners, requireSignature: isRequired = false } = options;
  try {
    const trust = allowedSigners === undefined ? {} : { allowedSigners };
    return { signature: await checkSignature({ rawManifest, signature, isRequired, path, ...trust }) };
  } catch (error) {
    if (!isAirgapError(error, 'SIGNATURE_INVALID')) throw error;
    const { code, message, hint, facts } = error;
    return {
      signature: { state: 'invalid', problem: facts.problem, detail: facts.detail },
      finding: { code, problem: undefined, file: 'airgap.json.sig', volume: undefined, message, hint },
    };
  }
}

function unreadable(given: {
  readonly path: string;
  readonly deep: boolean;
  readonly finding: BundleFinding;
  readonly durationMs: number;
}): VerifyResult {
  const { path, deep, finding, durationMs } = given;
  return {
    passed: false,
    path,
    name: undefined,
    digest: undefined,
    tool: undefined,
    volumeCount: 1,
    missingVolumes: [],
    emptyPaths: [],
    fileCount: 0,
    bytes: 0,
    deep,
    layerCount: 0,
    rawBytes: 0,
    signature: { state: 'unsigned' },
    findings: [finding],
    durationMs,
  };
}
