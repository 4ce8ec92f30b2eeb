// Hands a call its whole stdin: as one block, or piece by piece from a source that is read no faster than the far side takes it.
import type { FarChannel } from './channel.js';

export type FarInput = string | Uint8Array | AsyncIterable<string | Uint8Array>;

/**
 * Writes all of it and ends stdin. Whether it was read is told by the answer, so a write that fails is no error here; a source
 * that fails ends the call with its own error.
 */
export function feedChannel(channel: FarChannel, input: FarInput | undefined): void {
  if (input !== undefined && typeof input !== 'string' && !(input instanceof Uint8Array)) {
    void feedPieces(channel, input);
    return;
  }
  if (input !== undefined && input.length > 0) channel.write(input).catch(() => undefined);
  channel.end();
}

async function feedPieces(channel: FarChannel, input: AsyncIterable<string | Uint8Array>): Promise<void> {
  const pieces = input[Symbol.asyncIterator]();
  for (;;) {
    const next = await pieces.next().catch((error: unknown) => {
      channel.abort(error);
      return undefined;
    });
    if (next === undefined) return;
    if (next.done === true) break;
    try {
      await channel.write(next.value);
    } catch {
      await pieces.return?.().catch(() => undefined);
      return;
    }
  }
  channel.end();
}
