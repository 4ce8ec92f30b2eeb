// `airgap mirror-config`: finds out how a registry is reached from here, and makes the files for a site's engines of it.
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { createEndpoints } from '../registry/endpoints.js';
import { parseRegistry } from '../registry/login.js';
import {
  type MirrorConfig,
  type MirrorEngine,
  mirrorConfig,
  mirrorEngines,
} from '../registry/mirror-files.js';
import { openRegistries } from '../registry/open-registries.js';
import { certificateNames, readPlaces } from '../registry/places.js';
import { greetRegistry } from '../registry/registry.js';
import { text } from '../text/text.js';
import { parsePushTarget } from './push-names.js';

export interface MirrorOptions {
  /** HOST[:PORT][/PREFIX] */
  readonly registry: string;
  /** All where absent. */
  readonly engine?: MirrorEngine;
  /** Whose images it has; docker.io where absent. */
  readonly of?: string;
}

export interface MirrorResult {
  readonly registry: string;
  readonly origin: string;
  /** It was not reached, so that it speaks TLS is only supposed. */
  readonly isSupposed: boolean;
  readonly configs: readonly MirrorConfig[];
}

/** @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, USAGE for a registry that would be its own mirror */
export async function makeMirrorConfig(
  env: NodeJS.ProcessEnv,
  options: MirrorOptions,
): Promise<MirrorResult> {
  const { host, prefix, name } = parsePushTarget(options.registry);
  const of = parseRegistry(options.of ?? 'docker.io');
  // It would be sent from itself to itself, and containerd has one file a registry.
  if (of === host) {
    const problem = text().words.mirror.ofItself(host);
    throw new AirgapError('USAGE', { problem, command: 'mirror-config' });
  }
  const places = readPlaces(env);
  const isInsecure = await createEndpoints(places).isInsecure(host);
  const all = openRegistries(env, { places });
  let origin = `https://${host}`;
  let isSupposed = false;
  try {
    const registry = await all.registry(host);
    origin = await registry.origin();
    await greetRegistry(registry);
  } catch (error) {
    if (!isAirgapError(error) || !error.code.startsWith('REGISTRY_') || error.code === 'REGISTRY_CONFIG')
      throw error;
    // Who wants a login has answered.
    isSupposed = error.code !== 'REGISTRY_DENIED';
  } finally {
    all.close();
  }
  const authorities = await authoritiesOf(places.certificateFolders, host);
  const isUnproved = isInsecure && origin.startsWith('https:') && authorities.length === 0;
  const facts = { host, prefix, origin, isUnproved, authorities, of };
  const engines = options.engine === undefined ? mirrorEngines : [options.engine];
  return {
    registry: name,
    origin,
    isSupposed,
    configs: engines.map((engine) => mirrorConfig(engine, facts)),
  };
}

async function authoritiesOf(folders: readonly string[], host: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders.flatMap((one) => certificateNames(host).map((name) => path.join(one, name)))) {
    const names = await readdir(folder).catch(() => []);
    found.push(...names.filter((name) => name.endsWith('.crt')).map((name) => path.join(folder, name)));
  }
  return found;
}
