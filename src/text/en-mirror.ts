// Words of `airgap mirror-config`.

/** Of a registry that answered. */
interface TokensFailed {
  readonly host: string;
  readonly isProved: boolean;
  /** By nobody known here. */
  readonly isUntrusted: boolean;
  readonly message: string;
}

export const mirror = {
  title: (engine: string, registry: string) => `${engine}: images from ${registry}`,
  send: (line: string, isReady: boolean) =>
    isReady
      ? `To bring it: ${line}`
      : `To bring it (the files under those names here, where --write . puts them): ${line}`,
  byHand: (file: string) => `Not taken by airgap send, to be copied by hand: ${file}`,
  written: (file: string) => `Written: ${file}`,
  supposed: (registry: string) =>
    `${registry} was not reached from here: that it speaks TLS is supposed, and whether hosts will trust it is not known`,
  untrusted: (message: string, hint: string) =>
    `${message}; hosts will not trust it either. ${hint}; then run this again`,
  loopback: (host: string) =>
    `${host} is this machine here, and on each host that host itself: write the name or address that hosts reach the registry by`,
  wantsLogin: (message: string) => `${message}; each host’s engine must be logged in there as well`,
  unsound: (message: string) => `${message}; the settings are right only if a registry is there`,
  tokens: ({ host, isProved, isUntrusted, message }: TokensFailed) =>
    `${host} itself answered${isProved ? ' over TLS, and its certificate is trusted' : ''}; the server that its tokens come from failed: ${message}; engines on hosts need that one, too, to log in and to pull${isUntrusted ? `. Put its authority’s certificate beside those of the registry, as /etc/docker/certs.d/${host}/tokens.crt, where engines look for it; then run this again` : ''}`,
  ledOn: (host: string, to: string) =>
    `${host} itself answered, and leads on to ${to}, which does not answer here as a registry does; hosts must reach and trust that place, too`,
  loggedIn: (host: string) =>
    `${host} was asked with the login that is kept here, which does not go along: for what it does not give to everybody, each host’s engine must be logged in as well (docker login, podman login; for kubelets auth in registries.yaml of k3s and RKE2, in config.toml of containerd; airgap send --through-registry has no login with these three)`,
  clientCertificate: (host: string, file: string) =>
    `${host} gets the client certificate ${file} from here if it asks for one; that does not go along, so each host then needs its own (docker, podman: NAME.cert and NAME.key in certs.d; containerd: client in hosts.toml; k3s, RKE2: cert_file and key_file in registries.yaml)`,
  holdsKey: (host: string, file: string) =>
    `${host} is trusted here by SSL_CERT_FILE=${file} alone, which holds a private key, too, and does not go along: put the certificate of the authority into /etc/docker/certs.d/${host}/ca.crt, then run this again`,
  speaksTls: (host: string) => `${host} speaks TLS: the settings say https://`,
  plain: (host: string) =>
    `${host} answers without TLS: write http://${host} if hosts are to take images from it unprotected`,
  noFolder: '--write needs a folder, such as --write .',
  isThere: (file: string) =>
    `${file} is there already and says something else: nothing was written; move it away, or name another folder`,
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
    k3sReads:
      'Read when k3s starts: systemctl restart k3s, k3s-agent on an agent. It takes the place of a registries.yaml that is there: add first what must stay',
    rke2Reads:
      'Read when RKE2 starts: systemctl restart rke2-server, or rke2-agent. It takes the place of a registries.yaml that is there: add first what must stay',
    oneAuthority:
      'registries.yaml names one file of authorities, here the first: put all that are needed into that one',
    unproved: 'Nobody vouches for that registry’s certificate: better give hosts its authority’s',
  },
};

export const mirrorHelp = {
  mirrorConfig: {
    summary: 'Print the settings that make a site’s engines take images from its registry',
    more: 'Whether that registry speaks TLS is asked; authorities are those of /etc/docker/certs.d here, and SSL_CERT_FILE where it is trusted by nothing else.',
    examples: [
      'airgap mirror-config registry.lan:5000',
      'airgap mirror-config registry.lan/site --for containerd --of quay.io --write .',
    ],
  },
};

export const mirrorOptions = {
  mirrorFor: 'only for one of docker, podman, containerd, k3s, rke2',
  mirrorOf: 'the registry whose images it has; docker.io if absent',
  mirrorWrite:
    'also write the files into that folder here, for the printed airgap send; over none that says something else',
};
