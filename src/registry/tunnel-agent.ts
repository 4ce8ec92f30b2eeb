// An agent of node:http whose connections somebody else makes, such as an SSH connection: TLS is spoken here, through it.
import type { Agent, ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import { http } from './node-http.js';
import type { Connect } from './transport.js';

/** As many as an agent of this machine's own network. */
const maxSockets = 16;

/** @param secure what node:tls is told; without it plain HTTP is spoken */
export function createTunnelAgent(connect: Connect, secure: tls.ConnectionOptions | undefined): Agent {
  return new TunnelAgent(connect, secure);
}

class TunnelAgent extends http.Agent {
  readonly #connect: Connect;
  readonly #secure: tls.ConnectionOptions | undefined;

  constructor(connect: Connect, secure: tls.ConnectionOptions | undefined) {
    super({ keepAlive: true, maxSockets });
    this.#connect = connect;
    this.#secure = secure;
    // What node:http compares with the address, and takes for its port.
    Object.assign(this, secure === undefined ? {} : { protocol: 'https:', defaultPort: 443 });
  }

  override createConnection(
    options: ClientRequestArgs,
    done: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    const hostName = options.host ?? 'localhost';
    const port = Number(options.port ?? (this.#secure === undefined ? 80 : 443));
    this.#connect({ hostName, port }).then(
      (stream) => done(null, this.#secure === undefined ? asSocket(stream) : this.#encrypt(stream, hostName)),
      // node:http does not look at a stream beside an error.
      (error: Error) => done(error, undefined as never),
    );
  }

  #encrypt(stream: Duplex, hostName: string): tls.TLSSocket {
    const isAddress = /^[\d.]+$|:/.test(hostName);
    const named = isAddress ? {} : { servername: hostName };
    const socket = tls.connect({ ...this.#secure, ...named, host: hostName, socket: stream });
    stream.once('error', (error) => socket.destroy(error));
    return socket;
  }
}

/**
 * What node:http asks of a socket and a stream does not have, and what limitSilence asks: its counts. Nothing is timed here; whether
 * the host on the way is alive, SSH itself looks after.
 */
function asSocket(stream: Duplex): Duplex {
  const idle = (): Duplex => stream;
  const lacking = ['setTimeout', 'setKeepAlive', 'setNoDelay', 'ref', 'unref'].filter(
    (name) => !(name in stream),
  );
  Object.assign(stream, Object.fromEntries(lacking.map((name) => [name, idle])));
  return 'bytesRead' in stream ? stream : counted(stream);
}

/** No listener: that would make it flow before node:http listens. */
function counted(stream: Duplex): Duplex {
  const { push, write } = stream;
  let bytesRead = 0;
  let bytesWritten = 0;
  const sizeOf = (chunk: unknown): number =>
    typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk.length : 0;
  return Object.defineProperties(stream, {
    bytesRead: { get: () => bytesRead },
    bytesWritten: { get: () => bytesWritten },
    push: {
      value: (...args: Parameters<typeof push>) => {
        bytesRead += sizeOf(args[0]);
        return push.apply(stream, args);
      },
    },
    write: {
      value: (...args: Parameters<typeof write>) => {
        bytesWritten += sizeOf(args[0]);
        return write.apply(stream, args);
      },
    },
  });
}
