// What the sentences of both languages ask of the facts of an error.

/** Sources beside engines are told by their transport and path. */
export const isEngine = (store: string): boolean => !store.includes(':');

export const isRegistry = (store: string): boolean => store.startsWith('docker://');

/** How images of a transport are written: `oci:`. */
export const transportPrefix = (transport: string): string =>
  transport === 'docker' ? 'docker://' : `${transport}:`;

/** What systemd calls the engine that `--engine` names. */
export function serviceOf(engine: string): string {
  const family = engine.replace(/:.*/, '');
  return family === 'rke2' ? 'rke2-server, or rke2-agent' : family;
}

export const isContainer = (source: string): boolean =>
  /^(?:podman-)?container:|^containerd-container[+:]/.test(source);

/** The command that lists containers where this one was looked for. */
export function containerLister(source: string, store: string): string {
  const containerd = /^containerd-container(?:\+([^:]*))?:/.exec(source);
  return containerd === null
    ? `${store} ps --all`
    : `ctr --namespace ${containerd[1] ?? 'k8s.io'} containers ls`;
}

/** Programs that make repositories, and the Debian packages that hold them. */
export const packagePrograms: Readonly<Record<string, string>> = {
  'dpkg-deb': 'dpkg',
  createrepo_c: 'createrepo-c',
};

/** The port alone, where the host was named as it is reached and the rest of the address says no more. */
export function telltalePort(host: string, address: string): string | undefined {
  const port = /:(\d+)$/.exec(address)?.[1];
  return bare(host) === bare(address) ? port : undefined;
}

function bare(name: string): string {
  return name
    .replace(/^ssh:\/\//, '')
    .replace(/^.*@/, '')
    .replace(/:\d+\/?$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
