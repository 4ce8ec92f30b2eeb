// A dockerd of the rig that reads /etc/docker/daemon.json, as it does on a machine of its own.
import path from 'node:path';
import type { RigHost } from '../rig/rig.js';

/** The file that the rig has its dockerd read. */
export const daemonConfigOf = (host: RigHost): string =>
  path.join(path.dirname(host.dataRoot), 'daemon.json');

/** From now on it reads /etc/docker/daemon.json, which begins with what the rig needs. */
export async function readsDaemonJson(host: RigHost): Promise<void> {
  const config = daemonConfigOf(host);
  await host.inside([
    'sh',
    '-c',
    `mkdir -p /etc/docker
    [ -h ${config} ] || { cp ${config} ${config}.first; ln -sf /etc/docker/daemon.json ${config}; }
    cp ${config}.first /etc/docker/daemon.json; chmod 640 /etc/docker/daemon.json`,
  ]);
}
