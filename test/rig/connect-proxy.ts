// A proxy for HTTPS_PROXY that knows where each name is: so a test's servers have names of the outside world.
import { connect, type Socket } from 'node:net';
import { http } from '../../src/registry/node-http.js';

export interface ConnectProxy {
  /** For HTTPS_PROXY. */
  readonly url: string;
  /** `name:443` of every tunnel that was asked for. */
  readonly asked: string[];
  close(): Promise<void>;
}

/** Opens one. `routes`: `registry.test:443` → `127.0.0.1:5000`; what is not in it is refused. */
export async function openConnectProxy(routes: Readonly<Record<string, string>>): Promise<ConnectProxy> {
  const asked: string[] = [];
  const sockets = new Set<Socket>();
  const server = http.createServer((_request, response) => response.writeHead(400).end());
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const [host, port] = (routes[request.url ?? ''] ?? '').split(':');
    client.on('error', () => undefined);
    if (port === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
      return;
    }
    const far = connect(Number(port), host);
    for (const socket of [client, far]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        client.destroy();
        far.destroy();
        sockets.delete(socket);
      });
    }
    far.on('connect', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(far).pipe(client);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`,
    asked,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
