// Words of `airgap mirror-config`.

export const mirror = {
  title: (engine: string, registry: string) => `${engine}: images from ${registry}`,
  send: (line: string, isReady: boolean) =>
    isReady
      ? `To bring it: ${line}`
      : `To bring it (the files under those names here, where --write . puts them): ${line}`,
  supposed: (registry: string) => `${registry} was not reached from here; that it speaks TLS is supposed`,
  ofItself: (registry: string) =>
    `${registry} has its own images; --of names the registry whose images it has as well`,
  notes: {
    dockerHubOnly:
      'docker mirrors docker.io only; name images of other registries by this registry’s own name',
    dockerPrefix: 'docker mirrors have no path; with a prefix, name images by this registry’s own name',
    dockerReload: 'Merged key by key into what is there; then systemctl reload docker',
    podmanReads: 'Read at each pull; nothing is reloaded',
    containerdPath:
      'Read at each pull, once config_path = "/etc/containerd/certs.d" stands in config.toml (under the registry of the cri plugin) and containerd was restarted',
    unproved: 'Nobody vouches for that registry’s certificate: better give hosts its authority’s',
  },
};

export const mirrorHelp = {
  mirrorConfig: {
    summary: 'Print the settings that make a site’s engines take images from its registry',
    more: 'REGISTRY is HOST[:PORT][/PREFIX], as in airgap push. Whether it speaks TLS is asked; authorities are those of /etc/docker/certs.d here.',
    examples: [
      'airgap mirror-config registry.lan:5000',
      'airgap mirror-config registry.lan/site --for containerd --of quay.io --write .',
    ],
  },
};

export const mirrorOptions = {
  mirrorFor: 'only for docker, podman or containerd',
  mirrorOf: 'the registry whose images it has; docker.io if absent',
  mirrorWrite: 'also write the files into that folder here, for the printed airgap send',
};
