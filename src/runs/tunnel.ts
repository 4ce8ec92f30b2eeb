// The way to a registry that one host alone reaches: connections that begin there, over SSH.
import { AirgapError } from '../errors.js';
import type { Connect } from '../registry/transport.js';
import { text } from '../text/text.js';
import type { SendParts } from './prepare-host.js';
import type { PushOptions } from './push-options.js';
import type { RunContext } from './run.js';

/**
 * Connects to `through`, and closes that in `cleanUp`; undefined where the registry is reached from here.
 * @throws {AirgapError} what connecting throws; USAGE for this machine itself
 */
export async function openTunnel(
  { openHost }: Pick<SendParts, 'openHost'>,
  { through, connect }: Pick<PushOptions, 'through' | 'connect'>,
  context: RunContext,
  cleanUp: (() => Promise<void>)[],
): Promise<Connect | undefined> {
  if (through === undefined) return undefined;
  const { emit } = context;
  emit({ type: 'step.started', step: 'connect', host: through });
  const host = await openHost(through, { connect }, context);
  cleanUp.push(() => host.close());
  emit({ type: 'step.finished', step: 'connect', host: through });
  const { forward } = host;
  if (forward === undefined)
    throw new AirgapError('USAGE', { problem: text().words.push.throughHere(through), command: 'push' });
  return (place) => forward(place);
}
