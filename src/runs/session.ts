// A session with one target: connected, far program there, engine found and permitted. send, doctor and clean begin here.

import type { EngineFacts } from '../engines/engine.js';
import { engineFacts, enginesBeside } from '../engines/known.js';
import { layoutFacts } from '../engines/layout.js';
import { AirgapError } from '../errors.js';
import type { Ask } from '../events.js';
import type { EngineCall, Far, Probe } from '../far/facts.js';

export interface EngineSession {
  readonly call: EngineCall;
  readonly probe: Probe;
  readonly facts: EngineFacts;
}

export interface FindEngineOptions {
  readonly far: Far;
  readonly hostName: string;
  /** As `--engine` says; when absent docker, or what a host without docker has. */
  readonly engine: string | undefined;
  readonly ask: Ask;
}

/**
 * Finds the engine and the right to use it: plainly, by `sudo -n`, or by a password asked once.
 * @throws {AirgapError} FAR_ENGINE_MISSING, FAR_ENGINE_DOWN, FAR_ENGINE_DENIED, FAR_SUDO_DENIED, FAR_ENGINE_UNSUPPORTED
 */
export async function findEngine(options: FindEngineOptions): Promise<EngineSession> {
  const { far, hostName, ask } = options;
  let { call, probe } = await firstLook(options);
  const { engine } = call;
  if (probe.engine.state === 'denied') {
    const user = probe.user.name;
    if (probe.sudo === 'n') {
      call = { engine, sudo: 'n' };
    } else {
      const password =
        probe.sudo === 'password' ? await ask({ kind: 'sudo', host: hostName, user }) : undefined;
      if (password === undefined)
        throw new AirgapError('FAR_ENGINE_DENIED', { host: hostName, engine, user });
      call = { engine, sudo: 'ask', password };
    }
    probe = await far.probe(call);
  }
  return { call, probe, facts: engineFacts(probe, engine, hostName) };
}

/**
 * For files alone a host needs no engine: one that is missing, down or denied is passed over, and no password is asked for.
 * Its facts are then those of nothing, named `none`.
 */
export async function findEngineIfAny(options: FindEngineOptions): Promise<EngineSession> {
  const { call, probe } = await firstLook(options);
  if (probe.engine.state === 'up')
    return { call, probe, facts: engineFacts(probe, call.engine, options.hostName) };
  const bare = layoutFacts('', probe.system.machine);
  const facts: EngineFacts = {
    ...bare,
    name: 'none',
    version: '',
    storeKind: 'graphdriver',
    storeLabel: '',
    root: undefined,
    stagesArchive: false,
  };
  return { call, probe, facts };
}

/** Asks about the engine that was named, or about docker, and where there is no docker about what seems to be there. */
async function firstLook({ far, engine }: FindEngineOptions): Promise<Pick<EngineSession, 'call' | 'probe'>> {
  const call: EngineCall = { engine: engine ?? 'docker', sudo: 'no' };
  const probe = await far.probe(call);
  if (engine !== undefined || probe.engine.state !== 'missing') return { call, probe };
  let likeliest: Pick<EngineSession, 'call' | 'probe'> | undefined;
  for (const guess of enginesBeside(probe)) {
    const guessed: EngineCall = { engine: guess, sudo: 'no' };
    const found = { call: guessed, probe: await far.probe(guessed) };
    likeliest ??= found;
    // What only lies about, such as the socket of an engine that was taken away, is not what is meant.
    if (found.probe.engine.state === 'up' || found.probe.engine.state === 'denied') return found;
  }
  return likeliest ?? { call, probe };
}
