// What `airgap mirror-config` prints, brought by the `airgap send` that it prints: real engines take images of docker.io from a
// site's registry, which has TLS of the site's own authority and a name that only the site knows.
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import type { MirrorResult } from '../../src/runs/mirror-config.js';
import { createNear, expectOk } from '../helpers/airgap.js';
import { readsDaemonJson } from '../helpers/daemon-config.js';
import { needing } from '../helpers/needs.js';
import { buildApp, buildBusybox, expectRuns } from '../helpers/real-images.js';
import { withSite } from '../helpers/registry-site.js';
import { openConnectProxy } from '../rig/connect-proxy.js';
import { needsOfContainerd, outerContainerds, shareContainerd } from '../rig/containerd.js';
import { makeAuthority } from '../rig/registry-certificates.js';
import { needsOf, type RigMachine, run, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c', 'p43', 'p58'] as const;
const test = needing(...needsOf(...kinds), ...needsOfContainerd(...outerContainerds), 'registry');
const rig = shareRig({ test, hosts: kinds });
const nodes = shareContainerd({ test, hosts: outerContainerds, near: false });

const airgap = path.resolve(import.meta.dirname, '../../bin/airgap');
const image = 'plant/mirrored:1';

test.serial.before('the image is made', async () => {
  const from = await buildBusybox(rig.near.docker);
  await buildApp(rig.near.docker, { reference: image, from, message: 'from the site' });
});

/** Pushes the image, and brings to the machine what is printed for its engine. */
async function withMirror(
  t: ExecutionContext,
  host: RigMachine,
  line: { readonly engine: string; readonly prefix: string },
  use: () => Promise<void>,
): Promise<void> {
  await withSite(async (site) => {
    const authority = await makeAuthority(site.folder);
    const tls = await authority.issue('site', { for: 'registry.test' });
    const secured = await site.registry({ tls });
    const named = `registry.test:${secured.host.split(':')[1]}`;
    const proxy = await openConnectProxy({ [named]: secured.host });
    const near = await createNear({ DOCKER_HOST: rig.near.dockerHost, HTTPS_PROXY: proxy.url });
    try {
      const trusted = path.join(near.folder, '.config/docker/certs.d', named);
      await mkdir(trusted, { recursive: true });
      await copyFile(authority.certificate, path.join(trusted, 'ca.crt'));
      const registry = `${named}${line.prefix}`;
      expectOk(t, await near.run(['push', image, registry]));
      const asked = ['mirror-config', registry, '--for', line.engine, '--write', `${near.folder}/made`];
      const printed = await near.run([...asked, '--json']);
      t.is(printed.exitCode, 0, printed.stderr);
      const [config] = (JSON.parse(printed.stdout) as MirrorResult).configs;
      await host.inside(['sh', '-c', 'echo 127.0.0.1 registry.test >>/etc/hosts']);
      const { alias, configFile } = host.ssh;
      const words = [airgap, 'send', alias, '-F', configFile, '--yes'].join(' ');
      const sent = await run(['sh', '-c', `${words} ${config?.send}`], {
        env: stringsOf(near.env),
        mayFail: true,
      });
      t.is(sent.exitCode, 0, sent.stderr + sent.stdout);
      await use();
    } finally {
      await near.remove();
      await proxy.close();
    }
  });
}

const stringsOf = (env: NodeJS.ProcessEnv): Record<string, string> =>
  Object.fromEntries(
    Object.entries(env).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );

for (const kind of kinds)
  test.serial(`${kind}: an image of docker.io is pulled from the site's registry, and runs`, async (t) => {
    const host = rig.host(kind);
    const isPodman = kind.startsWith('p');
    if (!isPodman) await readsDaemonJson(host);
    const line = isPodman ? { engine: 'podman', prefix: '/site' } : { engine: 'docker', prefix: '' };
    await withMirror(t, host, line, async () => {
      await host.docker(['pull', `docker.io/${image}`]);
      await expectRuns(host.docker, `docker.io/${image}`, 'from the site');
    });
  });

// There is no K3s to be had here: what can be seen is that its file comes to its place.
test.serial(
  "c21: K3s' registries.yaml is brought by the printed line, with the authority that it names",
  async (t) => {
    const host = nodes.host('c21');
    await withMirror(t, host, { engine: 'k3s', prefix: '/site' }, async () => {
      const read = async (file: string): Promise<string> => (await host.inside(['cat', file])).stdout;
      const settings = await read('/etc/rancher/k3s/registries.yaml');
      const authority = /ca_file: "(.*)"/.exec(settings)?.[1] ?? '';
      t.regex(await read(authority), /BEGIN CERTIFICATE/);
    });
  },
);

for (const kind of outerContainerds)
  test.serial(`${kind}: an image of docker.io is pulled from the site's registry, and runs`, async (t) => {
    const host = nodes.host(kind);
    await withMirror(t, host, { engine: 'containerd', prefix: '/site' }, async () => {
      const folder = ['--hosts-dir', '/etc/containerd/certs.d'];
      await host.ctr([
        'images',
        'pull',
        ...(kind === 'c16' ? [] : ['--local']),
        ...folder,
        `docker.io/${image}`,
      ]);
      t.is(await host.output(`docker.io/${image}`), 'from the site');
    });
  });
