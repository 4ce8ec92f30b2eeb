import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import ssh2 from 'ssh2';
import { AirgapError } from '../../src/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { openHost } from '../../src/hosts/open-host.js';
import { createThrowAwayKey } from '../../src/hosts/throw-away-key.js';
import { outcome } from '../contract/host.js';
import { type TestServer, withSshServer } from '../helpers/ssh-server.js';

const ask = async (): Promise<undefined> => undefined;

async function withHost(server: TestServer, body: (host: Host) => Promise<void>): Promise<void> {
  const host = await openHost(server.address, server.connect, { ask, env: server.env });
  try {
    await body(host);
  } finally {
    await host.close();
  }
}

test('commands see a home of their own and nothing of the user', (t) =>
  withSshServer({ env: { MARK: 'given' } }, (server) =>
    withHost(server, async (host) => {
      const { stdout } = await outcome(await host.exec(['sh', '-c', 'env; pwd']));
      const far = path.join(server.folder, 'far');
      t.true(stdout.includes(`HOME=${far}\n`));
      t.true(stdout.includes(`XDG_CACHE_HOME=${far}/.cache\n`));
      t.true(stdout.includes('MARK=given\n'));
      t.true(stdout.endsWith(`${far}\n`));
      t.false(stdout.includes('SSH_AUTH_SOCK'));
      t.deepEqual(await readdir(far), []);
    }),
  ));

test('both outputs of a command that fill the window arrive unharmed', (t) =>
  withSshServer({}, (server) =>
    withHost(server, async (host) => {
      // More than the 2 MiB window each, and read late: first one output has to wait in a chunk's middle, then the other.
      const fill =
        'head -c 9000001 /dev/zero | tr "\\0" a; head -c 9000001 /dev/zero | tr "\\0" b >&2; echo end';
      const exec = await host.exec(['sh', '-c', fill]);
      exec.stdin.end();
      await delay(1000);
      const reading = buffer(exec.stdout);
      await delay(1000);
      const error = await buffer(exec.stderr);
      const out = await reading;
      t.is(out.toString(), `${'a'.repeat(9_000_001)}end\n`);
      t.is(error.toString(), 'b'.repeat(9_000_001));
      t.deepEqual(await exec.exit, { exitCode: 0 });
    }),
  ));

test('only the one key is let in, and a stranger is told nothing else', (t) =>
  withSshServer({}, async (server) => {
    const stranger = createThrowAwayKey().private;
    const client = new ssh2.Client();
    client.on('error', () => undefined);
    const error = await new Promise<Error>((resolve, reject) => {
      client.once('error', resolve);
      client.once('ready', () => reject(new Error('let in')));
      const { port } = server.server;
      client.connect({
        host: '127.0.0.1',
        port,
        username: 'demo',
        privateKey: stranger,
        hostVerifier: () => true,
      });
    });
    t.regex(error.message, /authentication methods failed/);
    client.destroy();
  }));

test('sessions beyond the limit are refused', (t) =>
  withSshServer({ maxSessions: 2 }, (server) =>
    withHost(server, async (host) => {
      const open = [await host.exec(['cat']), await host.exec(['cat'])];
      const error = await t.throwsAsync(host.exec(['true']), { instanceOf: AirgapError });
      t.is(error?.code, 'CHANNEL_REFUSED');
      for (const { stdin, exit } of open) {
        stdin.end();
        t.deepEqual(await exit, { exitCode: 0 });
      }
    }),
  ));

test('bytes are counted over all connections, and more than the payload', (t) =>
  withSshServer({}, async (server) => {
    for (let round = 1; round <= 2; round += 1) {
      await withHost(server, async (host) => {
        const exec = await host.exec(['wc', '-c']);
        exec.stdin.end(Buffer.alloc(1_000_000));
        t.is((await text(exec.stdout)).trim(), '1000000');
        await exec.exit;
      });
      t.true(server.server.bytesReceived > round * 1_000_000);
      t.true(server.server.bytesReceived < round * 1_100_000);
    }
  }));

test('killed connections end their commands, and the server takes new ones', (t) =>
  withSshServer({}, async (server) => {
    await withHost(server, async (host) => {
      const exec = await host.exec([
        'sh',
        '-c',
        'trap "echo gone >gone; exit" HUP; echo up; while :; do sleep 0.1; done',
      ]);
      await new Promise((resolve) => exec.stdout.once('data', resolve));
      server.server.killConnections();
      const error = await t.throwsAsync(exec.exit, { instanceOf: AirgapError });
      t.is(error?.code, 'SSH_LOST');
    });
    await withHost(server, async (host) => {
      const waiting = ['sh', '-c', 'until test -s gone; do sleep 0.1; done; cat gone'];
      t.is((await outcome(await host.exec(waiting))).stdout, 'gone\n');
    });
  }));

test('every throw-away key can be read', (t) => {
  for (let round = 0; round < 1000; round += 1) {
    t.false(ssh2.utils.parseKey(createThrowAwayKey().private) instanceof Error);
  }
});
