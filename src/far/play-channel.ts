// A play under way: recipe lines go in, the engine's word comes out.
import { AirgapError } from '../errors.js';
import { hexOf } from '../oci/digest.js';
import type { FarChannel } from './channel.js';
import type { Play, RecipeLine } from './facts.js';
import { splitWords } from './words.js';

/** One line of a recipe, as the far side reads it. */
export function formatRecipeLine(line: RecipeLine): string {
  switch (line.op) {
    case 'frame':
      return `frame ${hexOf(line.digest)} ${line.offset} ${line.length}\n`;
    case 'segment':
      return `segment ${hexOf(line.diffId)} ${line.index} ${hexOf(line.digest)} ${line.codec}\n`;
    case 'blob':
      return `blob ${hexOf(line.diffId)} ${line.index} ${hexOf(line.digest)}\n`;
    case 'splice':
      return `splice ${line.hex} ${line.path} ${line.codec}\n`;
    case 'end':
      return 'end\n';
  }
}

/** Resolves when the far side has said that it is loading: everything that could be refused beforehand was not. */
export async function createPlay(channel: FarChannel, graceMs: number): Promise<Play> {
  const first = await channel.line();
  if (first !== 'loading') {
    const error = channel.unexpected(first ?? '');
    channel.abort(error);
    throw error;
  }
  let aborted = false;
  let writing: Promise<void> = Promise.resolve();

  const listen = async (): Promise<string> => {
    let words: string | undefined;
    for (let line = await channel.line(); line !== undefined; line = await channel.line()) {
      const [word, rest = ''] = splitWords(line, 2);
      if (word !== 'loaded' || words !== undefined) {
        const error = channel.unexpected(line);
        channel.abort(error);
        throw error;
      }
      words = rest;
    }
    if (words === undefined) throw channel.unexpected('done');
    return words;
  };
  const loaded = listen().catch((error: unknown) => {
    // It tells that its stdin ended early, which is how it is stopped.
    throw aborted ? new AirgapError('CANCELLED', { resumable: true }, { cause: error }) : error;
  });
  loaded.catch(() => undefined);

  return {
    async line(line) {
      const turn = writing.then(async () => {
        try {
          await channel.write(formatRecipeLine(line));
        } catch (error) {
          await loaded;
          throw error;
        }
      });
      writing = turn.catch(() => undefined);
      await turn;
    },
    loaded,
    async abort() {
      aborted = true;
      channel.end();
      // An engine that hangs never ends its load, and beats keep the channel alive: what it leaves, the next begin ends.
      const late = setTimeout(
        () => channel.abort(new AirgapError('CANCELLED', { resumable: true })),
        graceMs,
      );
      await loaded.catch(() => undefined);
      clearTimeout(late);
    },
  };
}
