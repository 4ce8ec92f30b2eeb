// Makes the block "bundle-output" of README.md: a real export, and a real import on a docker 28 that holds an earlier version.
// By hand, as root: node --import=tsx test/helpers/bundle-output.ts README.md
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openNear, withRigHost } from '../rig/rig.js';
import { createNear } from './airgap.js';
import { makeDrive, runImport } from './import-host.js';
import { buildApp, buildBase } from './real-images.js';

const [, , file = 'README.md'] = process.argv;
const [before, after] = ['plant/bus-info:v0.0.1', 'plant/bus-info:v0.0.2'];

await withRigHost('d28c', async (host) => {
  const engine = await openNear();
  const near = await createNear({ DOCKER_HOST: engine.dockerHost });
  try {
    const from = await buildBase(engine.docker, 200_000_000);
    for (const reference of [before, after])
      await buildApp(engine.docker, { reference, from, message: reference });
    const drive = await makeDrive(host);
    // The paths of a user's machine, not the rig's.
    const shown = (text: string): string =>
      text
        .replaceAll(drive.outside, '/media/usb')
        .replaceAll(drive.inside, '/media/usb')
        .replaceAll(host.dataRoot, '/var/lib/docker')
        .trimEnd();
    const exported = async (words: readonly string[]): Promise<string> => {
      const ran = await near.run(['export', drive.outside, ...words]);
      if (ran.exitCode !== 0) throw new Error(ran.stderr);
      return `${ran.stderr}\n${ran.stdout}`;
    };
    const imported = async (name: string): Promise<string> => {
      const ran = await runImport(host, `${drive.inside}/${name}`);
      if (ran.exitCode !== 0) throw new Error(ran.stderr);
      return ran.stderr;
    };
    const passport = path.join(near.folder, 'site.json');
    await exported(['--name', 'first', before]);
    await imported('first');
    await mkdir(path.dirname(passport), { recursive: true });
    await writeFile(passport, (await runImport(host, `${drive.inside}/first`, ['--passport'])).stdout);
    const out = await exported(['--name', 'bus-info', after, '--for', passport]);
    const back = await imported('bus-info');
    const lines = [
      `$ airgap export /media/usb ${after} --name bus-info --for site.json`,
      shown(out),
      '',
      '$ sh /media/usb/bus-info/import.sh          # on the machine over there',
      shown(back),
    ];
    const block = ['```console', ...lines, '```'].join('\n');
    const text = (await readFile(file, 'utf8')).replace(
      /(<!-- bundle-output -->\n)[\s\S]*?(<!-- \/bundle-output -->)/,
      (_, open: string, close: string) => `${open}\n${block}\n\n${close}`,
    );
    await writeFile(file, text);
  } finally {
    await near.remove();
    await engine.stop();
  }
});
