// Makes docs/pictures: the built program's screen in a real terminal, with a docker here and two hosts over SSH, as SVG text. By hand,
// as root: npm run build && npx node --import=tsx test/helpers/screen-pictures.ts
// To look at other sizes, languages and colours, with made-up data and no engine: FOLDER COLUMNS ROWS after it, and words of the
// environment before it (AIRGAP_LANG=zh, NO_COLOR=1, TERM=xterm, LC_ALL=C).
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openLink } from '../rig/link.js';
import { openNear, openRigHost, run } from '../rig/rig.js';
import { root } from './command-line.js';
import { buildApp, buildBase, buildImage } from './real-images.js';
import { terminalPicture } from './terminal-picture.js';
import { type TmuxTerminal, withTmux } from './tmux.js';

const [, , given, columns = 80, rows = 24] = process.argv.map((word) =>
  /^\d+$/.test(word) ? Number(word) : word,
);
const folder = typeof given === 'string' ? given : path.join(root, 'docs/pictures');
const size = { columns: Number(columns), rows: Number(rows) };
const { NO_COLOR = '', TERM = 'tmux-256color', AIRGAP_LANG = 'en', LC_ALL = 'C.UTF-8' } = process.env;
const env = { NO_COLOR, TERM, AIRGAP_LANG, LC_ALL };

async function take(terminal: TmuxTerminal, name: string, title: string): Promise<void> {
  const shown = await terminal.coloured();
  // The last row is never drawn on.
  const picture = terminalPicture(shown.slice(0, size.rows - 1), { columns: size.columns, title });
  await writeFile(path.join(folder, `${name}.svg`), picture);
}

interface Scene {
  /** Of the first row, the second that is chosen, the host at the cursor. */
  readonly first: RegExp;
  readonly second: RegExp;
  readonly host: RegExp;
}

async function takeAll(terminal: TmuxTerminal, { first, second, host }: Scene): Promise<void> {
  await terminal.until(first);
  await terminal.keys('Space', 'Space');
  await terminal.until(second);
  await take(terminal, 'images', 'Choosing images: a list with sizes, ages and stores');
  await terminal.keys('2');
  await terminal.until(host);
  await terminal.keys('Space');
  await terminal.until(/\[x\] web1/);
  await take(terminal, 'targets', 'Choosing hosts: what each has, and how much room there is');
  await terminal.keys('4');
  await terminal.until(/docker \d+\.\d+\.\d+\S* \(overlay2\)/);
  await take(terminal, 'plan', 'The plan: what would travel, what is there already, and the command');
  await terminal.keys('Enter');
  await terminal.until(/web1[\s\S]* [4-9]\d %/);
  await take(terminal, 'run', 'A run: a bar for each thing that is under way');
}

/** The real thing. Its home is /home/you, in a mount namespace of its own: pictures should not show where they were made. */
async function takeReal(): Promise<void> {
  const near = await openNear();
  const [one, two] = [await openRigHost('d20'), await openRigHost('d28c')];
  const link = await openLink({ to: { host: one.ssh.host, port: one.ssh.port }, bytesPerSecond: 2e6 });
  const home = await mkdtemp(path.join(tmpdir(), 'airgap-home-'));
  try {
    const from = await buildBase(near.docker, 40_000_000);
    for (const version of ['1.4.1', '1.4.2'])
      await buildApp(near.docker, { reference: `plant/app:${version}`, from, message: version });
    await buildImage(near.docker, {
      reference: 'plant/gateway:2.0',
      from: 'busybox:latest',
      layers: [
        { realBytes: 30_000_000 },
        { randomBytes: 25_000_000 },
        { randomBytes: 5_000_000, seed: 'more' },
      ],
    });
    await near.docker(['rmi', from]);
    await mkdir(path.join(home, '.ssh'));
    const hosts = [['web1', await one.sshVia(link.port)] as const, ['web2', two.ssh] as const];
    const configs = await Promise.all(
      hosts.map(async ([name, { configFile }]) =>
        (await readFile(configFile, 'utf8')).replace(/^Host .*/, `Host ${name}`),
      ),
    );
    await writeFile(path.join(home, '.ssh/config'), configs.join('\n'));
    const airgap = path.join(root, 'bin/airgap');
    const held = ['send', 'web1', 'plant/app:1.4.1', '-F', path.join(home, '.ssh/config')];
    await run([airgap, ...held], { env: { HOME: home, DOCKER_HOST: near.dockerHost } });
    const enter = `mount -t tmpfs none /home && mkdir /home/you && cp -r ${home}/.ssh /home/you/ && HOME=/home/you exec ${airgap}`;
    const program = `unshare --mount sh -c "${enter}"`;
    const real = { ...env, DOCKER_HOST: near.dockerHost };
    await withTmux({ scene: '', args: [], env: real, program, ...size }, async (terminal) => {
      const scene = {
        second: /\[x\] \S+\s[\s\S]*\[x\] [\s\S]*MB · next/,
        host: /> \[ \] web1 .*docker 20.*\n.*web2 .*docker 28/,
      };
      // The newer of the two apps, and the gateway below it.
      await terminal.until(/plant\/gateway/);
      await terminal.keys('Down', 'Down');
      await takeAll(terminal, { first: /> \[ \] plant\/app:1\.4\.2/, ...scene });
    });
  } finally {
    await rm(home, { recursive: true, force: true });
    await link.close();
    for (const machine of [one, two, near]) await machine.stop();
  }
}

await mkdir(folder, { recursive: true });
if (given === undefined) await takeReal();
else
  await withTmux({ scene: 'shown', args: [], env, ...size }, (terminal) =>
    takeAll(terminal, {
      first: /> \[ \] nginx:1\.27/,
      second: /\[x\] app:2/,
      host: /web1 \(10\.0\.0\.7\) +docker/,
    }),
  );
