// Turns the far side's `error CODE …` lines into errors of the table. Whatever it says beyond that is a protocol error.
import { AirgapError } from '../errors.js';
import { digestFromHex } from '../oci/digest.js';
import { isTargetProblem } from './far-files.js';
import { isCount, isHex } from './words.js';

/** What the sentences need to know of the host. */
export interface FarWhere {
  readonly hostName: string;
  readonly stage: string;
  readonly user: string;
}

/** What was called. */
export interface FarWhat {
  readonly command: string;
  readonly engine: string;
  /** The image or name it was about. */
  readonly subject: string;
}

/** Something came that the grammar does not know. */
export function answerError(host: string, command: string, problem: string): AirgapError {
  return new AirgapError('FAR_ANSWER', { host, command, problem });
}

/** The error that a line like `error TARGET_FULL 0 /var` stands for. `rest` is what follows the word `error`. */
export function farError(where: FarWhere, what: FarWhat, rest: string): AirgapError {
  const { hostName: host, stage, user } = where;
  const { command, engine } = what;
  const [code = '', ...words] = rest.split(' ');
  const detail = words.join(' ').trim();
  switch (code) {
    case 'STAGE_DENIED':
      return new AirgapError('STAGE_DENIED', { host, stage, detail });
    case 'STAGE_BUSY':
      return new AirgapError('STAGE_BUSY', { host, stage, owner: detail });
    case 'STAGE_DAMAGED':
    case 'STAGE_OFFSET': {
      const [hex = '', index = ''] = words;
      if (!isHex(hex, 64) || !isCount(index)) break;
      const layer = digestFromHex(hex, command);
      return new AirgapError('STAGE_DAMAGED', { host, layer, segment: Number(index) });
    }
    case 'TARGET_FULL': {
      const [free = '', ...path] = words;
      const freeBytes = isCount(free) ? Number(free) : undefined;
      return new AirgapError('TARGET_FULL', {
        host,
        path: path.join(' '),
        neededBytes: undefined,
        freeBytes,
        engine,
      });
    }
    case 'NAME_TAKEN':
      return new AirgapError('NAME_TAKEN', { host, name: what.subject });
    case 'LOAD_REJECTED':
      return new AirgapError('LOAD_REJECTED', { host, image: what.subject, detail, engine });
    case 'PULL_FAILED':
      return new AirgapError('PULL_FAILED', { host, image: what.subject, detail, engine });
    case 'FAR_ENGINE_MISSING':
      return new AirgapError('FAR_ENGINE_MISSING', { host, looked: [engine] });
    case 'FAR_ENGINE_DOWN':
      return new AirgapError('FAR_ENGINE_DOWN', { host, engine, detail });
    case 'FAR_ENGINE_DENIED':
      return new AirgapError('FAR_ENGINE_DENIED', { host, engine, user });
    case 'FAR_SUDO_DENIED':
      return new AirgapError('FAR_SUDO_DENIED', { host, problem: detail });
    case 'FAR_TOOL_MISSING':
      return new AirgapError('FAR_TOOL_MISSING', { host, tool: detail });
    case 'FAR_FAILED':
      return new AirgapError('FAR_FAILED', { host, command, exitCode: 1, detail });
    case 'FILE_CHANGED':
      return new AirgapError('FILE_CHANGED', { host, path: detail });
    case 'FILE_REFUSED': {
      const [problem = '', ...path] = words;
      if (!isTargetProblem(problem)) break;
      return new AirgapError('FILE_REFUSED', { host, path: path.join(' '), problem });
    }
    case 'FILE_INVALID':
    case 'INSTALL_FAILED': {
      const [path = '', ...why] = words;
      return new AirgapError(code, { host, path, detail: why.join(' ') });
    }
    case 'PACKAGES_FAILED':
      return new AirgapError('PACKAGES_FAILED', { host, detail });
    case 'ROLLBACK_UNKNOWN':
      return new AirgapError('ROLLBACK_UNKNOWN', { host, receipt: detail });
    case 'NEAR_GONE':
    case 'USAGE':
      return new AirgapError('FAR_FAILED', { host, command, exitCode: 1, detail: `${code} ${detail}` });
  }
  return answerError(host, command, `error ${rest}`.slice(0, 200));
}
