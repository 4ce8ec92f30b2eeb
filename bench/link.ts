// A link of known rate and delay, in userspace: a TCP proxy that counts. (`tc netem` is not in every kernel.)
// All connections share the rate of a direction; the delay is added after it, as a long cable does.
import { connect, createServer, type Socket } from 'node:net';

export interface LinkOptions {
  readonly listenPort: number;
  readonly targetPort: number;
  readonly bytesPerSecond: number;
  /** Round trip: half of it each way. */
  readonly roundTripMs: number;
}

export interface Link {
  /** Payload bytes of TCP, both directions, since the last call. */
  takeBytes(): number;
  close(): Promise<void>;
}

/** What a router holds before it lets the sender wait. */
const queueBytes = 256 * 1024;
/** Small enough that a slow rate stays smooth: 1 ms at 100 Mbit/s. */
const pieceBytes = 12_500;

/** Listens on 127.0.0.1. */
export async function startLink(options: LinkOptions): Promise<Link> {
  let bytes = 0;
  const count = (more: number): void => {
    bytes += more;
  };
  const up = createLane(options, count);
  const down = createLane(options, count);
  const sockets = new Set<Socket>();
  const server = createServer({ noDelay: true, allowHalfOpen: true }, (near) => {
    const far = connect({ port: options.targetPort, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => {
        near.destroy();
        far.destroy();
      });
    }
    up(near, far);
    down(far, near);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.listenPort, '127.0.0.1', resolve);
  });
  return {
    takeBytes() {
      const taken = bytes;
      bytes = 0;
      return taken;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** One direction: every byte leaves when the ones before it have left at that rate, and arrives a delay later. */
function createLane(
  { bytesPerSecond, roundTripMs }: LinkOptions,
  count: (bytes: number) => void,
): (from: Socket, to: Socket) => void {
  const msPerByte = 1000 / bytesPerSecond;
  let freeAt = 0;
  return (from, to) => {
    const queue: { at: number; bytes: Buffer | undefined }[] = [];
    let waiting = false;
    let blocked = false;

    const wait = (ms: number): void => {
      waiting = true;
      setTimeout(deliver, ms);
    };
    const deliver = (): void => {
      waiting = false;
      while (!blocked) {
        const head = queue[0];
        if (head === undefined) return;
        const waitMs = head.at - performance.now();
        if (waitMs > 0.5) {
          wait(waitMs);
          return;
        }
        queue.shift();
        if (head.bytes === undefined) to.end();
        else blocked = !to.write(head.bytes);
      }
    };
    const push = (bytes: Buffer | undefined): void => {
      freeAt = Math.max(freeAt, performance.now()) + (bytes?.length ?? 0) * msPerByte;
      queue.push({ at: freeAt + roundTripMs / 2, bytes });
      if (!waiting && !blocked) wait(roundTripMs / 2);
    };
    const resumeWhenFree = (): void => {
      if (from.destroyed || to.destroyed) return;
      const waitMs = freeAt - performance.now() - queueBytes * msPerByte;
      if (blocked || waitMs > 1) setTimeout(resumeWhenFree, Math.max(1, waitMs));
      else from.resume();
    };
    to.on('drain', () => {
      blocked = false;
      deliver();
    });
    from.on('data', (data: Buffer) => {
      count(data.length);
      for (let at = 0; at < data.length; at += pieceBytes) push(data.subarray(at, at + pieceBytes));
      from.pause();
      resumeWhenFree();
    });
    from.on('end', () => push(undefined));
  };
}
