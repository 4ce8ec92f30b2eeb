// What an answer to a push means, in our codes. @see distribution-spec 1.1 "Error Codes"; Harbor's and Quay's own refusals
import { AirgapError, type RegistryPushProblem } from '../errors.js';
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
  const { code, words } = await registry.said(answer);
  const problem = problemOf(answer.status, code, withoutNames(words, repository));
  const said = `HTTP ${answer.status}${words === '' ? '' : `, ${words}`}`;
  const at = problem === undefined ? await registry.leadsTo(answer) : undefined;
  // Nobody was told there who we are.
  if (at !== undefined)
    return new AirgapError('REGISTRY_ANSWER', {
      registry: registry.host,
      request: 'upload',
      detail: said,
      at,
    });
  const facts = { registry: registry.host, repository, detail: words };
  if (problem === undefined && answer.status === 403)
    return new AirgapError('REGISTRY_DENIED', { ...facts, problem: 'forbidden', action: 'push' });
  if (problem !== undefined) return new AirgapError('REGISTRY_PUSH', { ...facts, digest, problem });
  return new AirgapError('REGISTRY_PUSH', { ...facts, digest, problem: 'other', detail: said });
}

/** By status and code, and by words only where registries have no code for it. Undefined for what needs its own words. */
function problemOf(status: number, code: string, said: string): RegistryPushProblem | undefined {
  // docker's registry says DIGEST_INVALID with 400, others with 404 or 422.
  if (code === 'DIGEST_INVALID' || code === 'SIZE_INVALID') return 'digest';
  if (code === 'BLOB_UNKNOWN' || code === 'MANIFEST_BLOB_UNKNOWN') return 'blob-unknown';
  if (status === 405) return 'read-only';
  if (status === 413 && !noRoom.test(said)) return 'too-large';
  if (status === 415) return 'format';
  if (status === 507) return 'full';
  if (/blob unknown|unknown blob|manifest unknown/i.test(said)) return 'blob-unknown';
  if (code === 'NAME_UNKNOWN' || (status === 404 && noProject.test(said))) return 'no-project';
  if (status === 404) return undefined;
  if (noRoom.test(said)) return 'full';
  // Harbor: "The system is in read only mode"; Quay: "currently read-only".
  if (/\bread.?only\b/i.test(said)) return 'read-only';
  // With 403 it is somebody's right that lacks.
  if (status !== 403 && /immutable|already exists|does not allow updating|cannot be overwritten/i.test(said))
    return 'immutable';
  if (/unsupported.*(?:media.?type|manifest)|(?:media.?type|manifest).*unsupported/i.test(said))
    return 'format';
  if (code === '' && /digest (?:did|does)|digest invalid|size invalid/i.test(said)) return 'digest';
  return undefined;
}

const noRoom = /quota|no space|upper limit|insufficient storage/i;
const noProject = /\b(?:project|repository|namespace)\b.*(?:not found|does not exist|unknown)/i;

/** What images are called says nothing of why they were not taken: without what is quoted, and the repository with its tag. */
function withoutNames(words: string, repository: string): string {
  const quoted = /'[^']*'|"[^"]*"/g;
  const named = new RegExp(
    `(?<![\\w./-])${repository.replaceAll('.', '\\.')}(?:[:@][\\w.:-]+)?(?![\\w/-])`,
    'g',
  );
  return words.replaceAll(quoted, '').replaceAll(named, '');
}
