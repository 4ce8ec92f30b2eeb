// Makes the block "What a send looks like" of README.md: two real sends to a real docker 28 over a link of 10 MB/s, as a log
// would keep them. By hand, as root: node --import=tsx test/helpers/demo-output.ts README.md
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { openLink } from '../rig/link.js';
import { openNear, withRigHost } from '../rig/rig.js';
import { createNear } from './airgap.js';
import { buildApp, buildBase } from './real-images.js';

const [, , file = 'README.md'] = process.argv;
const lines = ['plant/bus-info:v0.0.1', 'plant/bus-info:v0.0.2'];

await withRigHost('d28c', async (host) => {
  const engine = await openNear();
  const near = await createNear({ DOCKER_HOST: engine.dockerHost });
  const link = await openLink({ to: host.ssh, rttMs: 20, bytesPerSecond: 10_000_000 });
  try {
    const from = await buildBase(engine.docker, 200_000_000);
    for (const reference of lines) await buildApp(engine.docker, { reference, from, message: reference });
    // The names of a user's machine, not the rig's.
    const access = await host.sshVia(link.port);
    const config = readFileSync(access.configFile, 'utf8').replace(/^Host .*$/m, 'Host web1');
    mkdirSync(path.join(near.folder, '.ssh'), { mode: 0o700 });
    writeFileSync(path.join(near.folder, '.ssh/config'), config);
    const shown: string[] = [];
    for (const reference of lines) {
      const { stdout, stderr, exitCode } = await near.run(['send', 'web1', reference]);
      if (exitCode !== 0) throw new Error(stderr);
      shown.push(`$ airgap send web1 ${reference}`, stderr.trimEnd(), stdout.trimEnd(), '');
    }
    const block = ['```console', ...shown.slice(0, -1), '```'].join('\n');
    const text = readFileSync(file, 'utf8').replace(
      /(<!-- demo-output -->\n)[\s\S]*?(<!-- \/demo-output -->)/,
      (_, open: string, close: string) => `${open}\n${block}\n\n${close}`,
    );
    writeFileSync(file, text);
  } finally {
    await link.close();
    await near.remove();
    await engine.stop();
  }
});
