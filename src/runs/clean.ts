// `airgap clean`: removes what unfinished sends left in a host's stage and engine, after a question that names it.
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { EngineCall, Far } from '../far/facts.js';
import { text } from '../text/text.js';

export interface CleanOptions {
  readonly host: string;
  /** Ours there. */
  readonly client: string;
  /** Also what other machines and users left. */
  readonly all: boolean;
  readonly ask: Ask;
}

/** @throws {AirgapError} PROMPT_REFUSED, STAGE_BUSY, FAR_*, SSH_LOST */
export async function cleanHost(
  far: Far,
  { host, client, all, ask }: CleanOptions,
): Promise<readonly { readonly path: string; readonly bytes: number }[]> {
  const found = await far.clean({ all, look: true });
  const { call, containers } = await leftContainers(far);
  const ours = containers.filter((owner) => all || owner === client);
  // Nobody need be asked for nothing; what this very look has made there goes again.
  if (found.length === 0 && ours.length === 0) return await far.clean({ all, leave: true });
  const question = text().doctor.cleanQuestion(far.stage, host, all, ours.length);
  if ((await ask({ kind: 'confirm', question })) !== 'yes') {
    throw new AirgapError('PROMPT_REFUSED', { question, flag: '--yes' });
  }
  if (ours.length > 0) await far.unname(call, [], ours);
  const removed = ours.map((owner) => ({ path: `container:airgap-verify-${owner}`, bytes: 0 }));
  return [...removed, ...(await far.clean({ all, leave: true }))];
}

/** None where the engine is not to be had without a password: the next send removes ours. */
async function leftContainers(
  far: Far,
): Promise<{ readonly call: EngineCall; readonly containers: readonly string[] }> {
  const plain: EngineCall = { engine: 'docker', sudo: 'no' };
  const probe = await far.probe(plain);
  if (probe.engine.state !== 'denied' || probe.sudo !== 'n')
    return { call: plain, containers: probe.containers };
  const call: EngineCall = { engine: 'docker', sudo: 'n' };
  return { call, containers: (await far.probe(call)).containers };
}
