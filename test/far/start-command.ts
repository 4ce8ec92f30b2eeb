import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { startCommand } from '../../src/far/start-command.js';
import type { Exec, Host } from '../../src/hosts/host.js';

const silent = (): AirgapError =>
  new AirgapError('FAR_SILENT', { host: 'deaf', command: 'start', seconds: 0 });

/** A host that starts a command only when told to, whoever has stopped waiting. */
function lateHost(): { host: Host; start(exec: Exec): void } {
  const started = Promise.withResolvers<Exec>();
  const host: Host = {
    name: 'deaf',
    address: 'deaf',
    handedBytes: 0,
    exec: () => started.promise,
    close: async () => undefined,
  };
  return { host, start: started.resolve };
}

function killable(): { exec: Exec; killed: Promise<void> } {
  const killed = Promise.withResolvers<void>();
  const { stdin, stdout } = process;
  const exec: Exec = {
    stdin: stdout,
    stdout: stdin,
    stderr: stdin,
    exit: new Promise(() => undefined),
    kill: killed.resolve,
  };
  return { exec, killed: killed.promise };
}

test('a command that has not started in time is given up on, and killed if it starts after all', async (t) => {
  const { host, start } = lateHost();
  const starting = startCommand({ host, argv: ['true'], silenceMs: 20, silent });
  t.like(await t.throwsAsync(starting), { code: 'FAR_SILENT' });
  const { exec, killed } = killable();
  start(exec);
  await killed;
});

test('an abort is heard before a command has started', async (t) => {
  const { host, start } = lateHost();
  const controller = new AbortController();
  const starting = startCommand({
    host,
    argv: ['true'],
    silenceMs: 600_000,
    silent,
    signal: controller.signal,
  });
  controller.abort(new Error('stopped'));
  await t.throwsAsync(starting, { message: 'stopped' });
  const { exec, killed } = killable();
  start(exec);
  await killed;
});
