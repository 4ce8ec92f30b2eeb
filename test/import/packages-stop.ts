// Ctrl-C while a package manager works: it goes on to its end, whoever waits for it waits, and only then all else is taken back.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { otherShells, shells } from '../helpers/far-box.js';
import { makeBundle } from '../helpers/import-bundles.js';
import { needing } from '../helpers/needs.js';
import { withTempDir } from '../helpers/tmp.js';
import { until } from '../rig/command.js';

const { serial: test } = needing('root', 'namespaces');

// Waits for a file; an end in the middle would leave no last line.
const manager = `#!/bin/sh
echo "begins $*" >>"$GATE/calls"
: >"$GATE/reached"
until [ -e "$GATE/open" ]; do sleep 0.1; done
echo ends >>"$GATE/calls"
`;

for (const shell of otherShells) {
  test(`a package manager that installs is not stopped by Ctrl-C, and files go back after it (${shell})`, async (t) => {
    await withTempDir(async (folder) => {
      const at = (name: string): string => path.join(folder, name);
      for (const name of ['bin', 'opt', 'srv']) await mkdir(at(name));
      await writeFile(at('bin/dnf'), manager, { mode: 0o755 });
      const packages = [{ set: 'tools', kind: 'rpm' as const, names: ['htop'], files: { 'a.rpm': 'x' } }];
      const files = { '/opt/edge/x': 'x' };
      const { volumes } = await makeBundle({ folder: at('usb'), images: [], files, packages });
      const enter = `mount --bind ${at('opt')} /opt; mount --bind ${at('srv')} /srv; exec "$@"`;
      const words = [
        ...['--mount', '--propagation', 'private', 'sh', '-c', enter, 'sh'],
        ...[...shells[shell], `${volumes[0]}/import.sh`, '--install-packages', '--stage', at('stage')],
      ];
      const child = spawn('unshare', words, {
        // As the foreground of a terminal: a process group of its own.
        detached: true,
        stdio: ['ignore', 'ignore', 'pipe'],
        env: { ...process.env, PATH: `${at('bin')}:${process.env.PATH}`, GATE: folder, LC_ALL: 'C' },
      });
      let stderr = '';
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      const exit = new Promise<number | null>((resolve) => child.once('close', resolve));
      await until('the package manager begins', () => existsSync(at('reached')) || undefined);
      t.is(await readFile(at('opt/edge/x'), 'utf8'), 'x');
      if (child.pid === undefined) throw new Error('it has no pid');
      process.kill(-child.pid, 'SIGINT');
      await writeFile(at('open'), '');
      t.is(await exit, 130, stderr);
      t.regex(await readFile(at('calls'), 'utf8'), /^begins .*install htop\nends\n$/);
      t.regex(stderr, /\[CANCELLED\]/);
      t.false(existsSync(at('opt/edge')), 'the files are as they were');
      t.false(existsSync(at('usb/airgap-returns')));
    });
  });
}
