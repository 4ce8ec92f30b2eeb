import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import test from 'ava';
import { AirgapError } from '../../src/errors.js';
import { parseHostInput } from '../../src/hosts/host-input.js';
import { listConfigHosts, resolveTarget } from '../../src/hosts/resolve-target.js';
import type { ConnectOptions } from '../../src/runs/api.js';

interface Home {
  readonly folder: string;
  readonly env: NodeJS.ProcessEnv;
  write(name: string, text: string): Promise<string>;
}

async function withHome<T>(config: string, body: (home: Home) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-home-'));
  const write = async (name: string, text: string): Promise<string> => {
    const file = path.join(folder, '.ssh', name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  };
  try {
    await write('config', config);
    return await body({ folder, env: { HOME: folder, SSH_AUTH_SOCK: '/run/agent' }, write });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const me = userInfo().username;

for (const [input, alias, user, port] of [
  ['box', 'box', undefined, undefined],
  ['ann@box', 'ann', undefined, undefined],
  ['box:2222', 'box', undefined, 2222],
  ['ann@10.0.0.7:22', '10.0.0.7', 'ann', 22],
  ['ssh://ann@box:2200', 'box', 'ann', 2200],
  ['ssh://box/', 'box', undefined, undefined],
  ['ssh://a%40b@box', 'box', 'a@b', undefined],
  ['ann@corp@box', 'box', 'ann@corp', undefined],
  ['[::1]:22', '::1', undefined, 22],
  ['ann@[fe80::1%eth0]:2022', 'fe80::1%eth0', 'ann', 2022],
  ['::1', '::1', undefined, undefined],
] as const) {
  test(`${input} is read as a host`, (t) => {
    const parsed = parseHostInput(input);
    if (input === 'ann@box') t.deepEqual(parsed, { name: input, alias: 'box', user: 'ann', port: undefined });
    else t.deepEqual(parsed, { name: input, alias, user, port });
  });
}

for (const input of [
  '',
  '@box',
  '-oProxyCommand=x',
  'a b',
  'box:0',
  'box:99999',
  'box:',
  'a;b',
  '$(id)',
  'a/b',
  'x\ny',
  '[::1',
  '-x@box',
  `${'a'.repeat(700)}`,
]) {
  test(`${JSON.stringify(input.slice(0, 30))} is no host`, (t) => {
    const error = t.throws(() => parseHostInput(input), { instanceOf: AirgapError });
    t.is(error?.code, 'HOST_INVALID');
  });
}

test('without any configuration a host has the usual port, user, files and keys', (t) =>
  withHome('', async ({ env, folder }) => {
    const target = await resolveTarget('Box.Example', {}, env);
    t.is(target.address, `${me}@Box.Example:22`);
    t.is(target.hostName, 'box.example');
    t.deepEqual(target.hostKeys.names, ['box.example']);
    t.is(target.hostKeys.strict, 'ask');
    t.is(target.hostKeys.userFiles[0], path.join(folder, '.ssh/known_hosts'));
    t.is(target.auth.usualKeys[0], path.join(folder, '.ssh/id_ed25519'));
    t.is(target.auth.agentSocket, '/run/agent');
    t.is(target.connectTimeoutSeconds, 20);
    t.is(target.keepaliveSeconds, 15);
    t.deepEqual(target.auth.methods, ['publickey', 'keyboard-interactive', 'password']);
  }));

const config = `
# the bastion
Host bastion
  HostName 192.0.2.1
  User jump
Host shop-* !shop-old
  HostName %h.example.org
  User=deploy
  Port 2222
  IdentityFile "~/.ssh/key of %r"   # a comment
  IdentityFile ~/.ssh/%n_%p
  ProxyJump bastion
  UserKnownHostsFile ~/.ssh/a ~/.ssh/b
  StrictHostKeyChecking accept-new
  IdentityAgent $OTHER_AGENT
  hostkeyalias shop
Match host 192.0.2.9
  User nine
Match originalhost special user ann
  Port 4444
Host *
  User everyone
  ServerAliveInterval 5
  ConnectTimeout 7
`;

test('the first value of a key wins, IdentityFile adds up, tokens and ~ are replaced', (t) =>
  withHome(config, async ({ env, folder }) => {
    const target = await resolveTarget('shop-1', {}, { ...env, OTHER_AGENT: '/run/other' });
    t.is(target.address, 'deploy@shop-1.example.org:2222');
    t.deepEqual(target.auth.usualKeys, [
      path.join(folder, '.ssh/key of deploy'),
      path.join(folder, '.ssh/shop-1_2222'),
    ]);
    t.deepEqual(target.hostKeys.userFiles, [path.join(folder, '.ssh/a'), path.join(folder, '.ssh/b')]);
    t.deepEqual(target.hostKeys.names, ['shop']);
    t.is(target.hostKeys.strict, 'accept-new');
    t.is(target.auth.agentSocket, '/run/other');
    t.is(target.keepaliveSeconds, 5);
    t.is(target.connectTimeoutSeconds, 7);
    t.deepEqual(
      target.jumps.map(({ address }) => address),
      ['jump@192.0.2.1:22'],
    );
  }));

test('a negated pattern takes a host out of its section', (t) =>
  withHome(config, async ({ env }) => {
    t.is((await resolveTarget('shop-old', {}, env)).address, 'everyone@shop-old:22');
  }));

test('Match host, originalhost and user decide by what is known so far', (t) =>
  withHome(config, async ({ env }) => {
    t.is((await resolveTarget('192.0.2.9', {}, env)).user, 'nine');
    t.is((await resolveTarget('ann@special', {}, env)).port, 4444);
    t.is((await resolveTarget('bob@special', {}, env)).port, 22);
  }));

test('options of the command line win over the files, -o over the other options', (t) =>
  withHome(config, async ({ env, folder }) => {
    const connect: ConnectOptions = {
      port: 2300,
      identityFiles: ['/keys/one'],
      jump: 'a,b@c:9',
      sshOptions: ['User=root', 'HostName 192.0.2.5', 'UserKnownHostsFile="/a b" /c'],
    };
    const target = await resolveTarget('ann@shop-1', connect, env);
    t.is(target.address, 'root@192.0.2.5:2300');
    t.deepEqual(target.auth.givenKeys, ['/keys/one']);
    t.is(target.auth.usualKeys[0], path.join(folder, '.ssh/key of root'));
    t.deepEqual(target.hostKeys.userFiles, ['/a b', '/c']);
    t.deepEqual(
      target.jumps.map(({ address }) => address),
      ['everyone@a:22', 'b@c:9'],
    );
  }));

test('the port of the host itself wins over -p', (t) =>
  withHome('', async ({ env }) => {
    t.is((await resolveTarget('box:2201', { port: 2300 }, env)).port, 2201);
  }));

test('Include follows globs in order, also inside a section', (t) =>
  withHome('Include conf.d/*.conf\nHost inner\n  Include more\n', async ({ env, write }) => {
    await write('conf.d/10.conf', 'Host box\n  Port 1010\n');
    await write('conf.d/20.conf', 'Host box\n  Port 2020\n  User two\n');
    await write('more', 'Port 3030\n');
    t.is((await resolveTarget('box', {}, env)).address, 'two@box:1010');
    t.is((await resolveTarget('inner', {}, env)).port, 3030);
    t.is((await resolveTarget('other', {}, env)).port, 22);
  }));

test('-F reads that file only, -F none reads nothing', (t) =>
  withHome('Host box\n  Port 1\n', async ({ env, write }) => {
    const configFile = await write('other', 'Host box\n  Port 2\n');
    t.is((await resolveTarget('box', {}, env)).port, 1);
    t.is((await resolveTarget('box', { configFile }, env)).port, 2);
    t.is((await resolveTarget('box', { configFile: 'none' }, env)).port, 22);
  }));

test('ProxyCommand and Match exec are told as what the built-in SSH does not have', (t) =>
  withHome(
    'Host a\n  ProxyCommand nc %h %p\nHost b\n  ProxyJump none\n  ProxyCommand nc\nHost c\nMatch exec "touch /tmp/never"\n  User x\n',
    async ({ env }) => {
      t.deepEqual((await resolveTarget('a', {}, env)).unsupported, ['Match exec', 'ProxyCommand']);
      const b = await resolveTarget('b', {}, env);
      t.deepEqual([b.jumps, b.unsupported], [[], ['Match exec']]);
    },
  ));

test('rules for host keys that the built-in SSH does not have are told, not passed over', (t) =>
  withHome(
    'Host a\n  RevokedHostKeys ~/.ssh/revoked\nHost b\n  KnownHostsCommand /bin/keys %H\nHost c\n  ProxyJump a\nHost *\n  RevokedHostKeys none\n  KnownHostsCommand none\n',
    async ({ env }) => {
      t.deepEqual((await resolveTarget('a', {}, env)).unsupported, ['RevokedHostKeys']);
      t.deepEqual((await resolveTarget('b', {}, env)).unsupported, ['KnownHostsCommand']);
      const c = await resolveTarget('c', {}, env);
      t.deepEqual([c.unsupported, c.jumps[0]?.unsupported], [[], ['RevokedHostKeys']]);
      const given = await resolveTarget('d', { sshOptions: ['RevokedHostKeys=/r'] }, env);
      t.deepEqual(given.unsupported, ['RevokedHostKeys']);
    },
  ));

for (const [written, seconds] of [
  ['10s', 10],
  ['1m', 60],
  ['1h30M', 5400],
  ['1m30', 90],
  ['2w', 86_400],
  ['7', 7],
] as const) {
  test(`a time of ${written} is read as ssh reads it`, (t) =>
    withHome(`ConnectTimeout ${written}\nServerAliveInterval ${written}\n`, async ({ env }) => {
      const target = await resolveTarget('box', {}, env);
      t.deepEqual([target.connectTimeoutSeconds, target.keepaliveSeconds], [seconds, seconds]);
    }));
}

test('no time at all is the usual one to connect, and no sign of life', (t) =>
  withHome('ConnectTimeout none\nServerAliveInterval none\nServerAliveCountMax 9999\n', async ({ env }) => {
    const target = await resolveTarget('box', {}, env);
    t.deepEqual(
      [target.connectTimeoutSeconds, target.keepaliveSeconds, target.keepaliveCount],
      [20, 0, 1000],
    );
  }));

for (const [written, strict] of [
  ['true', 'yes'],
  ['Yes', 'yes'],
  ['false', 'accept-new'],
  ['no', 'accept-new'],
  ['off', 'accept-new'],
] as const) {
  test(`StrictHostKeyChecking ${written} is read as ${strict}`, (t) =>
    withHome(`StrictHostKeyChecking ${written}\n`, async ({ env }) => {
      t.is((await resolveTarget('box', {}, env)).hostKeys.strict, strict);
    }));
}

test('a method that is switched off by false is not tried', (t) =>
  withHome('PasswordAuthentication false\nBatchMode True\nAddressFamily INET6\n', async ({ env }) => {
    const { auth, family } = await resolveTarget('box', {}, env);
    t.deepEqual(auth.methods, ['publickey', 'keyboard-interactive']);
    t.true(auth.batch);
    t.is(family, 6);
  }));

test('a machine reached on another port is known by [host]:port first, then by its name', (t) =>
  withHome('', async ({ env }) => {
    t.deepEqual((await resolveTarget('box:2222', {}, env)).hostKeys.names, ['[box]:2222', 'box']);
    t.deepEqual((await resolveTarget('[::1]:2222', {}, env)).hostKeys.names, ['[::1]:2222', '::1']);
  }));

test('aliases are listed without patterns', (t) =>
  withHome(`${config}Include more\n`, async ({ env, write }) => {
    await write('more', 'Host one two *.x\n');
    t.deepEqual(await listConfigHosts({}, env), ['bastion', 'one', 'two']);
  }));

for (const [what, text, connect] of [
  ['a port that is none', 'Port 99999\n', {}],
  ['an unknown token', 'IdentityFile %Z\n', {}],
  ['a time that is none', 'ConnectTimeout 10 s\n', {}],
  ['a time in a unit that is none', 'ServerAliveInterval 1y\n', {}],
  ['a rule that is none', 'StrictHostKeyChecking perhaps\n', {}],
  ['a key without a value', 'Port\nUser x\n', {}],
  ['a file that includes itself', 'Include config\n', {}],
  ['an open quotation', 'User "x\n', {}],
  ['an option without a value', '', { sshOptions: ['Port'] }],
  ['a jump host that jumps through itself', 'Host box\n  ProxyJump box\n', {}],
  ['more than a megabyte', '#'.repeat(1024 * 1024 + 1), {}],
] as const) {
  test(`${what} in the configuration is an error, not a guess`, (t) =>
    withHome(text, async ({ env }) => {
      const error = await t.throwsAsync(resolveTarget('box', connect, env), { instanceOf: AirgapError });
      t.is(error?.code, 'SSH_CONFIG_INVALID');
    }));
}
