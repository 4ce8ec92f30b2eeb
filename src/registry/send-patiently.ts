// Sends a request until something other than a passing failure comes back, as often and as slowly as limits.ts allows.
import { text } from '../text/text.js';
import { maxRetryAfterMs, maxTries } from './limits.js';
import { isAbsent, isCut, isPassing, parseRetryAfter, pause, pauseBefore } from './retry.js';
import type { Answer } from './transport.js';

export interface Patience {
  /** Sending it twice does no harm. */
  readonly repeats: boolean;
  readonly signal: AbortSignal | undefined;
  /** Whatever is answered will do: only cuts are tried again. */
  readonly takesAny?: boolean;
  /** Whether it has answered before, so that one which is not there may come back. */
  readonly wasThere?: () => boolean;
  /** Told before each pause. */
  readonly onWait: (ms: number, why: string) => void;
}

/** @returns the last answer, be it a failure @throws what the last try threw, the signal's reason */
export async function sendPatiently(
  send: () => Promise<Answer>,
  { repeats, takesAny = false, signal, wasThere = () => false, onWait }: Patience,
): Promise<Answer> {
  const words = text().words.registry;
  for (let tries = 1; ; tries += 1) {
    let waitMs = pauseBefore(tries);
    let why = words.cut;
    try {
      const answer = await send();
      if (takesAny || !isPassing(answer.status) || !repeats || tries >= maxTries) return answer;
      const askedMs = parseRetryAfter(answer.headers['retry-after'], Date.now()) ?? 0;
      // So long nobody waits before a progress bar that stands still: the run ends, and says when to come again.
      if (askedMs > maxRetryAfterMs) return answer;
      answer.body.destroy();
      waitMs += askedMs;
      why = answer.status === 429 ? words.tooMany : `HTTP ${answer.status}`;
    } catch (error) {
      const isGone = isAbsent(error) && wasThere();
      if (signal?.aborted === true || !repeats || !(isGone || isCut(error)) || tries >= maxTries) throw error;
      if (isGone) why = words.gone;
    }
    onWait(waitMs, why);
    await pause(waitMs, signal);
  }
}
