// Which images a run is about: what was named, what a compose file or a bundle.yaml names; found out before any is opened, and
// the same for every command that takes images.
import { readCompose } from '../bundle/compose.js';
import { readSpec, type Spec } from '../bundle/spec.js';
import { AirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Image } from '../image/image.js';
import { formatPlatform, type Platform } from '../oci/platform.js';
import { createGate } from '../streams/gate.js';
import { text } from '../text/text.js';
import type { ImageChoice, SendOptions } from './api.js';
import { familiarName, ownName } from './far-names.js';
import type { NamedImage, OpenImageOptions, SendParts } from './prepare-host.js';

/** What the user asked for, as far as images go. */
export type AskedImages = Pick<SendOptions, 'images' | 'spec' | 'platform' | 'commit'>;

/** An image to open. */
export interface ChosenImage extends ImageChoice {
  /** Of this image alone. */
  readonly platform?: Platform;
  /** Where a relative path in its source starts, when that is not here. */
  readonly base?: string;
  /** The bundle.yaml names it, so its lock does, too. */
  readonly inSpec: boolean;
}

export interface Chosen {
  /** Each once. */
  readonly images: readonly ChosenImage[];
  /** The bundle.yaml, with what else is to travel; whoever cannot bring it must refuse. */
  readonly spec: Spec | undefined;
}

/** An image that is open, and the words that it was chosen by. */
export interface OpenedChoice extends NamedImage {
  readonly chosen: ChosenImage;
}

const composePrefix = 'compose:';

/** Expands compose files and the bundle.yaml. @throws {AirgapError} SPEC_INVALID, STORE_UNKNOWN, REFERENCE_INVALID */
export async function chooseImages(
  asked: AskedImages,
  { checkSource }: Pick<SendParts, 'checkSource'>,
): Promise<Chosen> {
  const check = (source: string): void => {
    if (!source.startsWith(composePrefix) || source === composePrefix) checkSource(source);
  };
  const images: ChosenImage[] = [];
  for (const choice of asked.images) {
    check(choice.source);
    images.push(...(await expand(choice, undefined)));
  }
  const spec = asked.spec === undefined ? undefined : await readSpec(asked.spec, check);
  for (const { source, as, platform } of spec?.images ?? []) {
    const choice = { source, ...(as === undefined ? {} : { as }) };
    for (const one of await expand(choice, spec))
      images.push({ ...one, ...(platform === undefined ? {} : { platform }) });
  }
  for (const file of spec?.compose ?? []) images.push(...(await ofCompose(file, true)));
  refuseIdleCommit(asked, images);
  return { images: distinct(images), spec };
}

/** A container, which is committed first: of docker, or of podman. */
export function isContainerSource(source: string): boolean {
  return /^(?:podman-)?container:/.test(source);
}

/** --no-pause and its like say nothing about images that are there. */
function refuseIdleCommit({ commit }: AskedImages, images: readonly ChosenImage[]): void {
  if (commit === undefined || images.some(({ source }) => isContainerSource(source))) return;
  throw new AirgapError('USAGE', { problem: text().words.spec.noContainer });
}

/** The hosts of the line, or else those of the bundle.yaml. @throws {AirgapError} USAGE where there are none */
export function targetsOf(asked: Pick<SendOptions, 'hosts'>, { spec }: Chosen): readonly string[] {
  const hosts = asked.hosts.length > 0 ? asked.hosts : (spec?.targets ?? []);
  if (hosts.length > 0) return hosts;
  throw new AirgapError('USAGE', { problem: text().words.spec.noTargets, command: 'send' });
}

export interface OpenChosenOptions {
  readonly parts: Pick<SendParts, 'openImage'>;
  readonly chosen: readonly ChosenImage[];
  readonly asked: AskedImages;
  readonly client: string;
  readonly signal: AbortSignal;
  /** Runs at the end of the run, however it ends; what is opened may leave something to do there. */
  readonly cleanUp: OpenImageOptions['cleanUp'];
  readonly emit: Emit;
}

/** Most of the time goes by while a registry answers; stores that cannot do so much at once hold the others back themselves. */
const parallelOpens = 8;

/**
 * Opens them, several at a time, and gives them in their order; each with the name it will have there, the same one twice as one.
 * @throws {AirgapError} what a store throws, of the first that failed, once nothing is being opened any more; USAGE for two images
 * of one name
 */
export async function openImages(options: OpenChosenOptions): Promise<OpenedChoice[]> {
  const { parts, chosen: choices, asked, client, cleanUp, emit } = options;
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const open = async ({ source, base, platform = asked.platform }: ChosenImage): Promise<Image> =>
    await parts.openImage(source, {
      ...(platform === undefined ? {} : { platform }),
      ...(base === undefined ? {} : { base }),
      ...(asked.commit === undefined ? {} : { commit: asked.commit }),
      client,
      signal,
      cleanUp,
      emit,
    });
  const gate = createGate(parallelOpens);
  let failure: { readonly error: unknown } | undefined;
  const opened = await Promise.all(
    choices.map(async (chosen) => {
      const leave = await gate.enter();
      try {
        return failure === undefined ? { chosen, image: await open(chosen) } : undefined;
      } catch (error) {
        failure ??= { error };
        stop.abort(error);
        return undefined;
      } finally {
        leave();
      }
    }),
  );
  if (failure !== undefined) throw failure.error;
  const images: OpenedChoice[] = [];
  for (const { chosen, image } of opened.filter((one) => one !== undefined)) {
    const { as, platform = asked.platform } = chosen;
    const name = familiarName(as ?? ownName(image));
    const at = images.findIndex((one) => one.name === name);
    const same = images[at];
    if (same === undefined) images.push({ image, name, platformAsked: platform !== undefined, chosen });
    else if (same.image.imageId !== image.imageId)
      throw new AirgapError('USAGE', { problem: text().words.commands.wrong.sameName(name) });
    else if (chosen.inSpec && !same.chosen.inSpec) images[at] = { ...same, chosen };
  }
  return images;
}

async function expand(choice: ImageChoice, spec: Spec | undefined): Promise<ChosenImage[]> {
  const { source, as } = choice;
  const inSpec = spec !== undefined;
  const base = spec?.folder;
  if (!source.startsWith(composePrefix))
    return [{ ...choice, ...(base === undefined ? {} : { base }), inSpec }];
  if (as !== undefined) throw new AirgapError('USAGE', { problem: text().words.spec.compose.asMany(source) });
  const file = source.slice(composePrefix.length);
  return await ofCompose(base === undefined || file.startsWith('/') ? file : `${base}/${file}`, inSpec);
}

async function ofCompose(file: string, inSpec: boolean): Promise<ChosenImage[]> {
  const found = await readCompose(file);
  return found.map(({ image, platform }) => ({
    // A compose file names images of an engine: `oci:1` is one called oci.
    source: `docker-daemon:${image}`,
    ...(platform === undefined ? {} : { platform }),
    inSpec,
  }));
}

function distinct(images: readonly ChosenImage[]): ChosenImage[] {
  const key = ({ source, as, base, platform }: ChosenImage): string =>
    JSON.stringify([source, as, base, platform === undefined ? undefined : formatPlatform(platform)]);
  return [...new Map(images.map((image) => [key(image), image])).values()];
}
