// Slips of the command line that need no engine to be seen: told first, though nothing else would work either.
import path from 'node:path';
import test from 'ava';
import { createCore } from '../../src/core.js';
import type { SendOptions } from '../../src/runs/api.js';
import { withTempDir } from '../helpers/tmp.js';

const refusedFirst = test.macro({
  exec: (t, options: Partial<SendOptions>, code: string) =>
    withTempDir(async (folder) => {
      // No program is found and nothing listens: every later step would have another error.
      const env = { HOME: folder, PATH: folder, DOCKER_HOST: 'tcp://127.0.0.1:1' };
      const images = [{ source: 'app:1' }];
      const line = { hosts: ['web1'], images, connect: { configFile: 'none' }, ...options };
      await t.throwsAsync(createCore(env).send(line).result, { code });
      await t.throwsAsync(createCore(env).send({ ...line, dryRun: true }).result, { code });
    }),
  title: (_, options, code) => `told before any image is opened: ${JSON.stringify(options)} is ${code}`,
});
test(refusedFirst, { hosts: ['web1:99999'] }, 'HOST_INVALID');
test(refusedFirst, { hosts: ['web1', 'a;b'] }, 'HOST_INVALID');
test(refusedFirst, { connect: { configFile: 'none', sshOptions: ['Foo=bar'] } }, 'SSH_CONFIG_INVALID');
test(refusedFirst, { connect: { configFile: path.join('/', 'no such', 'file') } }, 'SSH_CONFIG_INVALID');
test(
  refusedFirst,
  { connect: { configFile: 'none', identityFiles: ['/no such/key'] } },
  'SSH_KEY_UNREADABLE',
);
test(refusedFirst, { images: [{ source: 'docker-archive:' }] }, 'REFERENCE_INVALID');
test(refusedFirst, { images: [{ source: 'podman-storage:/x' }] }, 'STORE_UNKNOWN');
