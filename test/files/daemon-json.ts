import test from 'ava';
import { isShownByInfo, mergeDaemon, parseDaemon } from '../../src/files/daemon-json.js';

const merge = (present: string | undefined, keys: object) => mergeDaemon(present, { ...keys });

test('objects are merged, lists united, other values replaced, and no key is dropped', (t) => {
  const present = JSON.stringify({
    debug: false,
    'registry-mirrors': ['https://a'],
    'log-opts': { 'max-size': '1m', tag: 'x' },
    mine: { deep: [1] },
  });
  const merged = merge(present, {
    debug: true,
    'registry-mirrors': ['https://b', 'https://a'],
    'log-opts': { 'max-size': '2m' },
    bip: '10.0.0.1/24',
  });
  t.deepEqual(JSON.parse(merged?.text ?? ''), {
    debug: true,
    'registry-mirrors': ['https://a', 'https://b'],
    'log-opts': { 'max-size': '2m', tag: 'x' },
    mine: { deep: [1] },
    bip: '10.0.0.1/24',
  });
  t.deepEqual(merged?.reload, ['debug', 'registry-mirrors']);
  t.deepEqual(merged?.restart, ['log-opts', 'bip']);
});

test('where nothing changes the file stays as it is, byte for byte', (t) => {
  const present = '{ "debug":true,\n "labels" : ["a","b"] }';
  const merged = merge(present, { labels: ['b'], debug: true });
  t.is(merged?.text, present);
  t.deepEqual(merged?.changed, []);
});

test('the indentation of the file is kept', (t) => {
  t.is(merge('{\n\t"a": 1\n}\n', { b: 2 })?.text, '{\n\t"a": 1,\n\t"b": 2\n}\n');
  t.is(merge('{\n    "a": 1\n}\n', { b: 2 })?.text, '{\n    "a": 1,\n    "b": 2\n}\n');
  t.is(merge(undefined, { b: 2 })?.text, '{\n  "b": 2\n}\n');
  t.is(merge('  \n', { b: 2 })?.text, '{\n  "b": 2\n}\n');
});

test('what is no object of JSON is not merged into', (t) => {
  for (const present of ['{', '[]', 'null', '"x"', '1', '{"a":1,}'])
    t.is(merge(present, { a: 1 }), undefined);
  t.deepEqual(parseDaemon(''), {});
});

test('a key named __proto__ is a key and nothing else', (t) => {
  const keys = parseDaemon('{"__proto__":{"polluted":true},"a":{"__proto__":1}}');
  const merged = mergeDaemon('{"a":{"b":1}}', keys ?? {});
  t.is(merged?.text.includes('"__proto__"'), true);
  t.false('polluted' in {});
});

test('docker info proves the keys that it shows, and only these', (t) => {
  const info = {
    Debug: true,
    Labels: ['a=1'],
    LiveRestoreEnabled: false,
    RegistryConfig: {
      Mirrors: ['https://mirror.lan/'],
      InsecureRegistryCIDRs: ['127.0.0.0/8', '10.1.0.0/16'],
      IndexConfigs: { 'registry.lan:5000': { Secure: false }, 'docker.io': { Secure: true } },
    },
  };
  t.true(isShownByInfo(info, 'registry-mirrors', ['https://mirror.lan']));
  t.false(isShownByInfo(info, 'registry-mirrors', ['https://other.lan']));
  t.true(isShownByInfo(info, 'insecure-registries', ['registry.lan:5000', '10.1.0.0/16']));
  t.false(isShownByInfo(info, 'insecure-registries', ['docker.io']));
  t.true(isShownByInfo(info, 'debug', true));
  t.false(isShownByInfo(info, 'live-restore', true));
  t.false(isShownByInfo(undefined, 'debug', true));
  t.is(isShownByInfo(info, 'max-concurrent-downloads', 3), undefined);
});
