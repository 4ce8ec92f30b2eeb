// The built program's screen in a real terminal, against a real registry that wants a login: an image that no store here lists is
// named, pushed and proved.
import path from 'node:path';
import { createNear } from '../helpers/airgap.js';
import { root } from '../helpers/command-line.js';
import { layoutSources } from '../helpers/exports.js';
import { testImages } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { authOf, withSite } from '../helpers/registry-site.js';
import { type TmuxTerminal, withTmux } from '../helpers/tmux.js';
import { siteLogin, writeHtpasswd } from '../rig/registry.js';

const test = needing('registry', 'tmux');

async function type(terminal: TmuxTerminal, asked: RegExp, line: string): Promise<void> {
  await terminal.until(asked);
  await terminal.keys('-l', line);
  await terminal.keys('Enter');
}

test.serial('a push: wrong password, then the right one, plan, run and proof', async (t) => {
  await withSite(async (site) => {
    const closed = await site.registry({ htpasswd: await writeHtpasswd(path.join(site.folder, 'htpasswd')) });
    const near = await createNear({ AIRGAP_LANG: 'en' });
    try {
      const [source = ''] = await layoutSources(path.join(near.folder, 'layout'), testImages('screen'));
      const env = Object.fromEntries(
        Object.entries(near.env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
      );
      const program = `'${path.join(root, 'bin/airgap')}'`;
      await withTmux({ scene: '', args: [], env, program, columns: 140, rows: 36 }, async (terminal) => {
        await terminal.until(/\[1 Images\]/);
        await terminal.keys('+');
        await type(terminal, /or the folder or \.tar of a bundle: _/, `${source}-not-there`);
        await terminal.until(/\[IMAGE_UNKNOWN\]/);
        for (let left = '-not-there'.length; left > 0; left -= 1) await terminal.keys('BSpace');
        await terminal.keys('Enter');
        t.regex(await terminal.until(/> \[x\] oci:/), /plant\/bus-info:v1 .*linux\/amd64/);
        await terminal.keys('2', '+');
        await type(terminal, /a registry HOST\[:PORT\]\/\[PREFIX\]: _/, `${closed.host}/site`);
        await type(terminal, /User at 127\.0\.0\.1:\d+: _/, siteLogin.user);
        await type(terminal, /Password .*: _/, 'not-that-one');
        await terminal.until(/does not accept that user and password[\s\S]*\[REGISTRY_DENIED\]/);
        await terminal.keys('r');
        await type(terminal, /User at 127\.0\.0\.1:\d+: _/, siteLogin.user);
        await type(terminal, /Password .*: _/, siteLogin.password);
        await terminal.until(/\/site +a registry, reached as site/);
        await terminal.keys('4');
        const plan = await terminal.until(/Nothing has been sent\. Enter starts/);
        t.regex(plan, /Push to 127\.0\.0\.1:\d+\/site[\s\S]*To upload/);
        await terminal.keys('Enter');
        await terminal.until(/Everything arrived and was proved/);
        await terminal.keys('6', 'Enter');
        const proof = await terminal.until(/\[6 Proof\]/);
        t.true(proof.includes(`${closed.host}/site/plant/bus-info:v1`), proof);
        for (const secret of ['not-that-one', siteLogin.password]) t.false(proof.includes(secret));
        await terminal.keys('q');
        await terminal.until(/ended with 0/);
      });
      const found = await fetch(`${closed.origin}/v2/site/plant/bus-info/manifests/v1`, {
        headers: {
          authorization: `Basic ${authOf(siteLogin)}`,
          accept: 'application/vnd.oci.image.manifest.v1+json',
        },
      });
      t.is(found.status, 200);
      // Remembered: it has answered.
      t.regex((await near.run(['hosts', 'forget', `${closed.host}/site`])).stdout, /site/);
    } finally {
      await near.remove();
    }
  });
});
