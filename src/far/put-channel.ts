// One channel that carries segments. What it stored is told by the far side alone.
import { hexOf, parseDiffId } from '../oci/digest.js';
import type { FarChannel } from './channel.js';
import type { PutChannel } from './facts.js';
import { isCount, isHex } from './words.js';

type Listener = Parameters<PutChannel['onStored']>[0];

/** Wraps a running `put`. */
export function createPutChannel(channel: FarChannel): PutChannel {
  const listeners = new Set<Listener>();
  let awaited = 0;
  let writing: Promise<void> = Promise.resolve();
  // Nobody expects a word while there is nothing to answer.
  channel.watchdog.setActive(false);

  const listen = async (): Promise<void> => {
    for (let line = await channel.line(); line !== undefined; line = await channel.line()) {
      const [word, hex = '', index = '', more] = line.split(' ');
      if (word !== 'stored' || !isHex(hex, 64) || !isCount(index) || more !== undefined) {
        const error = channel.unexpected(line);
        channel.abort(error);
        throw error;
      }
      awaited -= 1;
      if (awaited <= 0) channel.watchdog.setActive(false);
      for (const listener of listeners) listener(parseDiffId(`sha256:${hex}`, 'put'), Number(index));
    }
  };
  const closed = listen();
  closed.catch(() => undefined);

  /** A write that fails only says that nobody reads any more; the far side's last line says why. */
  const write = async (bytes: Uint8Array | string): Promise<void> => {
    try {
      await channel.write(bytes);
    } catch (error) {
      await closed;
      throw error;
    }
  };

  /** Two callers must not mix their bytes. */
  const inTurn = async (head: string, body: Uint8Array, answered: boolean): Promise<void> => {
    const turn = writing.then(async () => {
      if (answered) awaited += 1;
      channel.watchdog.setActive(true);
      await write(head);
      await write(body);
    });
    writing = turn.catch(() => undefined);
    await turn;
  };

  return {
    async write(segment, offset, body) {
      const { diffId, index, digest, bytes } = segment;
      const end = offset + body.byteLength;
      if (end > bytes) throw new RangeError(`segment of ${bytes} bytes written up to ${end}`);
      const head = `segment ${hexOf(diffId)} ${index} ${hexOf(digest)} ${bytes} ${offset} ${body.byteLength}\n`;
      await inTurn(head, body, end === bytes);
    },
    writeFrame: (digest, body) => inTurn(`frame ${hexOf(digest)} ${body.byteLength}\n`, body, true),
    onStored(listener) {
      listeners.add(listener);
    },
    async finish() {
      await writing;
      channel.watchdog.setActive(true);
      channel.end();
      await closed;
    },
    closed: neverBeforeFinish(closed),
    abort() {
      channel.abort(new Error('put stopped'));
    },
  };
}

/** Rejects with the channel; a channel that ended well leaves it open, as promised. */
function neverBeforeFinish(closed: Promise<void>): Promise<void> {
  const broken = new Promise<void>((_, reject) => {
    closed.catch(reject);
  });
  broken.catch(() => undefined);
  return broken;
}
