// Engines beside the one that is asked about: told where somebody could have meant them, and not where docker itself keeps its
// containers in them.
import type { EngineCall } from '../../src/far/facts.js';
import { openFar } from '../../src/far/far.js';
import { client } from '../helpers/far-box.js';
import { needing } from '../helpers/needs.js';
import { sshHost } from '../helpers/ssh-host.js';
import { needsOf, shareRig } from '../rig/rig.js';

const call: EngineCall = { engine: 'docker', sudo: 'no' };
const { serial: test } = needing(...needsOf('d20'));
const rig = shareRig({ test: needing(...needsOf('d20')), hosts: ['d20'], near: false });

test("docker's-own-containerd: it is no other engine, unless a kubelet uses it", async (t) => {
  const host = rig.host('d20');
  const far = await openFar(sshHost(host), { client, hostName: 'd20', engine: 'docker' });
  const others = async (): Promise<readonly string[]> => (await far.probe(call)).others;
  // What a listener leaves: a socket, which is all that is looked at. Perl is of every Debian.
  const leave = `socket(S, AF_UNIX, SOCK_STREAM, 0) && bind(S, sockaddr_un("/run/containerd/containerd.sock")) or die $!`;
  await host.inside(['mkdir', '-p', '/run/containerd']);
  await host.inside(['perl', '-MSocket', '-e', leave]);
  try {
    await host.inside(['test', '-S', '/run/containerd/containerd.sock']);
    t.false((await others()).includes('containerd'));
    await host.inside(['mkdir', '-p', '/var/lib/kubelet']);
    t.true((await others()).includes('containerd'), 'the pods are what it is about');
  } finally {
    await host.inside(['rm', '-rf', '/run/containerd', '/var/lib/kubelet']);
  }
});
