// The engines airgap loads into: adding one is a line in each of these, a file beside this one, and its shell in src/far/sh.
import { AirgapError } from '../errors.js';
import type { Probe } from '../far/facts.js';
import { type FarEngine, farEngine } from '../far/program.js';
import { archivesFacts } from './archives.js';
import { containerdFacts } from './containerd.js';
import { dockerFacts } from './docker.js';
import type { EngineFacts } from './engine.js';
import { layoutFacts, layoutPrefix } from './layout.js';
import { podmanFacts } from './podman.js';

/** Facts out of what a probe said of an engine that is up. */
type FactsOf = (found: {
  readonly info: unknown;
  readonly probe: Probe;
  readonly host: string;
  /** As `--engine` says. */
  readonly engine: string;
}) => EngineFacts;

const factsOf: Readonly<Record<FarEngine, FactsOf>> = {
  docker: ({ info, probe, host }) => {
    const facts = dockerFacts(info, host);
    return { ...facts, root: probe.engineRoot ?? facts.root };
  },
  podman: ({ info, probe, host }) => {
    const facts = podmanFacts(info, host, probe.user.name);
    return { ...facts, root: probe.engineRoot ?? facts.root };
  },
  containerd: ({ info, probe, host, engine }) => ({
    ...containerdFacts(info, { engine, machine: probe.system.machine, host }),
    root: probe.engineRoot,
  }),
  archives: ({ engine, probe }) => archivesFacts(engine, probe.system.machine),
  layout: ({ engine, probe }) => layoutFacts(engine.slice(layoutPrefix.length), probe.system.machine),
};

/** What may be taken for the engine meant where nobody says and there is no docker. */
const guesses: readonly string[] = ['k3s', 'rke2', 'podman', 'containerd'];

/** @throws {AirgapError} FAR_ENGINE_MISSING, FAR_ENGINE_DENIED, FAR_ENGINE_DOWN, FAR_ENGINE_UNSUPPORTED */
export function engineFacts(probe: Probe, engine: string, host: string): EngineFacts {
  const found = probe.engine;
  switch (found.state) {
    case 'missing':
      // A folder is no program: what is missing is told in words.
      if (farEngine(engine) === 'layout' || farEngine(engine) === 'archives')
        throw new AirgapError('FAR_ENGINE_UNSUPPORTED', { engine, host, problem: found.message });
      throw new AirgapError('FAR_ENGINE_MISSING', {
        host,
        looked: [engine],
        others: enginesBeside(probe, engine),
      });
    case 'denied':
      throw new AirgapError('FAR_ENGINE_DENIED', { host, engine, user: probe.user.name });
    case 'down':
      throw new AirgapError('FAR_ENGINE_DOWN', {
        host,
        engine,
        detail: found.message,
        other: engine === 'docker' ? enginesBeside(probe, engine)[0] : undefined,
      });
    case 'up':
      return factsOf[farEngine(engine)]({ info: found.info, probe, host, engine });
  }
}

/** Those that are there as well, for whoever meant one of them; the likeliest first, as the far side tells them. */
export function enginesBeside({ others }: Pick<Probe, 'others'>, engine?: string): readonly string[] {
  return others.filter((other) => other !== engine && guesses.includes(other));
}
