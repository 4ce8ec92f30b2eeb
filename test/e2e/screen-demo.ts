// The built program's screen against the demo's own host and images, on a machine that has no engine at all: whoever tries it
// out gets from a name typed in to a proof.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { startDemoServer } from '../../src/hosts/demo-server.js';
import { writeDemoLayout } from '../../src/runs/demo-images.js';
import { createNear } from '../helpers/airgap.js';
import { root } from '../helpers/command-line.js';
import { needing } from '../helpers/needs.js';
import { withTmux } from '../helpers/tmux.js';

const test = needing('tmux');

const image = 'demo.local/shop:1.0';

test('without an engine, an image of a folder is added, sent to the demo host and proved', async (t) => {
  const near = await createNear();
  const server = await startDemoServer({ home: path.join(near.folder, 'far') });
  try {
    const inHome = (name: string): string => path.join(near.folder, name);
    await mkdir(inHome('app'));
    await writeFile(inHome('app/message.txt'), 'from the demo\n');
    const layers = [{ createdBy: 'COPY app /app', cwd: near.folder, paths: ['app'] }];
    await writeDemoLayout(inHome('images'), [{ name: image, layers }]);
    await mkdir(inHome('.ssh'), { mode: 0o700 });
    await writeFile(inHome('.ssh/key'), server.clientKey, { mode: 0o600 });
    await writeFile(inHome('.ssh/hosts'), `${server.hostKeyLine}\n`);
    const stored = inHome('far/images');
    const config = [
      ...[
        'Host demo-site',
        'HostName 127.0.0.1',
        `Port ${server.port}`,
        'User demo',
        `IdentityFile ${inHome('.ssh/key')}`,
      ],
      ...[`UserKnownHostsFile ${inHome('.ssh/hosts')}`, 'GlobalKnownHostsFile none'],
    ];
    await writeFile(inHome('.ssh/config'), `${config.join('\n')}\n`);

    const env = { HOME: near.folder, PATH: '/usr/bin:/bin', DOCKER_HOST: 'unix:///nowhere/docker.sock' };
    const program = `'${path.join(root, 'bin/airgap')}'`;
    await withTmux({ scene: '', args: [], env, program }, async (terminal) => {
      await terminal.until(/\[1 Images\]/);
      await terminal.keys('+');
      await terminal.until(/Enter take it/);
      await terminal.keys('-l', `oci:${inHome('images')}:${image}`);
      await terminal.keys('Enter');
      await terminal.until(/\[x\] oci:\S+shop:1\.0/);
      await terminal.keys('2');
      await terminal.until(/demo-site/);
      await terminal.keys('4', 'o', '/');
      await terminal.keys('-l', 'layout:DIR');
      await terminal.keys('Enter', 'Enter');
      await terminal.until(/--engine <\S+>, empty for none: _/);
      await terminal.keys('-l', `layout:${stored}`);
      await terminal.keys('Enter');
      await terminal.until(/\[x\] --engine/);
      await terminal.keys('Escape', 'Escape', '2', 'Space');
      await terminal.until(/to demo-site/);
      await terminal.keys('4');
      await terminal.until(/Nothing has been sent\. Enter starts/);
      await terminal.keys('Enter');
      await terminal.until(/Everything arrived and was proved/);
      await terminal.keys('6', 'Enter');
      t.regex(await terminal.until(/\[6 Proof\]/), /shop:1\.0/);
      await terminal.keys('q');
      await terminal.until(/ended with 0/);
    });
    const again = ['send', 'demo-site', `oci:${inHome('images')}:${image}`, '--engine', `layout:${stored}`];
    const outcome = await near.run([...again, '-F', inHome('.ssh/config'), '--json']);
    t.is(outcome.exitCode, 0, outcome.stderr);
    t.is(outcome.receipts[0]?.routeBytes.sent, 0, 'all of it is there');
  } finally {
    await server.close();
    await near.remove();
  }
});
