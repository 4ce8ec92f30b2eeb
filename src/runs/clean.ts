// `airgap clean`: removes what unfinished sends left in a host's stage, after a question that names it.
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { Far } from '../far/facts.js';
import { text } from '../text/text.js';

export interface CleanOptions {
  readonly host: string;
  /** Also what other machines and users left. */
  readonly all: boolean;
  readonly ask: Ask;
}

/** @throws {AirgapError} PROMPT_REFUSED, STAGE_BUSY, FAR_*, SSH_LOST */
export async function cleanHost(
  far: Far,
  { host, all, ask }: CleanOptions,
): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const found = await far.clean({ all, look: true });
  // Nobody need be asked for nothing; what this very look has made there goes again.
  if (found.length === 0) return await far.clean({ all, leave: true });
  const question = text().doctor.cleanQuestion(far.stage, host, all);
  if ((await ask({ kind: 'confirm', question })) !== 'yes') {
    throw new AirgapError('PROMPT_REFUSED', { question, flag: '--yes' });
  }
  return await far.clean({ all, leave: true });
}
