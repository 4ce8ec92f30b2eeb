// `docker save` as a stream. A containerd store saves an index by this machine's own platform; where only another was ever pulled it
// has to be told that by name, which docker 28 can be and 26 cannot.
import type { Readable } from 'node:stream';
import { AirgapError, isAirgapError } from '../errors.js';
import { formatPlatform, type Platform } from '../oci/platform.js';
import { familiarReference, type Reference } from '../oci/reference.js';
import type { DockerCli } from './docker-cli.js';
import { ownPlatform } from './found-image.js';

export interface SaveStreamOptions {
  readonly ids: readonly string[];
  /** Of the images that are wanted. */
  readonly platforms: readonly Platform[];
  /** As the user named the first, for messages. */
  readonly source: string;
  /** Its name, if it has one. */
  readonly reference: Reference | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Of the program, and of the engine behind a newer one. */
const tooOld = /unknown flag|requires API version/;

/**
 * `read` may be called twice: what it has had it has had.
 * @throws {AirgapError} ENGINE_*, SOURCE_GONE; PLATFORM_MISSING where the engine needs this machine's own platform to save another
 */
export async function streamSave(
  cli: DockerCli,
  { ids, platforms, source, reference, signal }: SaveStreamOptions,
  read: (stdout: Readable) => Promise<'done' | 'stop'>,
): Promise<void> {
  // Platforms of one index have one ID.
  const once = [...new Set(ids)];
  // podman takes several only when it is told so.
  const many = cli.program === 'podman' ? ['--multi-image-archive'] : [];
  const save = async (words: readonly string[]): Promise<void> =>
    await cli.stream(['image', 'save', ...words, ...once], read, { signal });
  try {
    await save(many);
  } catch (error) {
    const [platform, ...others] = new Set(platforms.map(formatPlatform));
    const isLost = isAirgapError(error, 'ENGINE_ANSWER') && /not ?found/i.test(error.facts.detail);
    if (!isLost || cli.program === 'podman' || platform === undefined || others.length > 0) throw error;
    await save(['--platform', platform]).catch((second: unknown) => {
      if (!isAirgapError(second, 'ENGINE_ANSWER') || !tooOld.test(second.facts.detail)) throw error;
      const wanted = formatPlatform(ownPlatform());
      const pull = pullCommand(cli, reference, wanted);
      throw new AirgapError('PLATFORM_MISSING', { image: source, wanted, found: [], ...pull });
    });
  }
}

/** The command that brings one more platform of an image here, as facts of PLATFORM_MISSING: none for what has no name. */
export function pullCommand(
  { program }: Pick<DockerCli, 'program'>,
  reference: Reference | undefined,
  platform: string,
): { readonly pull?: string } {
  if (reference === undefined) return {};
  return { pull: `${program} pull --platform ${platform} ${familiarReference(reference)}` };
}
