import test from 'ava';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { openSsh2Host } from '../../src/hosts/ssh2.js';
import { testHost } from '../contract/host.js';
import { needing } from '../helpers/needs.js';
import { withSshServer } from '../helpers/ssh-server.js';
import { startTestSshd } from '../helpers/sshd.js';

const nobody = async (): Promise<undefined> => undefined;

testHost({
  test,
  name: 'ssh2 to the demo server',
  open: async () => {
    const end = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<Awaited<ReturnType<typeof openSsh2Host>>>();
    const served = withSshServer({}, async ({ address, connect, env }) => {
      opened.resolve(await openSsh2Host({ target: await resolveTarget(address, connect, env), ask: nobody }));
      await end.promise;
    });
    served.catch(opened.reject);
    return {
      host: await opened.promise,
      done: async () => {
        end.resolve();
        await served;
      },
    };
  },
  countsBytes: true,
});

testHost({
  test: needing('sshd', 'root'),
  name: 'ssh2 to sshd',
  open: async () => {
    const sshd = await startTestSshd();
    const target = await resolveTarget('box', { configFile: sshd.configFile }, sshd.env);
    return { host: await openSsh2Host({ target, ask: nobody }), done: sshd.stop };
  },
  countsBytes: true,
});
