// What commands without a progress of their own say while a registry lets them wait, and how they are stopped there.
import { once } from 'node:events';
import { createServer } from 'node:net';
import test from 'ava';
import { makeMirrorConfig } from '../../src/runs/mirror-config.js';
import { createNear } from '../helpers/airgap.js';
import { withTempDir } from '../helpers/tmp.js';
import { openRegistryProxy } from '../rig/registry-proxy.js';

test('silent-wait: a login and mirror-config tell that a registry lets them wait', async (t) => {
  const near = await createNear({ AIRGAP_LANG: 'en' });
  // All is answered by tricks: nothing stands behind it.
  const proxy = await openRegistryProxy({ to: 'http://127.0.0.1:1' });
  try {
    const lines: readonly (readonly [readonly string[], string])[] = [
      [['login', proxy.host, '-u', 'me', '--password-stdin'], 'x\n'],
      [['mirror-config', proxy.host, '--for', 'docker'], ''],
    ];
    for (const [words, input] of lines) {
      let asked = 0;
      // The first finds out that there is no TLS; the second is the greeting.
      proxy.play(() => {
        asked += 1;
        return asked === 2 ? { status: 429, headers: { 'retry-after': '1' } } : { status: 200 };
      });
      const done = await near.run(words, { input });
      t.is(done.exitCode, 0, done.stderr);
      t.regex(done.stderr, /too many requests/, words[0]);
      t.notRegex(done.stdout, /too many requests/, words[0]);
    }
  } finally {
    await proxy.close();
    await near.remove();
  }
});

test('silent-wait: mirror-config does not wait on when it is stopped', async (t) => {
  await withTempDir(async (home) => {
    const server = createServer((socket) => socket.on('error', () => undefined).resume());
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : undefined;
    const stop = new AbortController();
    const reason = new Error('enough');
    server.once('connection', () => stop.abort(reason));
    const env = { HOME: home };
    const asking = makeMirrorConfig(env, { registry: `127.0.0.1:${port}` }, { signal: stop.signal });
    t.is(await t.throwsAsync(asking), reason);
    server.close();
  });
});

test('false-resume: who stops a login or mirror-config is told that nothing was changed', async (t) => {
  const near = await createNear({ AIRGAP_LANG: 'en' });
  const server = createServer((socket) => socket.on('error', () => undefined).resume());
  try {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const host = `127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`;
    for (const words of [
      ['login', host, '-u', 'me', '--password-stdin'],
      ['mirror-config', host],
    ]) {
      const { child, outcome } = near.start(words, { input: 'x\n' });
      await once(server, 'connection');
      child.kill('SIGINT');
      const { exitCode, stderr } = await outcome;
      t.is(exitCode, 130, stderr);
      t.regex(stderr, /hint: Nothing was changed/);
      t.notRegex(stderr, /resume/);
    }
  } finally {
    server.close();
    await near.remove();
  }
});
