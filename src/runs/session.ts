// A session with one target: connected, far program there, engine found and permitted. send, doctor and clean begin here.

import { dockerFacts } from '../engines/docker.js';
import type { EngineFacts } from '../engines/engine.js';
import { layoutFacts, layoutPrefix } from '../engines/layout.js';
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
  /** As `--engine` says; docker when absent. */
  readonly engine: string | undefined;
  readonly ask: Ask;
}

/**
 * Finds the engine and the right to use it: plainly, by `sudo -n`, or by a password asked once.
 * @throws {AirgapError} FAR_ENGINE_MISSING, FAR_ENGINE_DOWN, FAR_ENGINE_DENIED, FAR_SUDO_DENIED, FAR_ENGINE_UNSUPPORTED
 */
export async function findEngine(options: FindEngineOptions): Promise<EngineSession> {
  const { far, hostName, ask } = options;
  const engine = options.engine ?? 'docker';
  let call: EngineCall = { engine, sudo: 'no' };
  let probe = await far.probe(call);
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
  const engine = options.engine ?? 'docker';
  const call: EngineCall = { engine, sudo: 'no' };
  const probe = await options.far.probe(call);
  if (probe.engine.state === 'up')
    return { call, probe, facts: engineFacts(probe, engine, options.hostName) };
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

function engineFacts(probe: Probe, engine: string, host: string): EngineFacts {
  const found = probe.engine;
  switch (found.state) {
    case 'missing':
      throw new AirgapError('FAR_ENGINE_MISSING', { host, looked: [engine] });
    case 'denied':
      throw new AirgapError('FAR_ENGINE_DENIED', { host, engine, user: probe.user.name });
    case 'down':
      throw new AirgapError('FAR_ENGINE_DOWN', { host, engine, detail: found.message });
    case 'up':
      break;
  }
  if (engine.startsWith(layoutPrefix)) {
    return layoutFacts(engine.slice(layoutPrefix.length), probe.system.machine);
  }
  const facts = dockerFacts(found.info, host);
  return { ...facts, root: probe.engineRoot ?? facts.root };
}
