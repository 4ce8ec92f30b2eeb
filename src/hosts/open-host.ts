// Opens a host by the client that was chosen: the built-in SSH, the system's ssh, or this machine (`local:`).
import type { Ask } from '../events.js';
import type { ConnectOptions } from '../runs/api.js';
import type { Host } from './host.js';
import { createLocalHost } from './local.js';
import { resolveTarget } from './resolve-target.js';
import { openSsh2Host } from './ssh2.js';

export async function openHost(
  input: string,
  connect: ConnectOptions,
  { ask, signal, env }: { readonly ask: Ask; readonly signal?: AbortSignal; readonly env: NodeJS.ProcessEnv },
): Promise<Host> {
  if (input === 'local:') return createLocalHost(env);
  const target = await resolveTarget(input, connect, env);
  return await openSsh2Host({
    target,
    ask,
    ...(signal === undefined ? {} : { signal }),
    acceptNewHostKey: connect.acceptNewHostKey === true,
  });
}
