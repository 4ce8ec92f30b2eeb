// Who repeats secrets in another form than the one that they are kept in: encoded as they were sent, or as a proxy was told them.
import type { RequestListener } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import test from 'ava';
import { askRegistry } from '../../src/registry/ask-registry.js';
import { masked } from '../../src/registry/errors.js';
import { readPlaces } from '../../src/registry/places.js';
import { proxySecrets } from '../../src/registry/proxy.js';
import { greet, withFiles, withServer } from '../helpers/played-registry.js';

const insecure = { '.config/docker/daemon.json': { 'insecure-registries': ['registry.test'] } };

test('repeated-secret: a proxy that repeats its own login is not repeated', async (t) => {
  const password = 's&kret/pass';
  const repeat: RequestListener = ({ headers }, response) => {
    response.writeHead(418, { 'content-type': 'application/json' });
    const login = String(headers['proxy-authorization']);
    const known = Buffer.from(login.slice('Basic '.length), 'base64').toString();
    response.end(JSON.stringify({ error: `you said ${login}, ${known}, ${encodeURIComponent(known)}` }));
  };
  await withServer(repeat, async (host) => {
    const env = { HTTP_PROXY: `http://u:${encodeURIComponent(password)}@${host}` };
    const { message } = await greet('registry.test', { env, files: insecure });
    t.regex(message, /you said Basic \*\*\*, u:\*\*\*, u%3A\*\*\*$/);
  });
  t.deepEqual(proxySecrets({ HTTPS_PROXY: 'http://u:100%@p:1', http_proxy: 'nothing' }), [
    '100%',
    Buffer.from('u:100%').toString('base64'),
  ]);
});

test('masked-gate: a proxy that wants another login is told as a proxy, and is no registry that answered', async (t) => {
  const repeat: RequestListener = ({ headers }, response) => {
    response.writeHead(407, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `you said ${String(headers['proxy-authorization'])}` }));
  };
  await withServer(repeat, async (host) => {
    const env = { HTTP_PROXY: `http://u:sekret@${host}` };
    const error = await greet('registry.test', { env, files: insecure });
    t.like(error, {
      code: 'REGISTRY_UNREACHABLE',
      message: 'registry.test cannot be reached, the proxy does not let airgap through',
      facts: { problem: 'proxy' },
    });
    await withFiles(insecure, async (home) => {
      const places = readPlaces({ HOME: home, XDG_RUNTIME_DIR: home, ...env });
      const heard = await askRegistry(places, 'registry.test', { notify: () => undefined });
      t.like(heard, { isAnswered: false, error: { code: 'REGISTRY_UNREACHABLE' } });
    });
    // A registry that says so itself has answered.
    t.like(await greet(host), { code: 'REGISTRY_ANSWER' });
  });
});

test('repeated-secret: a token server that repeats what it was sent, encoded, is not repeated', async (t) => {
  const identitytoken = 'ref/resh+tok==secret&x';
  const serve: RequestListener = async (request, response) => {
    const origin = `http://${request.headers.host}`;
    if (request.method !== 'POST') {
      response.writeHead(401, { 'www-authenticate': `Bearer realm="${origin}/token"` }).end();
      return;
    }
    response.writeHead(400, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error_description: `bad request: ${await textOf(request)}` }));
  };
  await withServer(serve, async (host) => {
    const files = { '.docker/config.json': { auths: { [host]: { identitytoken } } } };
    const { message, code } = await greet(host, { files });
    t.is(code, 'REGISTRY_DENIED');
    t.regex(message, /bad request: .*refresh_token=\*\*\*$/);
  });
});

test('repeated-secret: each form that a secret is sent in is masked, and nothing is left of a longer one', (t) => {
  const secret = 'ref/resh+tok== secret&x';
  const form = new URLSearchParams({ a: secret }).toString().slice(2);
  const base64 = Buffer.from(secret).toString('base64');
  for (const said of [
    secret,
    form,
    form.toLowerCase(),
    encodeURIComponent(secret),
    base64,
    base64.slice(0, -1),
  ])
    t.regex(masked(`<${said}>`, [secret, 'resh']), /^<\*\*\*=?>$/, said);
  t.is(masked('abc \ud800 abc', ['\ud800abcd', 'abc']), 'abc \ud800 abc');
});
