// Words of `airgap push`: its help, plan, and what came of it.
import { mirrorHelp, mirrorOptions } from './en-mirror.js';
import { count } from './format.js';

/** Of pushes. */
export const push = {
  digestIn: (name: string) =>
    `${name} has a digest in it, which follows from the image; give it a tag, or a name alone`,
  nameless: (source: string) => `${source} has no name; write IMAGE=NAME`,
  asBundle: (source: string) => `${source} is a bundle, whose images have names; leave =NAME and --as out`,
  throughHere: (host: string) => `${host} is no other machine; leave --through out`,
  nothing: 'There is no image to push',
  noRegistry: 'airgap push needs what to push, and REGISTRY behind it',
  title: (registry: string, through: string | undefined) =>
    through === undefined ? `Push to ${registry}` : `Push to ${registry} through ${through}`,
  through: (registry: string, host: string) => `${registry} through ${host}`,
  engine: 'registry',
  columns: {
    name: 'NAME',
    platform: 'PLATFORM',
    there: 'THERE',
    mount: 'MOUNT',
    upload: 'UPLOAD',
    digest: 'DIGEST',
  },
  labels: { upload: 'To upload', there: 'There', attached: 'Attached' },
  attached: (n: number, bytes: string) =>
    n === 0
      ? 'nothing'
      : `${count(n, 'signature, attestation or the like', 'signatures, attestations and the like')}, ${bytes}`,
  attachedNowhere: (source: string) =>
    `${source} comes from no registry, OCI layout or containerd store, which alone keep what is attached to it`,
  upload: (bytes: string, blobs: number) => `${bytes} in ${count(blobs, 'blob')}`,
  nothingToUpload: 'nothing',
  there: (blobs: number, mounts: number) =>
    `${count(blobs, 'blob')}${mounts === 0 ? '' : `, and ${mounts} in other repositories there that are mounted`}`,
  left: (name: string, n: number) =>
    `${name}: ${count(n, 'entry', 'entries')} of its index ${n === 1 ? 'is' : 'are'} not pushed (attestations, or not whole), so the index gets another digest`,
  single: (name: string, platform: string, n: number) =>
    `${name} is the image for ${platform} alone: ${count(n, 'entry', 'entries')} of its index ${n === 1 ? 'is' : 'are'} not pushed (attestations, or not here), nor the index itself`,
  index: (name: string, digest: string) => `${name} is an index of these platforms, ${digest}`,
  held: (bytes: string, layers: number) =>
    `${bytes} in ${count(layers, 'layer')} that the registry had already`,
  made: 'made when pushed',
  kept: (digest: string) => `${digest}, as at its source`,
  moves: (name: string, from: string) => `${name} moves; it is ${from} there today`,
  planned: (facts: { thereCount: number; mountCount: number; uploadCount: number; upload: string }) => {
    const { thereCount, mountCount, uploadCount, upload } = facts;
    const mounts = mountCount === 0 ? '' : `, ${mountCount} to mount`;
    return uploadCount === 0
      ? `${count(thereCount, 'blob')} there already${mounts}, nothing to upload`
      : `${count(uploadCount, 'blob')} to upload, ${upload}; ${thereCount} there already${mounts}`;
  },
  ready: 'Nothing was pushed: this is a plan only',
  namesLeft: (names: readonly string[]) =>
    `Not all names could be set, and these could not be put back; look what they stand for: ${names.join(', ')}`,
  containerThrough: (source: string) =>
    `${source} would be another image on each way; commit it first (docker commit), and name that image`,
  nothingThrough: '--through-registry is for images, and none is named; files go without it',
  pullsNothing: 'it is a folder, which pulls nothing from a registry',
  connectAlone:
    'Options of the SSH connection (-F, -i, -p, -J, -o, --ssh) need --through HOST: a registry is reached without SSH',
  throughAlone: '--through says how the registry is reached; it needs --through-registry',
  pull: (name: string) => `On a host: docker pull ${name}`,
};

export const pushHelp = {
  ...mirrorHelp,
  push: {
    summary: 'Push images and bundles to a registry: missing blobs only, proved before a name is set',
    more: 'BUNDLE is the folder or .tar that airgap export wrote, IMAGE as in airgap send, REGISTRY is HOST[:PORT][/PREFIX]. An image keeps its path, without the registry it came from: docker.io/library/nginx:1 becomes REGISTRY/library/nginx:1, as mirrors want it. IMAGE=NAME gives it another. Manifests and layers that are compressed already go as they are, so digests stay; an engine’s raw layers are compressed by gzip. After a cut, the same command goes on.',
    examples: [
      'airgap push nginx:1.27 app:2 registry.lan:5000',
      'airgap push /media/usb/airgap-bundle registry.lan:5000/site',
      'airgap push docker://docker.io/library/redis:7=cache:7 registry.lan',
      'airgap push -f bundle.yaml registry.lan --dry-run',
    ],
  },
};

export const pushOptions = {
  ...mirrorOptions,
  specPush: 'bundle.yaml whose images are pushed as well',
  prefix: 'put this before every path, as REGISTRY/PREFIX does',
  asThere: 'name to give it there, for a single image',
  withReferrers: 'take along what is attached to the images where they come from: signatures, attestations',
  limitAll: 'upload at most this much a second: 2MB, 500kB, 20Mbit',
  through: 'reach the registry from this host, over SSH',
  throughRegistry: 'push the images to this REGISTRY[/PREFIX] once; the hosts pull them from there',
};
