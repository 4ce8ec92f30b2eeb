// Asks a registry whether it is there and takes the login that is kept for it: `GET /v2/`, as every client begins.
import { createLogins } from '../registry/credentials.js';
import { openRegistries } from '../registry/open-registries.js';
import { readPlaces } from '../registry/places.js';
import { greetRegistry } from '../registry/registry.js';
import type { RegistryLook, RegistryWay } from './local-api.js';
import type { SendParts } from './prepare-host.js';
import { parsePushTarget } from './push-names.js';
import type { RunContext } from './run.js';
import { openTunnel } from './tunnel.js';

/**
 * Nothing is asked of a person but what the host on the way asks.
 * @throws {AirgapError} REFERENCE_INVALID, REGISTRY_*, CREDENTIAL_HELPER, what connecting throws
 */
export async function lookAtRegistry(
  { env, openHost }: Pick<SendParts, 'openHost'> & { readonly env: NodeJS.ProcessEnv },
  named: string,
  { through, connect = {} }: RegistryWay,
  context: RunContext,
): Promise<RegistryLook> {
  const { signal } = context;
  const { host, prefix } = parsePushTarget(named);
  const places = readPlaces(env);
  const cleanUp: (() => Promise<void>)[] = [];
  const way = await openTunnel(
    { openHost },
    { ...(through === undefined ? {} : { through }), connect },
    context,
    cleanUp,
  );
  const all = openRegistries(env, { places, connect: way });
  try {
    const registry = await all.registry(host);
    await greetRegistry(registry, signal);
    const login = await createLogins(places).find(host, prefix);
    return {
      origin: await registry.origin(signal),
      user: login?.kind === 'password' ? login.user : undefined,
    };
  } finally {
    all.close();
    for (const close of cleanUp) await close().catch(() => undefined);
  }
}
