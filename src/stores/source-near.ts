// What a misspelt word of a source may have meant: `podmn-container:web`, `containerd-runing:`. An image may be called nearly like a
// word of ours (`composer:2`), so one that can be a name is only told of once no image has that name.
import { AirgapError, isAirgapError } from '../errors.js';
import { tryReference } from '../oci/layout.js';
import { nearest } from '../text/near.js';
import { transports } from './transports.js';

interface Word {
  readonly word: string;
  /** Whether it may stand before this. */
  readonly fits: (rest: string) => boolean;
}

const isFile = (rest: string): boolean => rest === '' || rest.startsWith('/') || /\.ya?ml$/.test(rest);
const isNothing = (rest: string): boolean => rest === '';
// `docker:27` is an image. Names as short as `api` are a slip or two from `oci`.
const special: Readonly<Record<string, Word['fits']>> = {
  docker: (rest) => rest.startsWith('//'),
  oci: (rest) => /^\.{0,2}\//.test(rest),
};

/** Transports, and words that stand for several images (`groupOf` in src/runs/choose-images.ts). */
const words: readonly Word[] = [
  ...transports.map((word) => ({ word, fits: special[word] ?? (() => true) })),
  ...['compose', 'podman-compose', 'containerd-compose'].map((word) => ({ word, fits: isFile })),
  ...['running', 'podman-running', 'containerd-running'].map((word) => ({ word, fits: isNothing })),
];

const maxLength = 300;

/** What may have been meant, as it would be written; none where the word is one of ours, or far from all of them. */
export function nearSources(text: string): readonly string[] {
  const [, word = '', namespace = '', rest = ''] = /^([a-z0-9-]+)(\+[^:]*)?:(.*)$/is.exec(text) ?? [];
  // A port is no name, and behind an `@` there may be a password's host.
  if (word === '' || text.length > maxLength || /^\d+\/|@/.test(rest)) return [];
  // Of ours only containerd's have a namespace.
  const isOurs = namespace === '' || word.startsWith('containerd');
  if (isOurs && words.some((one) => one.word === word)) return [];
  const fitting = words.filter(
    (one) => one.fits(rest) && (namespace === '' || one.word.startsWith('containerd')),
  );
  return nearest(
    word,
    fitting.map((one) => one.word),
  ).map((one) => `${one}${namespace}:${rest}`);
}

/** The same of what can be no image's name at all. */
export function misspeltSource(text: string): readonly string[] {
  return tryReference(text) === undefined ? nearSources(text) : [];
}

/** Opens what a source names; where there is no such image, a word of ours that is near is told with the names that are. */
export async function tellingNear<T>(source: string, open: () => Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (error) {
    const near = isAirgapError(error, 'IMAGE_UNKNOWN') ? nearSources(source) : [];
    if (!isAirgapError(error, 'IMAGE_UNKNOWN') || near.length === 0) throw error;
    const { facts } = error;
    throw new AirgapError(
      'IMAGE_UNKNOWN',
      { ...facts, near: [...facts.near, ...near].slice(0, 3) },
      { cause: error },
    );
  }
}
