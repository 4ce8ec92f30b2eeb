// A machine that is not known yet, over the system's ssh: the fingerprint must be shown, else nobody can compare it.
import { execFileSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isAirgapError } from '../../src/errors.js';
import { openOpenSshHost } from '../../src/hosts/openssh.js';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { needing } from '../helpers/needs.js';
import { startTestSshd } from '../helpers/sshd.js';

const test = needing('sshd', 'root');

test('an unknown key is told by type and fingerprint, and nothing is learnt', async (t) => {
  const sshd = await startTestSshd();
  try {
    const empty = path.join(sshd.folder, 'empty_known_hosts');
    await writeFile(empty, '');
    const sshOptions = [`UserKnownHostsFile=${empty}`, 'GlobalKnownHostsFile=none'];
    const connect = { configFile: sshd.configFile, sshOptions };
    const target = await resolveTarget('box', connect, sshd.env);
    const error = await t.throwsAsync(openOpenSshHost({ target, connect, env: sshd.env, canAsk: false }));
    if (!isAirgapError(error, 'HOST_KEY_UNKNOWN')) return t.fail(String(error));
    const keyFile = path.join(sshd.folder, 'host_ed25519.pub');
    const [, fingerprint] = execFileSync('ssh-keygen', ['-lf', keyFile], { encoding: 'utf8' }).split(' ');
    t.is(error.facts.fingerprint, fingerprint ?? '');
    t.is(error.facts.keyType, 'ssh-ed25519');
    t.is(await readFile(empty, 'utf8'), '');
  } finally {
    await sshd.stop();
  }
});
