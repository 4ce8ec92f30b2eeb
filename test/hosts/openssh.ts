import { openOpenSshHost } from '../../src/hosts/openssh.js';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { testHost } from '../contract/host.js';
import { needing } from '../helpers/needs.js';
import { startTestSshd } from '../helpers/sshd.js';

testHost({
  test: needing('sshd', 'root'),
  name: 'openssh to sshd',
  open: async () => {
    const sshd = await startTestSshd();
    const connect = { configFile: sshd.configFile };
    const target = await resolveTarget('box', connect, sshd.env);
    const host = await openOpenSshHost({ target, connect, env: sshd.env, canAsk: false });
    return { host, done: sshd.stop };
  },
  countsBytes: true,
});
