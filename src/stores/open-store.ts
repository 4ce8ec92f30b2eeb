// The store of a source: adding one is a line here.
import { createDockerArchiveStore, createOciArchiveStore } from './archive.js';
import { createOciLayoutStore } from './oci-layout.js';
import type { Source } from './source.js';
import type { Store } from './store.js';
import type { Transport } from './transports.js';

export interface LocalSource extends Source {
  readonly transport: Exclude<Transport, 'docker'>;
}

/** The engines here. Registries have one store for a run: near-images.ts */
export interface EngineStores {
  readonly docker: Store;
  readonly podman: Store;
  containerd(namespace?: string): Store;
}

export function openStore(
  { transport, path: place = '', namespace }: LocalSource,
  { docker, podman, containerd }: EngineStores,
): Store {
  switch (transport) {
    // A container's image is one of the same engine.
    case 'container':
    case 'docker-daemon':
      return docker;
    case 'containers-storage':
    case 'podman-container':
      return podman;
    case 'containerd':
    case 'containerd-container':
      return containerd(namespace);
    case 'oci':
      return createOciLayoutStore({ path: place });
    case 'oci-archive':
      return createOciArchiveStore({ path: place });
    case 'docker-archive':
      return createDockerArchiveStore({ path: place });
  }
}
