import test from 'ava';
import { resolveTarget } from '../../src/hosts/resolve-target.js';
import { listKnownHosts } from '../../src/runs/known-hosts.js';
import { sampleReceipt } from '../helpers/samples.js';

const resolve = (name: string) =>
  resolveTarget(
    name === 'web1' || name === 'web1.lan' ? '10.0.0.7' : name,
    { configFile: 'none' },
    { HOME: '/root' },
  );
const host = (name: string) => ({ kind: 'host', name }) as const;
const receipt = (host: string, address: string) => ({ ...sampleReceipt(host), address });

test('one machine under many names is one host', async (t) => {
  const me = (await resolve('10.0.0.7')).address;
  const hosts = await listKnownHosts({
    aliases: ['web1', 'web1.lan'],
    resolve,
    receipts: [receipt('web1', me), receipt('10.0.0.7', me), receipt('10.0.0.7:22', me), receipt(me, me)],
  });
  t.deepEqual(
    hosts.map(({ name, from }) => [name, from]),
    [['web1', 'config']],
  );
  t.is(hosts[0]?.lastReceipt?.id, sampleReceipt('x').id);
});

test('a name of an old receipt that leads nowhere or elsewhere today gives way to the address', async (t) => {
  const hosts = await listKnownHosts({
    aliases: [],
    resolve: (name) => (name === 'gone' ? Promise.reject(new Error('no such alias')) : resolve(name)),
    receipts: [
      receipt('gone', 'me@10.0.0.8:2222'),
      receipt('moved', 'me@10.0.0.9:22'),
      receipt('local:', 'local'),
    ],
  });
  t.deepEqual(
    hosts.map(({ name }) => name),
    ['me@10.0.0.8:2222', 'me@10.0.0.9:22', 'local:'],
  );
});

test('a name that was added is listed once, and an alias of the same name is that alias', async (t) => {
  const hosts = await listKnownHosts({
    aliases: ['web1'],
    added: [host('web1'), host('me@10.0.0.7'), { kind: 'folder', name: '/srv' }],
    resolve,
    receipts: [],
  });
  t.deepEqual(
    hosts.map(({ name, from }) => [name, from]),
    [
      ['web1', 'config'],
      ['me@10.0.0.7', 'added'],
    ],
  );
});
