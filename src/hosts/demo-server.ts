// A real SSH server on loopback for `airgap demo` and for tests: throw-away keys, a home of its own, commands run by sh.
import { mkdir } from 'node:fs/promises';
import net from 'node:net';
import path from 'node:path';
import ssh2, { type AuthContext, type Connection, type ParsedKey } from 'ssh2';
import { serveCommand } from './demo-command.js';
import { createThrowAwayKey } from './throw-away-key.js';

export interface DemoServerOptions {
  /** Home of whoever logs in; made if it is not there. The XDG folders are inside. */
  readonly home: string;
  /** Added to the few variables a command gets. */
  readonly env?: NodeJS.ProcessEnv;
  /** Private key of the server in PEM; a new one otherwise. */
  readonly hostKey?: string;
  /** Sessions of one connection at a time, as sshd's MaxSessions. No limit without it. */
  readonly maxSessions?: number;
  /** Decides instead of the throw-away key who may log in. */
  readonly authenticate?: (context: AuthContext) => void;
}

export interface DemoServer {
  readonly port: number;
  /** For known_hosts, without its line end. */
  readonly hostKeyLine: string;
  /** The one private key that is let in, as OpenSSH writes them. */
  readonly clientKey: string;
  /** Bytes that came over all connections so far. */
  readonly bytesReceived: number;
  /** Cuts every connection, as a pulled cable would; the server stays. */
  killConnections(): void;
  /** Ends connections, commands and the server. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 at a port of the system's choice. Any user name is taken, only the one key is let in. */
export async function startDemoServer(options: DemoServerOptions): Promise<DemoServer> {
  const { home, authenticate } = options;
  await mkdir(home, { recursive: true, mode: 0o700 });
  const hostKey = options.hostKey ?? createThrowAwayKey().private;
  const client = createThrowAwayKey();
  const allowedKey = parsedKey(client.public);
  const env = commandEnvironment(home, options.env ?? {});
  const sockets = new Set<net.Socket>();
  const commands = new Set<() => void>();
  let bytesOfClosed = 0;

  const server = new ssh2.Server({ hostKeys: [hostKey] }, (connection) => {
    connection.on('error', () => undefined);
    connection.on('authentication', authenticate ?? ((context) => admitKey(context, allowedKey)));
    connection.on('ready', () => serveSessions(connection, { env, home, commands }, options.maxSessions));
  });
  const listener = net.createServer((socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.once('close', () => {
      sockets.delete(socket);
      bytesOfClosed += socket.bytesRead;
    });
    server.injectSocket(socket);
  });
  await new Promise<void>((resolve, reject) => {
    listener.once('error', reject);
    listener.listen(0, '127.0.0.1', resolve);
  });
  const address = listener.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const killConnections = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port,
    hostKeyLine: `[127.0.0.1]:${port} ${publicLine(parsedKey(hostKey))}`,
    clientKey: client.private,
    get bytesReceived() {
      return [...sockets].reduce((sum, { bytesRead }) => sum + bytesRead, bytesOfClosed);
    },
    killConnections,
    async close() {
      const closed = new Promise<void>((resolve) => listener.close(() => resolve()));
      killConnections();
      for (const end of commands) end();
      await closed;
    },
  };
}

interface SessionContext {
  readonly env: NodeJS.ProcessEnv;
  readonly home: string;
  readonly commands: Set<() => void>;
}

function serveSessions(
  connection: Connection,
  { env, home, commands }: SessionContext,
  maxSessions: number | undefined,
): void {
  let open = 0;
  const ends = new Set<() => void>();
  connection.once('close', () => {
    for (const end of ends) end();
  });
  connection.on('session', (accept, reject) => {
    if (maxSessions !== undefined && open >= maxSessions) {
      reject();
      return;
    }
    open += 1;
    const session = accept();
    session.on('close', () => {
      open -= 1;
    });
    session.on('exec', (acceptExec, _reject, { command }) => {
      const end = serveCommand(acceptExec(), {
        command,
        env,
        cwd: home,
        onEnd: () => {
          commands.delete(end);
          ends.delete(end);
        },
      });
      commands.add(end);
      ends.add(end);
      session.on('signal', end);
    });
  });
}

/** RFC 4252 §7: a key is first offered, then proved by a signature over the request. */
function admitKey(context: AuthContext, allowed: ParsedKey): void {
  if (context.method !== 'publickey' || !allowed.getPublicSSH().equals(context.key.data)) {
    context.reject(['publickey']);
    return;
  }
  const { blob, signature, hashAlgo } = context;
  const isProved =
    signature === undefined || (blob !== undefined && allowed.verify(blob, signature, hashAlgo));
  if (isProved) context.accept();
  else context.reject(['publickey']);
}

function commandEnvironment(home: string, added: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    // The machine's own programs, nothing else of the person who runs the demo.
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    HOME: home,
    USER: 'demo',
    LOGNAME: 'demo',
    SHELL: '/bin/sh',
    XDG_CACHE_HOME: path.join(home, '.cache'),
    XDG_CONFIG_HOME: path.join(home, '.config'),
    XDG_STATE_HOME: path.join(home, '.local', 'state'),
    XDG_DATA_HOME: path.join(home, '.local', 'share'),
    ...added,
  };
}

function parsedKey(text: string): ParsedKey {
  const parsed = ssh2.utils.parseKey(text);
  const key = Array.isArray(parsed) ? parsed[0] : parsed;
  if (key === undefined || key instanceof Error) throw key ?? new Error('no key');
  return key;
}

function publicLine(key: ParsedKey): string {
  return `${key.type} ${key.getPublicSSH().toString('base64')}`;
}
