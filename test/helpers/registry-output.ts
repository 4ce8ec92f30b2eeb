// Makes the block of README.md that shows a private registry: a real docker-registry with tokens and a private authority, named
// registry.lan by a proxy. By hand: node --import=tsx test/helpers/registry-output.ts README.md
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { siteLogin } from '../rig/registry.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { openTokenServer } from '../rig/token-server.js';
import { createNear } from './airgap.js';
import { testImage, testLayer } from './images.js';
import { withSite } from './registry-site.js';

const [, , file = 'README.md'] = process.argv;
const name = 'registry.lan:5000';

await withSite(async (site) => {
  const authority = await makeAuthority(site.folder);
  const tokens = await openTokenServer(await authority.issue('tokens', { for: 'registry.lan' }));
  const near = await createNear({ AIRGAP_LANG: 'en' });
  const base = [testLayer('base', 28_000_000), testLayer('libraries', 9_000_000)];
  for (const tag of ['1', '2']) {
    const image = testImage({ name: 'app', layers: [...base, testLayer(`app-${tag}`, 700_000)] });
    await site.push.image('team/app', tag, image);
  }
  const { realm, service, issuer } = tokens;
  const token = { realm, service, issuer, certificate: authority.certificate };
  const locked = await site.registry({ token });
  const tls = await authority.issue('site', { for: 'registry.lan' });
  const front = await site.proxy({ to: locked.origin, tls });
  // A token server has its own name and certificate in real life; here the registry's answers name it behind the same TLS.
  const tokenFront = await site.proxy({ to: new URL(realm).origin, tls });
  front.play(() => undefined);
  const challenge = `Bearer realm="https://registry.lan/token",service="${service}"`;
  front.play(({ headers }) =>
    headers.authorization === undefined
      ? { status: 401, headers: { 'www-authenticate': challenge } }
      : undefined,
  );
  const connect = await openConnectProxy({ [name]: front.host, 'registry.lan:443': tokenFront.host });
  try {
    const drive = path.join(near.folder, 'usb');
    await mkdir(drive);
    const env = { HTTPS_PROXY: connect.url };
    const shown: string[] = [];
    const show = async (typed: string, args: readonly string[], input?: string): Promise<void> => {
      const more = input === undefined ? {} : { input };
      const { stdout, stderr } = await near.run(args, { env, ...more });
      const said = `${stderr}${stdout}`
        .trimEnd()
        .replaceAll(near.folder, '/home/me')
        .replaceAll('/home/me/usb', '/media/usb');
      shown.push(`$ ${typed}`, said, '');
    };
    const source = `docker://${name}/team/app`;
    await show(`airgap inspect ${source}:2`, ['inspect', `${source}:2`]);
    const certificates = path.join(near.folder, '.config/docker/certs.d', name);
    await mkdir(certificates, { recursive: true });
    await writeFile(path.join(certificates, 'ca.crt'), await readFile(authority.certificate));
    shown.push(
      `$ mkdir -p ~/.config/docker/certs.d/${name} && cp site-ca.crt ~/.config/docker/certs.d/${name}/ca.crt`,
      '',
    );
    const login = ['login', name, '-u', siteLogin.user, '--password-stdin'];
    await show(
      `airgap login ${name} -u ${siteLogin.user} --password-stdin < password.txt`,
      login,
      siteLogin.password,
    );
    await show(`airgap export /media/usb ${source}:1 ${source}:2`, [
      'export',
      drive,
      `${source}:1`,
      `${source}:2`,
    ]);
    const block = ['```console', ...shown.slice(0, -1), '```'].join('\n');
    const text = (await readFile(file, 'utf8')).replace(
      /(<!-- registry-output -->\n)[\s\S]*?(<!-- \/registry-output -->)/,
      (_, open: string, close: string) => `${open}\n${block}\n\n${close}`,
    );
    await writeFile(file, text);
  } finally {
    await connect.close();
    await tokens.close();
    await near.remove();
  }
});
