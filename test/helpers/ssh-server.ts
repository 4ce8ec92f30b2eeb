// The demo's SSH server as tests want it: a home that goes away, options for the client, and a cable that can be cut.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type DemoServer, type DemoServerOptions, startDemoServer } from '../../src/hosts/demo-server.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { resetSocket } from '../rig/reset.js';

export interface TestServer {
  readonly server: DemoServer;
  readonly folder: string;
  readonly knownHostsFile: string;
  /** `demo@127.0.0.1:port` of the server. */
  readonly address: string;
  /** Lets the client in and know the server; nothing of the user's own is read. */
  readonly connect: ConnectOptions;
  /** Environment whose HOME is empty, without an agent. */
  readonly env: NodeJS.ProcessEnv;
}

/** Runs a body against a server of its own. */
export async function withSshServer<T>(
  options: Omit<DemoServerOptions, 'home'>,
  body: (server: TestServer) => Promise<T>,
): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-ssh-'));
  const server = await startDemoServer({ ...options, home: path.join(folder, 'far') });
  try {
    const knownHostsFile = path.join(folder, 'known_hosts');
    const keyFile = path.join(folder, 'key');
    await writeFile(knownHostsFile, `${server.hostKeyLine}\n`);
    await writeFile(keyFile, server.clientKey, { mode: 0o600 });
    return await body({
      server,
      folder,
      knownHostsFile,
      address: `demo@127.0.0.1:${server.port}`,
      connect: {
        configFile: 'none',
        identityFiles: [keyFile],
        sshOptions: [`UserKnownHostsFile=${knownHostsFile}`, 'GlobalKnownHostsFile=none'],
      },
      env: { PATH: process.env.PATH, HOME: folder },
    });
  } finally {
    await server.close();
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Cable {
  readonly port: number;
  /** From now on nothing passes, and nobody is told: a pulled plug. */
  freeze(): void;
  /** Resets every connection. */
  cut(): void;
  close(): Promise<void>;
}

export interface CableOptions {
  /** Resets the connection once so many bytes went up. */
  readonly cutAfterBytes?: number;
  /** How fast bytes go up. */
  readonly bytesPerSecond?: number;
  /** What comes down is held back for so long from its first byte on, and then comes at once. */
  readonly heldDownMs?: number;
}

/** A TCP proxy in front of a port. */
export async function startCable(port: number, options: CableOptions = {}): Promise<Cable> {
  const { cutAfterBytes = Number.POSITIVE_INFINITY, bytesPerSecond, heldDownMs } = options;
  const sockets = new Set<net.Socket>();
  let frozen = false;
  const server = net.createServer((near) => {
    const far = net.connect(port, '127.0.0.1');
    let up = 0;
    let held: Buffer[] = [];
    const holdDown = (chunk: Buffer, ms: number): void => {
      if (held.push(chunk) > 1) return;
      setTimeout(() => {
        near.write(Buffer.concat(held));
        held = [];
      }, ms);
    };
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        if (!frozen) (socket === near ? far : near).destroy();
      });
    }
    const carry = (from: net.Socket, to: net.Socket): void => {
      from.on('data', (chunk: Buffer) => {
        if (from === near) up += chunk.length;
        if (up >= cutAfterBytes) resetSocket(near);
        else if (from === far && heldDownMs !== undefined) holdDown(chunk, heldDownMs);
        else if (from === near && bytesPerSecond !== undefined) {
          to.write(chunk);
          from.pause();
          setTimeout(() => from.resume(), (chunk.length / bytesPerSecond) * 1000);
        } else if (!frozen && !to.write(chunk)) {
          from.pause();
          to.once('drain', () => from.resume());
        }
      });
    };
    carry(near, far);
    carry(far, near);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    freeze: () => {
      frozen = true;
    },
    cut: () => {
      for (const socket of sockets) resetSocket(socket);
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
