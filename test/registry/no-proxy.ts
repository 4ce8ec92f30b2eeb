// NO_PROXY as docker and podman read it.
import test from 'ava';
import { isReachedDirectly } from '../../src/registry/no-proxy.js';
import { proxyFor } from '../../src/registry/proxy.js';

const cases: readonly [said: string, url: string, isDirect: boolean][] = [
  ['registry.lan', 'https://registry.lan', true],
  ['Registry.LAN', 'https://REGISTRY.lan:5000', true],
  ['registry.lan', 'https://a.registry.lan', true],
  ['registry.lan', 'https://myregistry.lan', false],
  ['.lan', 'https://registry.lan', true],
  ['.registry.lan', 'https://registry.lan', false],
  ['*.lan', 'https://a.registry.lan', true],
  ['registry.lan:5000', 'https://registry.lan:5000', true],
  ['registry.lan:5000', 'https://registry.lan', false],
  ['registry.lan:443', 'https://registry.lan', true],
  ['registry.lan:80', 'http://registry.lan', true],
  ['10.0.0.0/8', 'http://10.1.2.3:5000', true],
  ['10.0.0.0/8', 'http://11.1.2.3:5000', false],
  ['10.0.0.0/8', 'https://10.example.com', false],
  ['10.0.0.0/99', 'http://10.1.2.3', false],
  ['10.0.0.0/', 'http://10.1.2.3', false],
  ['10.1.2.3', 'http://10.1.2.3:5000', true],
  ['10.1.2.3:5000', 'http://10.1.2.3:5000', true],
  ['10.1.2.3:5000', 'http://10.1.2.3', false],
  ['10.1.2.30', 'http://10.1.2.3', false],
  ['fd00::/8', 'http://[fd12::1]:5000', true],
  ['fd00:0::1', 'http://[fd00::1]', true],
  ['[fd00::1]:5000', 'http://[fd00::1]:5000', true],
  ['[fd00::1]:5000', 'http://[fd00::1]', false],
  ['fd00::/8', 'http://10.1.2.3', false],
  ['*', 'https://anything.test', true],
  ['other.test, registry.lan', 'https://registry.lan', true],
  [' ,, ', 'https://registry.lan', false],
  ['', 'https://registry.lan', false],
  ['', 'http://127.0.0.1:5000', true],
  ['', 'http://localhost:5000', true],
  ['.,[,/8,:5,*.,[]:', 'https://registry.lan', false],
  // What has a zone is no network, as Go reads it (net.ParseCIDR).
  ['fe80::1%eth0/64,fe80::1%eth0', 'http://[fe80::1]', false],
];

for (const [said, url, isDirect] of cases)
  test(`NO_PROXY=${JSON.stringify(said)}: ${url} is ${isDirect ? '' : 'not '}reached directly`, (t) => {
    t.is(isReachedDirectly(new URL(url), { NO_PROXY: said }), isDirect);
  });

test('the small spelling counts where the large one is empty', (t) => {
  const url = new URL('https://registry.lan');
  t.true(isReachedDirectly(url, { NO_PROXY: '', no_proxy: 'registry.lan' }));
  t.false(isReachedDirectly(url, { NO_PROXY: 'other.test', no_proxy: 'registry.lan' }));
});

test('unseen-proxy: a proxy is taken as docker takes it, or refused; none that is named is passed over', (t) => {
  const secure = new URL('https://registry.lan');
  const plain = new URL('http://registry.lan');
  t.deepEqual(proxyFor(secure, { HTTPS_PROXY: 'gate.lan:3128' }), { HTTPS_PROXY: 'http://gate.lan:3128/' });
  t.deepEqual(proxyFor(secure, { HTTPS_PROXY: 'HTTP://gate.lan' }), { HTTPS_PROXY: 'http://gate.lan/' });
  t.deepEqual(proxyFor(plain, { http_proxy: 'http://a', HTTPS_PROXY: 'http://b' }), {
    HTTP_PROXY: 'http://a/',
  });
  t.deepEqual(proxyFor(secure, { HTTPS_PROXY: 'http://a', https_proxy: 'http://b' }), {
    HTTPS_PROXY: 'http://a/',
  });
  t.deepEqual(proxyFor(secure, { HTTPS_PROXY: 'http://a', NO_PROXY: 'registry.lan' }), {});
  t.deepEqual(proxyFor(secure, { HTTP_PROXY: 'http://a' }), {});
  for (const said of ['socks5://me:s3cret@gate.lan', 'http://me:s3cret@bad gate', '://s3cret']) {
    const error = t.throws(() => proxyFor(secure, { https_proxy: said }), { code: 'REGISTRY_CONFIG' });
    t.regex(error?.message ?? '', /^https_proxy=.*… cannot be used/);
    t.false(JSON.stringify(error).includes('s3cret'));
  }
});
