// Asks a registry whether it is there and takes the login that is kept for it: `GET /v2/`, as every client begins.
import { createLogins } from '../registry/credentials.js';
import { openRegistries } from '../registry/open-registries.js';
import { readPlaces } from '../registry/places.js';
import type { RegistryLook } from './local-api.js';
import { parsePushTarget } from './push-names.js';
import type { RunContext } from './run.js';

/** Nothing is asked of a person. @throws {AirgapError} REFERENCE_INVALID, REGISTRY_*, CREDENTIAL_HELPER */
export async function lookAtRegistry(
  env: NodeJS.ProcessEnv,
  named: string,
  { signal }: Pick<RunContext, 'signal'>,
): Promise<RegistryLook> {
  const { host, prefix } = parsePushTarget(named);
  const places = readPlaces(env);
  const all = openRegistries(env, { places });
  try {
    const registry = await all.registry(host);
    const scope = { repository: '', actions: [] };
    const answer = await registry.request({ method: 'GET', path: '/v2/', scope, signal });
    answer.body.destroy();
    const login = await createLogins(places).find(host, prefix);
    return {
      origin: await registry.origin(signal),
      user: login?.kind === 'password' ? login.user : undefined,
    };
  } finally {
    all.close();
  }
}
