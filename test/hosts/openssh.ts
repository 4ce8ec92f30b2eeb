import { chmod, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { openOpenSshHost } from '../../src/hosts/openssh.js';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { testHost } from '../contract/host.js';
import { needing } from '../helpers/needs.js';
import { startTestSshd } from '../helpers/sshd.js';
import { withTempDir } from '../helpers/tmp.js';

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

test('a master that ends as soon as it has started leaves no folder and is told to end', (t) =>
  withTempDir(async (folder) => {
    const log = path.join(folder, 'log');
    const ssh = path.join(folder, 'ssh');
    await writeFile(ssh, `#!/bin/sh\nprintf '%s\\n' "$*" >>'${log}'\n`);
    await chmod(ssh, 0o755);
    const env = { PATH: `${folder}:${process.env.PATH}`, HOME: folder };
    const target = await resolveTarget('box', { configFile: 'none' }, env);
    const opening = openOpenSshHost({ target, connect: { configFile: 'none' }, env, canAsk: false });
    const error = await t.throwsAsync(opening, { instanceOf: AirgapError });
    t.is(error?.code, 'SSH_LOST');
    const calls = (await readFile(log, 'utf8')).trim().split('\n');
    const socket = /-M -S (\S+)/.exec(calls.join('\n'))?.[1] ?? '';
    t.true(calls.at(-1)?.includes(`-S ${socket} `));
    t.true(calls.at(-1)?.includes('-O exit'));
    await t.throwsAsync(stat(path.dirname(socket)), { code: 'ENOENT' });
  }));
