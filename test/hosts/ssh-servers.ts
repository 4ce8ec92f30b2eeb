// Both SSH clients against sshd as administrators configure it.
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { AirgapError } from '../../src/errors.js';
import type { Host } from '../../src/hosts/host.js';
import { openHost } from '../../src/hosts/open-host.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { outcome, patterned } from '../contract/host.js';
import { needing } from '../helpers/needs.js';
import { type SshdOptions, startTestSshd, type TestSshd } from '../helpers/sshd.js';

const sshdTest = needing('sshd', 'root');
const clients = ['ssh2', 'openssh'] as const;
type Client = (typeof clients)[number];

const open = (name: string, { env }: TestSshd, connect: ConnectOptions): Promise<Host> =>
  openHost(name, connect, { ask: async () => undefined, env, hasTerminal: false });

async function withSshd(options: SshdOptions, body: (sshd: TestSshd) => Promise<void>): Promise<void> {
  const sshd = await startTestSshd(options);
  try {
    await body(sshd);
  } finally {
    await sshd.stop();
  }
}

async function withBox(
  client: Client,
  options: SshdOptions,
  body: (host: Host, sshd: TestSshd) => Promise<void>,
): Promise<void> {
  await withSshd(options, async (sshd) => {
    const host = await open('box', sshd, { configFile: sshd.configFile, client });
    try {
      await body(host, sshd);
    } finally {
      await host.close();
    }
  });
}

for (const client of clients) {
  sshdTest.serial(`${client}: where one session is allowed, a second is refused and the first goes on`, (t) =>
    withBox(client, { lines: ['MaxSessions 1'] }, async (host) => {
      const first = await host.exec(['cat']);
      const error = await t.throwsAsync(host.exec(['true']), { instanceOf: AirgapError });
      t.is(error?.code, 'CHANNEL_REFUSED');
      t.true(error?.retryable);
      first.stdin.end('still here');
      t.is(await text(first.stdout), 'still here');
      t.deepEqual(await first.exit, { exitCode: 0 });
      t.is((await outcome(await host.exec(['echo', 'again']))).stdout, 'again\n');
    }),
  );

  sshdTest.serial(`${client}: session keys are renewed in the middle of a transfer`, (t) =>
    withBox(client, { lines: ['RekeyLimit 1M'] }, async (host) => {
      const sent = patterned(6 * 1024 * 1024, 3);
      const exec = await host.exec(['wc', '-c']);
      exec.stdin.end(sent);
      t.is((await text(exec.stdout)).trim(), String(sent.length));
      t.deepEqual(await exec.exit, { exitCode: 0 });
    }),
  );

  sshdTest.serial(
    `${client}: a host is reached through a jump host with keys and known hosts of its own`,
    (t) =>
      withSshd({}, async (jump) => {
        await withSshd({}, async (sshd) => {
          const lines = [
            'Host jump',
            '  HostName 127.0.0.1',
            `  Port ${jump.port}`,
            '  User root',
            `  IdentityFile ${jump.keyFile}`,
            `  UserKnownHostsFile ${path.join(jump.folder, 'known_hosts')}`,
            '  GlobalKnownHostsFile none',
            'Host box',
            '  ProxyJump jump',
            `Include ${sshd.configFile}`,
            '',
          ];
          const configFile = path.join(sshd.folder, 'jump_config');
          await writeFile(configFile, lines.join('\n'));
          const host = await open('box', sshd, { configFile, client });
          const port = await outcome(await host.exec(['sh', '-c', 'echo "$SSH_CONNECTION"']));
          t.is(port.stdout.trim().split(' ')[3], String(sshd.port));
          await host.close();
          await writeFile(
            path.join(jump.folder, 'known_hosts'),
            `[127.0.0.1]:${jump.port} ${sshd.hostKey}\n`,
          );
          for (const rule of ['ask', 'accept-new', 'no']) {
            await writeFile(configFile, `Host jump\n  StrictHostKeyChecking ${rule}\n${lines.join('\n')}`);
            const error = await t.throwsAsync(open('box', sshd, { configFile, client }), {
              instanceOf: AirgapError,
            });
            t.is(error?.code, 'HOST_KEY_CHANGED', `${rule}: ${error?.message}`);
          }
        });
      }),
  );
}

sshdTest.serial('a jump host that cannot reach the next one says so', (t) =>
  withSshd({}, async (jump) => {
    const connect: ConnectOptions = { configFile: jump.configFile, jump: 'box' };
    const opening = open('root@127.0.0.1:1', jump, connect);
    t.is((await t.throwsAsync(opening, { instanceOf: AirgapError }))?.code, 'HOST_REFUSED');
  }),
);

sshdTest.serial(
  'a server with post-quantum key exchange only is named as beyond ssh2, and openssh gets in',
  (t) =>
    withSshd({ lines: ['KexAlgorithms sntrup761x25519-sha512@openssh.com'] }, async (sshd) => {
      const connect: ConnectOptions = { configFile: sshd.configFile };
      const error = await t.throwsAsync(open('box', sshd, connect), { instanceOf: AirgapError });
      t.is(error?.code, 'SSH_UNSUPPORTED');
      t.regex(error?.hint ?? '', /--ssh openssh/);
      const host = await open('box', sshd, { ...connect, client: 'openssh' });
      t.is((await outcome(await host.exec(['echo', 'in']))).stdout, 'in\n');
      await host.close();
    }),
);

sshdTest.serial('ProxyCommand is refused by ssh2 before anything is dialled, and works with openssh', (t) =>
  withSshd({}, async (sshd) => {
    const script = path.join(sshd.folder, 'pipe.mjs');
    const pipe = "import net from 'node:net'; const s = net.connect(Number(process.argv[2]), '127.0.0.1');";
    await writeFile(script, `${pipe} process.stdin.pipe(s); s.pipe(process.stdout);\n`);
    const configFile = path.join(sshd.folder, 'proxy_config');
    const command = `ProxyCommand ${process.execPath} ${script} %p`;
    await writeFile(configFile, `Host box\n  ${command}\nInclude ${sshd.configFile}\n`);
    const error = await t.throwsAsync(open('box', sshd, { configFile }), { instanceOf: AirgapError });
    t.deepEqual(error?.facts, { host: 'box', problem: 'ProxyCommand' });
    const host = await open('box', sshd, { configFile, client: 'openssh' });
    t.is((await outcome(await host.exec(['echo', 'in']))).stdout, 'in\n');
    await host.close();
  }),
);

sshdTest.serial('several key types of a server: the known one is asked for', (t) =>
  withSshd({ hostKeyTypes: ['rsa', 'ed25519', 'ecdsa'] }, async (sshd) => {
    const host = await open('box', sshd, { configFile: sshd.configFile });
    t.is((await outcome(await host.exec(['echo', 'in']))).stdout, 'in\n');
    await host.close();
  }),
);

for (const shell of ['tcsh', 'fish'] as const) {
  for (const client of clients) {
    needing('sshd', 'root', shell).serial(
      `${client}: a user whose login shell is ${shell} is served`,
      async (t) => {
        const user = `agh${process.pid}${shell[0]}${client === 'ssh2' ? '2' : 'o'}`;
        const shellPath = execFileSync('sh', ['-c', `command -v ${shell}`], { encoding: 'utf8' }).trim();
        execFileSync('useradd', ['--create-home', '--shell', shellPath, user]);
        try {
          execFileSync('usermod', ['--password', '*', user]);
          await withSshd({}, async (sshd) => {
            const host = await open(`${user}@box`, sshd, { configFile: sshd.configFile, client });
            const words = ["it's", '!x', '\\', '$HOME', 'a b', '*'];
            const said = await outcome(await host.exec(['printf', '<%s>', ...words]));
            t.is(said.stdout, words.map((word) => `<${word}>`).join(''));
            const exec = await host.exec(['sh', '-c', 'id -un; cat >&2; exit 9']);
            exec.stdin.end('to stderr');
            t.is(await text(exec.stderr), 'to stderr');
            t.is(await text(exec.stdout), `${user}\n`);
            t.deepEqual(await exec.exit, { exitCode: 9 });
            await host.close();
          });
        } finally {
          execFileSync('userdel', ['--force', '--remove', user], { stdio: 'ignore' });
        }
      },
    );
  }
}
