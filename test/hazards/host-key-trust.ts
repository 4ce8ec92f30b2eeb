// A machine's key that is unknown, changed, revoked or hidden by hashing: both clients, a real sshd.
import { execFileSync } from 'node:child_process';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { AirgapError, type ErrorCode } from '../../src/errors.js';
import type { Prompt } from '../../src/events.js';
import { openHost } from '../../src/hosts/open-host.js';
import type { ConnectOptions } from '../../src/runs/api.js';
import { needing } from '../helpers/needs.js';
import { makeKey, startTestSshd, type TestSshd } from '../helpers/sshd.js';

const sshdTest = needing('sshd', 'root');
let shared: Promise<TestSshd> | undefined;
sshdTest.after.always('stopping sshd', async () => {
  await (await shared)?.stop();
});

interface Attempt {
  readonly client: 'ssh2' | 'openssh';
  readonly knownHosts: string;
  readonly options?: readonly string[];
  /** Lines of ssh_config that come first. */
  readonly lines?: readonly string[];
  readonly acceptNew?: boolean;
  readonly answer?: string;
}

interface Result {
  readonly error: AirgapError | undefined;
  readonly asked: readonly Prompt[];
  readonly sshd: TestSshd;
  /** What known_hosts holds afterwards. */
  readonly after: string;
  readonly file: string;
}

async function attempt(asking: Attempt): Promise<Result> {
  const { client, knownHosts, options = [], lines = [], acceptNew, answer } = asking;
  const sshd = await here();
  const file = path.join(sshd.folder, 'hazard_known_hosts');
  const configFile = path.join(sshd.folder, 'hazard_config');
  await writeFile(configFile, [...lines, 'Match all', `Include ${sshd.configFile}`, ''].join('\n'));
  await writeFile(file, knownHosts, { mode: 0o600 });
  const connect: ConnectOptions = {
    configFile,
    sshOptions: [`UserKnownHostsFile=${file}`, ...options],
    client,
    ...(acceptNew === undefined ? {} : { acceptNewHostKey: acceptNew }),
  };
  const asked: Prompt[] = [];
  const ask = async (prompt: Prompt): Promise<string | undefined> => {
    asked.push(prompt);
    return answer;
  };
  let error: AirgapError | undefined;
  try {
    const host = await openHost('box', connect, { ask, env: sshd.env, hasTerminal: false });
    await host.close();
  } catch (thrown) {
    if (!(thrown instanceof AirgapError)) throw thrown;
    error = thrown;
  }
  return { error, asked, sshd, after: await readFile(file, 'utf8'), file };
}

function refused(t: ExecutionContext, { error }: Result, code: ErrorCode): void {
  t.is(error?.code, code, error?.message);
  t.is(error?.exitCode, 31);
  t.truthy(error?.hint);
}

/** `Match exec` runs a program: only the system's ssh does that. */
const decidedBySsh = (rule: string): readonly string[] => [
  'Match exec true',
  `StrictHostKeyChecking ${rule}`,
];

async function otherKey(): Promise<string> {
  const { folder } = await here();
  const file = path.join(folder, 'other_host');
  await stat(file).catch(() => makeKey(file));
  return (await readFile(`${file}.pub`, 'utf8')).split(' ').slice(0, 2).join(' ');
}

async function here(): Promise<TestSshd> {
  shared ??= startTestSshd();
  return await shared;
}

for (const client of ['ssh2', 'openssh'] as const) {
  sshdTest.serial(
    `${client}: an unknown key is refused where nobody can be asked, and not written down`,
    async (t) => {
      const result = await attempt({ client, knownHosts: '' });
      refused(t, result, 'HOST_KEY_UNKNOWN');
      t.is(result.after, '');
    },
  );

  sshdTest.serial(
    `${client}: an unknown key is taken and written down where new ones are accepted`,
    async (t) => {
      for (const way of [{ acceptNew: true }, { options: ['StrictHostKeyChecking=accept-new'] }]) {
        const { error, after, sshd, asked } = await attempt({ client, knownHosts: '', ...way });
        t.is(error, undefined);
        t.is(after.trim(), sshd.hostKeyLine);
        t.deepEqual(asked, []);
      }
    },
  );

  sshdTest.serial(
    `${client}: a changed key is refused whatever was asked for, and its line is told`,
    async (t) => {
      const { port } = await here();
      const knownHosts = `# comment\n[127.0.0.1]:${port} ${await otherKey()}\n`;
      const ways = [
        {},
        { acceptNew: true },
        { options: ['StrictHostKeyChecking=accept-new'] },
        { options: ['StrictHostKeyChecking=no'] },
        { options: ['StrictHostKeyChecking=off'], acceptNew: true },
        { options: ['NoHostAuthenticationForLocalhost=yes'] },
        { lines: ['StrictHostKeyChecking no'] },
        { answer: 'yes' },
      ];
      for (const way of client === 'openssh' ? [...ways, { lines: decidedBySsh('no') }] : ways) {
        const result = await attempt({ client, knownHosts, ...way });
        refused(t, result, 'HOST_KEY_CHANGED');
        t.like(result.error?.facts, { file: result.file, line: 2 });
        t.is(result.after, knownHosts);
      }
    },
  );

  sshdTest.serial(`${client}: a revoked key is refused even where it is known`, async (t) => {
    const { hostKey, hostKeyLine } = await here();
    const knownHosts = `${hostKeyLine}\n@revoked * ${hostKey}\n`;
    refused(t, await attempt({ client, knownHosts, acceptNew: true }), 'HOST_KEY_REVOKED');
  });

  sshdTest.serial(`${client}: a hashed name is recognised`, async (t) => {
    const { hostKeyLine, folder } = await here();
    const file = path.join(folder, 'to_hash');
    await writeFile(file, `${hostKeyLine}\n`);
    execFileSync('ssh-keygen', ['-H', '-f', file], { stdio: 'ignore' });
    const knownHosts = await readFile(file, 'utf8');
    t.regex(knownHosts, /^\|1\|/);
    const { error } = await attempt({ client, knownHosts, options: ['StrictHostKeyChecking=yes'] });
    t.is(error, undefined);
  });

  sshdTest.serial(`${client}: HostKeyAlias is the name that is looked for`, async (t) => {
    const { hostKey } = await here();
    const options = ['HostKeyAlias=shop', 'StrictHostKeyChecking=yes'];
    t.is((await attempt({ client, knownHosts: `shop ${hostKey}\n`, options })).error, undefined);
    refused(t, await attempt({ client, knownHosts: `[shop]:1 ${hostKey}\n`, options }), 'HOST_KEY_UNKNOWN');
  });
}

sshdTest.serial('openssh: a rule that only ssh can find is kept, unless it takes anything', async (t) => {
  const known = (rule: string): Promise<Result> =>
    attempt({ client: 'openssh', knownHosts: '', lines: decidedBySsh(rule) });
  for (const rule of ['accept-new', 'no']) {
    const { error, after, sshd } = await known(rule);
    t.is(error, undefined, error?.message);
    t.is(after.trim(), sshd.hostKeyLine);
  }
  refused(t, await known('yes'), 'HOST_KEY_UNKNOWN');
});

sshdTest.serial(
  'a person is shown the fingerprint that ssh-keygen prints, and only yes counts',
  async (t) => {
    const { folder } = await here();
    const pub = path.join(folder, 'host_ed25519.pub');
    const fingerprint = execFileSync('ssh-keygen', ['-lf', pub], { encoding: 'utf8' }).split(' ')[1];
    const yes = await attempt({ client: 'ssh2', knownHosts: '', answer: 'yes' });
    t.is(yes.error, undefined);
    t.deepEqual(yes.asked, [
      { kind: 'host-key', host: 'box', keyType: 'ssh-ed25519', fingerprint: fingerprint ?? '' },
    ]);
    t.is(yes.after.trim(), yes.sshd.hostKeyLine);
    for (const answer of ['no', '', 'y']) {
      const no = await attempt({ client: 'ssh2', knownHosts: '', answer });
      refused(t, no, 'HOST_KEY_UNKNOWN');
      t.is(no.after, '');
    }
    const strict = await attempt({
      client: 'ssh2',
      knownHosts: '',
      answer: 'yes',
      options: ['StrictHostKeyChecking=yes'],
    });
    refused(t, strict, 'HOST_KEY_UNKNOWN');
    t.deepEqual(strict.asked, []);
  },
);

sshdTest.serial('HashKnownHosts hides the name of a machine that is written down', async (t) => {
  const options = ['HashKnownHosts=yes'];
  const { after, error } = await attempt({ client: 'ssh2', knownHosts: '', acceptNew: true, options });
  t.is(error, undefined);
  t.regex(after, /^\|1\|/);
  t.is(
    (await attempt({ client: 'openssh', knownHosts: after, options: ['StrictHostKeyChecking=yes'] })).error,
    undefined,
  );
});

sshdTest.serial('a machine known by another type of key only is not taken for a new one', async (t) => {
  const { folder, port } = await here();
  makeKey(path.join(folder, 'ecdsa_only'), 'ecdsa');
  const key = (await readFile(path.join(folder, 'ecdsa_only.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
  const result = await attempt({
    client: 'ssh2',
    knownHosts: `[127.0.0.1]:${port} ${key}\n`,
    acceptNew: true,
  });
  refused(t, result, 'HOST_KEY_CHANGED');
});
