// What an answer to a push means, in our codes. @see distribution-spec 1.1 "Error Codes"; Harbor's and Quay's own refusals
import { AirgapError } from '../errors.js';
import type { Digest } from '../oci/digest.js';
import type { Answer, Registry } from './registry.js';

export interface PushContext {
  readonly registry: Registry;
  readonly repository: string;
  /** What was being pushed. */
  readonly digest: Digest;
}

/** Reads the body. */
export async function pushError(
  { registry, repository, digest }: PushContext,
  answer: Answer,
): Promise<AirgapError> {
  const { status } = answer;
  const said = await registry.said(answer);
  const facts = { registry: registry.host, repository, digest, detail: said };
  const isReadOnly = status === 405 || /read.?only|unsupported/i.test(said);
  if (isReadOnly) return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'read-only' });
  if (status === 413) return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'too-large' });
  if (status === 507 || /quota|no space|upper limit|insufficient storage/i.test(said))
    return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'full' });
  if (status === 403)
    return new AirgapError('REGISTRY_DENIED', {
      registry: registry.host,
      repository,
      problem: 'forbidden',
      detail: said,
    });
  if (/digest (?:did|does)|digest invalid|DIGEST_INVALID|size invalid/i.test(said))
    return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'digest' });
  if (/blob unknown|BLOB_UNKNOWN|unknown blob|manifest unknown/i.test(said))
    return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'blob-unknown' });
  const detail = `HTTP ${status}${said === '' ? '' : `, ${said}`}`;
  return new AirgapError('REGISTRY_PUSH', { ...facts, problem: 'other', detail });
}
