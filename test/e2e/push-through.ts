// `airgap push --through HOST`: every connection to the registry begins at that host; TLS and logins stay on this side.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { receiptOf, withPushSite } from '../helpers/push-site.js';
import { authOf } from '../helpers/registry-site.js';
import { freePort, startTestSshd } from '../helpers/sshd.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';

const test = needing('registry', 'sshd', 'root');

test('a registry that only a host reaches is pushed to through that host, by both SSH clients', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const sshd = await startTestSshd();
    try {
      const authority = await makeAuthority(site.folder);
      const htpasswd = await writeHtpasswd(`${site.folder}/htpasswd`);
      const { host } = await site.registry({ htpasswd, tls: await authority.issue('registry') });
      await mkdir(path.join(near.folder, '.docker'));
      const logins = { auths: { [host]: { auth: authOf(siteLogin) } } };
      await writeFile(path.join(near.folder, '.docker/config.json'), JSON.stringify(logins));
      const sources = await layout(testImages('push-through'));
      const env = { SSL_CERT_FILE: authority.certificate };
      for (const [at, client] of ['ssh2', 'openssh'].entries()) {
        const ssh = ['--through', 'box', '-F', sshd.configFile, '--ssh', client];
        const pushed = await near.run(['push', '--json', sources[at]!, host, ...ssh], { env });
        t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
        t.true(receiptOf(pushed).address.includes('box'));
        t.false(pushed.stdout.includes(siteLogin.password));
      }
    } finally {
      await sshd.stop();
    }
  });
});

test('refused-as-cut: a host that forwards nothing, or reaches nothing, is told as that, by both SSH clients', async (t) => {
  await withPushSite(async ({ site, near, layout }) => {
    const [source = ''] = await layout(testImages('push-no-forward'));
    const closed = `127.0.0.1:${await freePort()}`;
    const unknown = 'no-such-name.invalid:5000';
    for (const [lines, host, problem] of [
      [['AllowTcpForwarding no'], site.open.host, 'forward'],
      [[], closed, 'beyond'],
      [[], unknown, 'beyond'],
      [[], site.open.host, undefined],
    ] as const) {
      const sshd = await startTestSshd({ lines });
      try {
        for (const client of ['ssh2', 'openssh']) {
          const ssh = ['--through', 'box', '-F', sshd.configFile, '--ssh', client];
          const pushed = await near.run(['push', '--json', source, host, ...ssh]);
          const last = pushed.events.at(-1);
          const said = client + pushed.stdout + pushed.stderr;
          if (problem === undefined) t.is(pushed.exitCode, 0, said);
          else t.like(last, { type: 'run.failed', error: { facts: { registry: host, problem } } }, said);
          if (problem === 'beyond') t.true(pushed.stdout.includes(`box cannot reach ${host}: `), said);
        }
      } finally {
        await sshd.stop();
      }
    }
  });
});
