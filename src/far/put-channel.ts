// One channel that carries segments. What it stored is told by the far side alone.
import { hexOf, parseDiffId } from '../oci/digest.js';
import type { FarChannel } from './channel.js';
import type { PutChannel } from './facts.js';
import type { PutLine, PutMember } from './put-line.js';
import { isCount, isHex } from './words.js';

type Listener = Parameters<PutChannel['onStored']>[0];

/** Wraps a running `put`, one of those that share a line. */
export function createPutChannel(channel: FarChannel, line: PutLine): PutChannel {
  const listeners = new Set<Listener>();
  const member: PutMember = { touch: channel.watchdog.touch, inFlightBytes: 0 };
  /** What is awaited to be stored, in the order of the answers, with the bytes that went for it. */
  const awaited: { bytes: number }[] = [];
  let going = { bytes: 0 };
  let isWriting = false;
  let isEnding = false;
  let writing: Promise<void> = Promise.resolve();
  // Nobody expects a word while there is nothing to answer: whoever is held back by a rate limit owes nothing.
  const watch = (): void => channel.watchdog.setActive(isWriting || isEnding || awaited.length > 0);
  watch();
  line.join(member);

  const listen = async (): Promise<void> => {
    for (let answer = await channel.line(); answer !== undefined; answer = await channel.line()) {
      const [word, hex = '', index = '', more] = answer.split(' ');
      if (word !== 'stored' || !isHex(hex, 64) || !isCount(index) || more !== undefined) {
        const error = channel.unexpected(answer);
        channel.abort(error);
        throw error;
      }
      member.inFlightBytes -= awaited.shift()?.bytes ?? 0;
      line.moved();
      watch();
      for (const listener of listeners) listener(parseDiffId(`sha256:${hex}`, 'put'), Number(index));
    }
  };
  const closed = listen();
  closed.then(
    () => line.leave(member),
    () => line.leave(member),
  );

  const taken = (bytes: number): void => {
    going.bytes += bytes;
    member.inFlightBytes += bytes;
    line.moved();
  };

  /** A write that fails only says that nobody reads any more; the far side's last line says why. */
  const write = async (bytes: Uint8Array | string): Promise<void> => {
    try {
      await channel.write(bytes, taken);
    } catch (error) {
      await closed;
      throw error;
    }
  };

  /** Two callers must not mix their bytes. */
  const inTurn = async (head: string, body: Uint8Array, answered: boolean): Promise<void> => {
    const turn = writing.then(async () => {
      if (answered) awaited.push(going);
      isWriting = true;
      watch();
      try {
        await write(head);
        await write(body);
      } finally {
        isWriting = false;
        watch();
      }
      if (answered) going = { bytes: 0 };
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
      isEnding = true;
      watch();
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
