// Plays one archive on one host while its segments still arrive, and makes room for short calls beside the sending where a
// host allows few sessions.
import { isAirgapError } from '../errors.js';
import type { EngineCall, Far, Play, RecipeLine } from '../far/facts.js';
import type { DiffId } from '../oci/digest.js';
import type { Arrivals } from './arrivals.js';
import { rejectOnAbort } from './deferred.js';
import type { Sender } from './sender.js';

export interface PlayContext {
  readonly far: Far;
  readonly call: EngineCall;
  readonly sender: Sender;
  readonly arrivals: Arrivals;
  /** Resolves when every layer of the run is in the sender's line. */
  readonly allInLine: Promise<void>;
  /** The host allows one session only: sending and playing take turns. */
  singleSession: boolean;
  readonly signal: AbortSignal;
}

/** Resolves when the engine has taken the archive. @throws {AirgapError} LOAD_REJECTED, STAGE_DAMAGED, TARGET_FULL, FAR_* */
export async function playArchive(
  context: PlayContext,
  temporaryName: string,
  recipe: AsyncIterable<RecipeLine>,
): Promise<void> {
  let play = context.singleSession ? undefined : await openBesideSending(context, temporaryName);
  // With one session only, everything must be there before the play takes it; and so for every image after this one.
  context.singleSession = play === undefined;
  const lines = play === undefined ? await collect(recipe) : recipe;
  if (play === undefined) {
    await context.allInLine;
    await context.sender.quiesce();
    play = await context.far.openPlay(context.call, temporaryName);
  }
  const playing = play;
  const stop = rejectOnAbort(context.signal);
  try {
    const feed = async (): Promise<void> => {
      for await (const line of lines) await playing.line(line);
      await playing.loaded;
    };
    // The load may fail long before its last line: a full disk, a bad segment. Whoever is first ends both.
    await Promise.race([feed(), playing.loaded.then(() => undefined), stop.promise]);
    await Promise.race([playing.loaded, stop.promise]);
  } catch (error) {
    await playing.abort();
    if (isAirgapError(error, 'STAGE_DAMAGED')) {
      context.arrivals.lost(error.facts.layer as DiffId, error.facts.segment);
    }
    throw error;
  } finally {
    stop.release();
  }
}

async function collect(lines: AsyncIterable<RecipeLine>): Promise<RecipeLine[]> {
  const all: RecipeLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}

/** Opens the play while segments still travel; undefined if the host has no session for both. */
async function openBesideSending(context: PlayContext, temporaryName: string): Promise<Play | undefined> {
  await context.sender.warm();
  for (;;) {
    try {
      return await context.far.openPlay(context.call, temporaryName);
    } catch (error) {
      if (!isAirgapError(error, 'CHANNEL_REFUSED')) throw error;
      if (!(await context.sender.yieldChannel())) return undefined;
    }
  }
}

/** Makes a short call beside the sending; where every session is taken, sending gives one up for it. */
export async function besideSending<T>(sender: Sender, call: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (error) {
      if (!isAirgapError(error, 'CHANNEL_REFUSED') || attempt >= 8) throw error;
      if (!(await sender.yieldChannel())) await sender.quiesce();
    }
  }
}
