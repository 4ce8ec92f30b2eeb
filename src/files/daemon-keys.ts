// What may stand in daemon.json. An engine does not start with a key that it does not know, and before 23.0 there is no
// `dockerd --validate` to ask. @see https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file, dockerd --help
import { nearest } from '../text/near.js';
import type { DaemonObject } from './daemon-json.js';

// Every key of dockerd 20.10 to 29 on Linux; what came or went in between is one that some version knows.
const known: ReadonlySet<string> = new Set(
  `allow-direct-routing allow-nondistributable-artifacts api-cors-header apparmor-profile authorization-plugins bip bip6 bridge
  bridge-accept-fwmark builder cdi-spec-dirs cgroup-parent cluster-advertise cluster-store cluster-store-opts containerd
  containerd-namespace containerd-plugin-namespace cpu-rt-period cpu-rt-runtime cri-containerd data-root debug
  default-address-pools default-cgroupns-mode default-gateway default-gateway-v6 default-init default-ipc-mode
  default-network-opts default-runtime default-shm-size default-ulimits deprecated-key-path dns dns-opts dns-search exec-opts
  exec-root experimental features firewall-backend fixed-cidr fixed-cidr-v6 graph group host-gateway-ip host-gateway-ips hosts
  http-proxy https-proxy icc init init-path insecure-registries ip ip-forward ip-forward-no-drop ip-masq ip6tables iptables ipv6
  labels live-restore log-driver log-format log-level log-opts max-concurrent-downloads max-concurrent-uploads
  max-download-attempts metrics-addr min-api-version mtu network-control-plane-mtu network-diagnostic-port no-new-privileges
  no-proxy node-generic-resources oom-score-adjust pidfile proxies raw-logs registry-mirrors resolv-conf rootless runtimes
  seccomp-profile selinux-enabled shutdown-timeout storage-driver storage-opts swarm-default-advertise-addr
  swarm-raft-election-tick swarm-raft-heartbeat-tick tls tlscacert tlscert tlskey tlsverify userland-proxy userland-proxy-path
  userns-remap`.split(/\s+/),
);

export interface UnknownKey {
  readonly key: string;
  /** Those it may have been meant for. */
  readonly near: readonly string[];
}

/** The first key that no dockerd knows. */
export function unknownDaemonKey(keys: DaemonObject): UnknownKey | undefined {
  const key = Object.keys(keys).find((one) => !known.has(one));
  return key === undefined ? undefined : { key, near: nearest(key, [...known]) };
}

/** Whether that engine's dockerd is asked itself, and so may know keys that are newer than this list. */
export function canValidate(engineVersion: string | undefined): boolean {
  return Number.parseInt(engineVersion ?? '', 10) >= 23;
}
