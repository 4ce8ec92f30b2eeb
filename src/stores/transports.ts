// The words before the first colon of a source that say where an image is: how each is written is source.ts's matter.

/** The transports airgap reads, the default first. */
export const transports = [
  'docker-daemon',
  'containers-storage',
  'oci',
  'oci-archive',
  'docker-archive',
  'container',
  'podman-container',
  'containerd',
  'containerd-container',
  'docker',
] as const;

export type Transport = (typeof transports)[number];
