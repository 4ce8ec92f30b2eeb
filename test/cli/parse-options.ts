import test from 'ava';
import { readExport } from '../../src/cli/flags.js';
import {
  parseCompress,
  parseEngine,
  parseHosts,
  parseImages,
  parseRate,
} from '../../src/cli/parse-options.js';

const rate = test.macro({
  exec: (t, input: string, bytes: number) => t.is(parseRate(input), bytes),
  title: (_, input: string, bytes) => `rate ${input} is ${bytes} bytes a second`,
});
test(rate, '2MB', 2_000_000);
test(rate, '500kB', 500_000);
test(rate, '20Mbit', 2_500_000);
test(rate, '20Mbit/s', 2_500_000);
test(rate, '20Mbps', 2_500_000);
test(rate, '1MiB', 1_048_576);
test(rate, '1.5MB/s', 1_500_000);
test(rate, '800', 800);
test(rate, '1G', 1_000_000_000);
test(rate, '3 MB', 3_000_000);

const noRate = test.macro({
  exec: (t, input: string) =>
    t.throws(() => parseRate(input), { name: 'AirgapError', message: /is not a rate/ }),
  title: (_, input: string) => `rate ${JSON.stringify(input)} is refused`,
});
for (const input of [
  '',
  '0',
  '-1',
  '2mb',
  '1kb',
  'fast',
  '1e9',
  '0.0001B',
  '99999999999999',
  '2MBB',
  'NaN',
  '1TB',
]) {
  test(noRate, input);
}

test('codecs are read with and without a level', (t) => {
  t.is(parseCompress('auto', 'send'), 'auto');
  t.deepEqual(parseCompress('none', 'send'), { codec: 'none' });
  t.deepEqual(parseCompress('zstd', 'send'), { codec: 'zstd' });
  t.deepEqual(parseCompress('zstd:19', 'send'), { codec: 'zstd', level: 19 });
  t.deepEqual(parseCompress('gzip:9', 'send'), { codec: 'gzip', level: 9 });
});

test('levels out of range and unknown codecs are refused', (t) => {
  for (const input of ['zstd:0', 'zstd:20', 'gzip:10', 'none:1', 'xz', '', 'zstd:', 'ZSTD']) {
    t.throws(() => parseCompress(input, 'send'), { message: /--compress cannot be/ }, input);
  }
});

test('hosts are parted by commas and may not be empty or the same', (t) => {
  t.deepEqual(parseHosts('web1,root@web2:2222', 'send'), ['web1', 'root@web2:2222']);
  t.throws(() => parseHosts('web1,', 'send'), { message: /host is empty/ });
  t.throws(() => parseHosts('web1,web1', 'send'), { message: /named twice/ });
});

test('IMAGE=NAME renames, also where the source holds a colon', (t) => {
  t.deepEqual(parseImages(['docker-archive:/a/b.tar=registry.lan:5000/app:2'], undefined, 'send'), [
    { source: 'docker-archive:/a/b.tar', as: 'registry.lan:5000/app:2' },
  ]);
  t.deepEqual(parseImages(['app:2'], 'other:1', 'send'), [{ source: 'app:2', as: 'other:1' }]);
});

test('--as is for a single image that has no name of its own', (t) => {
  t.throws(() => parseImages(['a', 'b'], 'c', 'send'), { message: /only one image/ });
  t.throws(() => parseImages(['a=b'], 'c', 'send'), { message: /twice/ });
  t.throws(() => parseImages(['a='], undefined, 'send'), { message: /is not IMAGE/ });
  t.throws(() => parseImages(['=b'], undefined, 'send'), { message: /is not IMAGE/ });
});

test('an engine that does not exist is a usage error here, not a riddle from over there', (t) => {
  t.is(parseEngine('docker', 'send'), 'docker');
  t.is(parseEngine('podman:root', 'send'), 'podman:root');
  t.is(parseEngine('layout:/srv/my images', 'send'), 'layout:/srv/my images');
  for (const input of ['containerd', 'containerd:default', 'k3s', 'rke2'])
    t.is(parseEngine(input, 'send'), input);
  for (const input of [
    'podman:',
    'podman:alice',
    'containerd:',
    'containerd:a b',
    'k3s:default',
    'layout:',
    'layout:/',
    'layout:relative',
    'layout:/a/../b',
    'layout:/a\nb',
    '',
  ]) {
    t.throws(
      () => parseEngine(input, 'send'),
      { code: 'USAGE', message: /layout:DIR with an absolute folder/ },
      input,
    );
  }
});

test('a destination that looks like a compressed archive is refused, not made into a folder of that name', (t) => {
  for (const name of ['site.tar.gz', '/media/usb/site.TGZ', 'site.tar.zst', 'site.zip'])
    t.throws(() => readExport([name, 'app:1'], {}), { name: 'AirgapError', message: /nor a \.tar/ }, name);
  for (const name of ['site.tar', '/media/usb', 'zip', './site.tar.d/usb'])
    t.is(readExport([name, 'app:1'], {}).destination, name);
});
