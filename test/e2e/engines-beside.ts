// Engines beside the one that nobody named: said in the plan of the tool and of import.sh where somebody could have meant them, and not
// where docker itself keeps its containers in them.
import path from 'node:path';
import { openFar } from '../../src/far/far.js';
import { createNear, type Near } from '../helpers/airgap.js';
import { client } from '../helpers/far-box.js';
import { bundleOn, makeDrive, realLayer, runImport, runnable } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOf, type RigHost, shareRig } from '../rig/rig.js';

const { serial: test } = needing(...needsOf('d20'), 'busybox');
const rig = shareRig({ test: needing(...needsOf('d20'), 'busybox'), hosts: ['d20'], near: false });

const containerd = '/run/containerd/containerd.sock';
const kubelet = '/var/lib/kubelet';

/** What a listener leaves: a socket, which is all that is looked at. Perl is of every Debian. */
async function leaveSocket(host: RigHost, file: string): Promise<void> {
  const leave = `unlink "${file}"; socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un("${file}")) or die $!`;
  await host.inside(['mkdir', '-p', path.dirname(file)]);
  await host.inside(['perl', '-MSocket', '-e', leave]);
  await host.inside(['test', '-S', file]);
}

const clear = (host: RigHost) =>
  host.inside([
    'rm',
    '-rf',
    '/run/containerd',
    '/run/k3s',
    kubelet,
    '/run/cri-dockerd.sock',
    '/run/dockershim.sock',
  ]);

test("docker's-own-containerd: it is no other engine, unless a kubelet uses it", async (t) => {
  const host = rig.host('d20');
  const refused = await host.addUser({ docker: 'none' });
  const by = async (ssh: RigHost['ssh']): Promise<() => Promise<readonly string[]>> => {
    const far = await openFar(sshHost({ ssh }), { client, hostName: 'd20', engine: 'docker' });
    return async () => (await far.probe({ engine: 'docker', sudo: 'no' })).others;
  };
  const [others, othersOfRefused] = [await by(host.ssh), await by(refused.ssh)];
  // A podman may be there, too, as it was before.
  const before = await others();
  // The pods' comes first.
  const beside = ['containerd', ...before];
  await leaveSocket(host, containerd);
  try {
    t.deepEqual(await others(), before);
    t.deepEqual(await othersOfRefused(), before, 'a docker that refuses this user has its containerd, too');
    await host.inside(['mkdir', '-p', kubelet]);
    t.deepEqual(await others(), beside, 'the pods are what it is about');
    t.deepEqual(await othersOfRefused(), beside);
    for (const name of ['cri-dockerd', 'dockershim', 'k3s/cri-dockerd/cri-dockerd']) {
      const socket = `/run/${name}.sock`;
      await leaveSocket(host, socket);
      t.deepEqual(await others(), before, `a kubelet that goes by docker: ${socket}`);
      await host.inside(['rm', socket]);
    }
    await leaveSocket(host, '/run/k3s/containerd/containerd.sock');
    t.deepEqual(await others(), ['k3s', ...before], 'a kubelet that brings its own');
  } finally {
    await clear(host);
  }
});

test('guessed-in-silence: the plan names the other engine, unless the engine was asked for', async (t) => {
  const host = rig.host('d20');
  const near: Near = await createNear();
  try {
    const drive = await makeDrive(host);
    const images = [await runnable('docker.io/plant/app:1', 'one', [await realLayer({ busybox: true })])];
    const bundle = await bundleOn(drive, { images });
    const [inside = ''] = bundle.inside;
    const [outside = ''] = bundle.volumes;
    const { alias, configFile } = host.ssh;
    const plans = async (...words: string[]): Promise<readonly string[]> => {
      const tool = await near.run([
        'import',
        outside,
        '--to',
        alias,
        '-F',
        configFile,
        '--dry-run',
        ...words,
      ]);
      t.is(tool.exitCode, 0, tool.stderr);
      const shell = await runImport(host, inside, ['--dry-run', ...words]);
      t.is(shell.exitCode, 0, shell.stderr);
      return [tool.stdout, shell.stderr];
    };
    const said = /containerd((, podman)?, too: --engine ENGINE| is (there|here), too: --engine containerd)/;

    for (const plan of await plans()) t.notRegex(plan, said);
    await leaveSocket(host, containerd);
    for (const plan of await plans()) t.notRegex(plan, said);
    await host.inside(['mkdir', '-p', kubelet]);
    for (const plan of await plans()) t.regex(plan, said);
    for (const plan of await plans('--engine', 'docker')) t.notRegex(plan, said);
  } finally {
    await clear(host);
    await near.remove();
  }
});
