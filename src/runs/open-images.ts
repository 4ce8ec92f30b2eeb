// Opens what was chosen, several at a time, in its order; each under the name that it will have over there.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import type { Image } from '../image/image.js';
import {
  formatPlatform,
  onlyPlatform,
  type Platform,
  type PlatformWish,
  parsePlatform,
} from '../oci/platform.js';
import type { ImageIndex } from '../stores/store.js';
import { createGate } from '../streams/gate.js';
import { text } from '../text/text.js';
import { type AskedImages, type ChosenImage, isContainerSource, type OpenedChoice } from './choose-images.js';
import type { ExportParts } from './export.js';
import { familiarName, ownName } from './far-names.js';
import type { NamedImage, OpenImageOptions, SendParts } from './prepare-host.js';

export interface OpenChosenOptions {
  readonly parts: Pick<SendParts, 'openImage'>;
  readonly chosen: readonly ChosenImage[];
  readonly asked: AskedImages;
  readonly client: string;
  readonly signal: AbortSignal;
  /** Runs at the end of the run, however it ends; what is opened may leave something to do there. */
  readonly cleanUp: OpenImageOptions['cleanUp'];
  readonly emit: Emit;
  /** Who the images are for decides later which platform it is to be. */
  readonly anyPlatform?: boolean;
  /** What makes two images of one name the same; their IDs where absent. */
  readonly identify?: (image: Image) => string;
}

/** Most of the time goes by while a registry answers; stores that cannot do so much at once hold the others back themselves. */
const parallelOpens = 8;

/**
 * One image each: of the platform asked for, else of this machine's; with `anyPlatform` else of whichever its source has.
 * The same name twice is one image.
 * @throws {AirgapError} what a store throws, of the first that failed, once nothing is being opened any more; USAGE for two images
 * of one name
 */
export async function openImages(options: OpenChosenOptions): Promise<OpenedChoice[]> {
  const { parts, asked } = options;
  const opened = await openAll(options, async (chosen, opening) => {
    const platform = platformOf(chosen, asked);
    const wish = wishOf(chosen, asked);
    try {
      const given = {
        ...(platform === undefined ? {} : { platform }),
        ...(wish === undefined || wish === 'all' ? {} : { platforms: wish }),
      };
      return [{ image: await parts.openImage(chosen.source, { ...opening, ...given }) }];
    } catch (error) {
      const other = platform === undefined && options.anyPlatform === true ? otherPlatform(error) : undefined;
      if (other === undefined) throw error;
      return [{ image: await parts.openImage(chosen.source, { ...opening, platform: other }) }];
    }
  });
  return opened.map(({ chosen, name, image }) => ({
    image,
    name,
    platformAsked: platformOf(chosen, asked) !== undefined,
    chosen,
  }));
}

/** The images for hosts of a platform: what no platform was asked for is opened again where another may fit better. */
export function imagesForHosts(
  images: readonly OpenedChoice[],
  options: OpenChosenOptions,
): (platform: Platform) => Promise<readonly NamedImage[]> {
  const known = new Map<string, Promise<readonly NamedImage[]>>();
  const { parts } = options;
  const fitting = async (one: OpenedChoice, platform: Platform): Promise<NamedImage> => {
    const isRight = formatPlatform(one.image.platform) === formatPlatform(platform);
    // A container has one platform, and opening it again would commit it again.
    if (one.platformAsked || isRight || isContainerSource(one.chosen.source)) return one;
    try {
      const opening = openingOf(one.chosen, options);
      return { ...one, image: await parts.openImage(one.chosen.source, { ...opening, platform }) };
    } catch (error) {
      // The plan tells which platform it is for.
      if (isAirgapError(error, 'PLATFORM_MISSING')) return one;
      throw error;
    }
  };
  return async (platform) => {
    const key = formatPlatform(platform);
    const all = known.get(key) ?? Promise.all(images.map((one) => fitting(one, platform)));
    known.set(key, all);
    return await all;
  };
}

/** An image of one of the platforms that travel under its name. */
export interface OpenedPlatform extends OpenedChoice {
  /** Undefined where the name stands for one image. */
  readonly platforms?: { readonly index: ImageIndex | undefined };
}

/** As `openImages`, with all the platforms that were wished for, one after another. @throws {AirgapError} as it does */
export async function openPlatforms(
  options: OpenChosenOptions & { readonly parts: Pick<ExportParts, 'openImage' | 'openIndex'> },
): Promise<OpenedPlatform[]> {
  const { parts, asked } = options;
  const opened = await openAll(options, async (chosen, opening) => {
    const wish = wishOf(chosen, asked);
    if (wish === undefined || onlyPlatform(wish) !== undefined) {
      const platform = onlyPlatform(wish);
      const given = platform === undefined ? {} : { platform };
      return [{ image: await parts.openImage(chosen.source, { ...opening, ...given }) }];
    }
    const given = wish === 'all' ? {} : { platforms: wish };
    const { images, index } = await parts.openIndex(chosen.source, { ...opening, ...given });
    if (images.length < 2 && index === undefined) return images.map((image) => ({ image }));
    return images.map((image) => ({ image, platforms: { index } }));
  });
  return opened.map((one) => ({
    ...one,
    platformAsked: wishOf(one.chosen, asked) !== undefined,
  }));
}

type Opened = Pick<OpenedPlatform, 'image' | 'platforms'>;
type Opening = Omit<OpenImageOptions, 'platform'>;

function openingOf(
  { base }: ChosenImage,
  { asked, client, signal, cleanUp, emit }: OpenChosenOptions,
): Opening {
  return {
    ...(base === undefined ? {} : { base }),
    ...(asked.commit === undefined ? {} : { commit: asked.commit }),
    client,
    signal,
    cleanUp,
    emit,
  };
}

async function openAll(
  options: OpenChosenOptions,
  open: (chosen: ChosenImage, opening: Opening) => Promise<Opened[]>,
): Promise<(Opened & Pick<OpenedChoice, 'name' | 'chosen'>)[]> {
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const gate = createGate(parallelOpens);
  let failure: { readonly error: unknown } | undefined;
  const opened = await Promise.all(
    options.chosen.map(async (chosen) => {
      const leave = await gate.enter();
      try {
        if (failure !== undefined) return undefined;
        return { chosen, images: await open(chosen, openingOf(chosen, { ...options, signal })) };
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
  const identify = options.identify ?? (({ imageId }: Image) => imageId);
  const idsOf = ({ images }: { readonly images: readonly Opened[] }): string =>
    images.map(({ image }) => identify(image)).join();
  const byName = new Map<string, { readonly chosen: ChosenImage; readonly images: readonly Opened[] }>();
  for (const one of opened.filter((found) => found !== undefined)) {
    const [first] = one.images;
    if (first === undefined) continue;
    const name = familiarName(one.chosen.as ?? ownName(first.image));
    const same = byName.get(name);
    if (same !== undefined && idsOf(same) !== idsOf(one))
      throw new AirgapError('USAGE', { problem: text().words.commands.wrong.sameName(name) });
    if (same === undefined || (one.chosen.inSpec && !same.chosen.inSpec))
      byName.set(name, { ...(same ?? one), chosen: one.chosen });
  }
  return [...byName].flatMap(([name, { chosen, images }]) => images.map((one) => ({ ...one, name, chosen })));
}

function wishOf({ platforms }: ChosenImage, asked: AskedImages): PlatformWish | undefined {
  return platforms ?? asked.platforms ?? (asked.platform === undefined ? undefined : [asked.platform]);
}

/** Where one host gets one of several, the host decides. */
function platformOf(chosen: ChosenImage, asked: AskedImages): Platform | undefined {
  return onlyPlatform(wishOf(chosen, asked));
}

/** Any that the source has, where it lacks this machine's. */
function otherPlatform(error: unknown): Platform | undefined {
  const found = isAirgapError(error, 'PLATFORM_MISSING') ? error.facts.found[0] : undefined;
  return found === undefined ? undefined : parsePlatform(found);
}
