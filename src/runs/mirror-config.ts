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
import { plainly } from '../streams/fs-errors.js';
import { makeFolder } from '../streams/make-folder.js';
import { writeWhole } from '../streams/write-whole.js';
import { text } from '../text/text.js';
import { parsePushTarget } from './push-names.js';

export interface MirrorOptions {
  /** HOST[:PORT][/PREFIX] */
  readonly registry: string;
  /** All where absent. */
  readonly engine?: MirrorEngine;
  /** Whose images it has; docker.io where absent. */
  readonly of?: string;
  /** Writes the files there, over those of an earlier time. */
  readonly write?: string;
}

export interface MirrorResult {
  readonly registry: string;
  readonly origin: string;
  /** It was not reached, so that it speaks TLS is only supposed. */
  readonly isSupposed: boolean;
  /** The files are on this side where the lines find them. */
  readonly isWritten: boolean;
  readonly configs: readonly MirrorConfig[];
}

/** @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, USAGE for a registry that would be its own mirror, and a folder that takes no files */
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
    // What is written for a registry that does not answer is all that is known of it; who wants a login has answered.
    if (error.code === 'REGISTRY_UNREACHABLE' && options.registry.startsWith('http://'))
      origin = `http://${host}`;
    else isSupposed = error.code !== 'REGISTRY_DENIED';
  } finally {
    all.close();
  }
  const authorities = await authoritiesOf(places.certificateFolders, host);
  const isUnproved = isInsecure && origin.startsWith('https:') && authorities.length === 0;
  const folder = options.write === undefined ? {} : { folder: options.write };
  const facts = { host, prefix, origin, isUnproved, authorities, of, ...folder };
  const engines = options.engine === undefined ? mirrorEngines : [options.engine];
  const configs = engines.map((engine) => mirrorConfig(engine, facts));
  if (options.write !== undefined) await writeFiles(options.write, configs);
  return { registry: name, origin, isSupposed, isWritten: options.write !== undefined, configs };
}

async function writeFiles(folder: string, configs: readonly MirrorConfig[]): Promise<void> {
  try {
    await makeFolder(folder, { mode: 0o777 });
    for (const { source, content } of configs.flatMap(({ files }) => files))
      if (source !== undefined) await writeWhole(source, content);
  } catch (error) {
    const problem = `--write ${folder}: ${plainly(error)}`;
    throw new AirgapError('USAGE', { problem, command: 'mirror-config' }, { cause: error });
  }
}

async function authoritiesOf(folders: readonly string[], host: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of folders.flatMap((one) => certificateNames(host).map((name) => path.join(one, name)))) {
    const names = await readdir(folder).catch(() => []);
    found.push(...names.filter((name) => name.endsWith('.crt')).map((name) => path.join(folder, name)));
  }
  return found;
}
