import type { Socket } from 'node:net';

/**
 * Ends a connection by RST. libuv refuses that while an end is on its way, and the handle then stays open: the process would
 * spin at its exit, for good. Such a socket is only closed.
 */
export function resetSocket(socket: Socket): void {
  if (socket.writableEnded && !socket.writableFinished) socket.destroy();
  else socket.resetAndDestroy();
}
