import test from 'ava';
import { parseAllow, parseFiles } from '../../src/cli/parse-files.js';

const none = { files: [], repos: [], daemonKeys: [] };

test('a file is SOURCE:/TARGET with a mode or without, and the source may have colons', (t) => {
  t.deepEqual(
    parseFiles({ ...none, files: ['a.env:/opt/a.env', 'c:x:/srv/x:0640', 'y:/srv/y:755'] }, 'send'),
    [
      { kind: 'file', source: 'a.env', to: '/opt/a.env' },
      { kind: 'file', source: 'c:x', to: '/srv/x', mode: '0640' },
      { kind: 'file', source: 'y', to: '/srv/y', mode: '0755' },
    ],
  );
});

test('what is no file, no target, no mode, no repo file, no JSON or no folder is a usage error', (t) => {
  const files = [
    'a',
    'a:b',
    ':/opt/a',
    'a:/opt/../etc/x',
    'a:/opt/a b',
    'a:/opt/a:666',
    'a:/opt/a:4755',
    'a:/x',
    'a:/opt/',
  ];
  for (const file of files)
    t.throws(() => parseFiles({ ...none, files: [file] }, 'send'), { code: 'USAGE' }, file);
  t.throws(() => parseFiles({ ...none, repos: ['docker-ce.txt'] }, 'send'), { code: 'USAGE' });
  for (const key of ['debug', 'debug=', 'debug=yes', '=1', 'DEBUG=1', '__proto__=1'])
    t.throws(() => parseFiles({ ...none, daemonKeys: [key] }, 'send'), { code: 'USAGE' }, key);
  for (const folder of ['/', 'opt', '/a/../b', '/a b', ''])
    t.throws(() => parseAllow([folder], 'send'), { code: 'USAGE' }, folder);
  t.deepEqual(parseAllow(['/home/app/'], 'send'), ['/home/app']);
});

test('a key of daemon.json carries any JSON', (t) => {
  const [choice] = parseFiles({ ...none, daemonKeys: ['registry-mirrors=["https://a=b"]'] }, 'send');
  t.is(choice?.kind, 'daemon');
  t.is(Buffer.from(choice?.content ?? []).toString(), '{"registry-mirrors":["https://a=b"]}');
});
