// Words of `airgap export`: its plan, what it wrote, what to do next.
import { count, formatBytes, formatDuration } from './format.js';

const codecReason = {
  asked: 'as asked for',
  allReadZstd: 'all hosts read zstd',
  someLackZstd: 'not all hosts read zstd',
  noPassport: 'unpacks on any host; a passport of it, or zstd, makes it smaller',
} as const;

const madeReason = {
  none: 'the source has none',
  asked: 'a codec was asked for',
  omitted: 'layers are left out',
  codec: 'its source has layers that are not packed, or that not every host is known to read',
  shared: 'another image has brought a layer packed in another way',
  unusual: 'not every reader would understand the one of the source alike',
} as const;

const indexReason = {
  none: 'the source has none',
  manifests: 'it names manifests that are made anew',
  unusual: 'not every reader would understand the one of the source alike',
  platform: 'not all of its platforms were asked for',
  attestation: 'attestations stay behind; --with-referrers takes them along',
  /** Though it was given. */
  apart: 'some of what it names beside images stays behind',
  nested: 'it is one index now, and was several',
  missing: 'not all that it names is there',
  unsupported: 'some that it names airgap does not read',
} as const;

/** Of exports. */
export const exportWords = {
  noLock: (file: string, detail: string) => `"${file}" cannot be written: ${detail}`,
  noParent: 'the folder above it is not there',
  notFolder: 'a file stands there, and a folder is needed',
  leadsNowhere: 'it is a symbolic link that leads nowhere',
  lowRoom: (place: string, free: number) =>
    `"${place}" has ${formatBytes(free)} left, less than a tenth of it`,
  attachedLeft: (name: string, n: number) =>
    `${count(n, 'thing')} attached to ${name} ${n === 1 ? 'stays' : 'stay'} behind: what ${n === 1 ? 'it belongs' : 'they belong'} to is not in the bundle under its digest`,
  title: (place: string) => `Export to ${place}`,
  columns: { image: 'IMAGE', platform: 'PLATFORM', layers: 'LAYERS', size: 'UNPACKED', omitted: 'LEFT OUT' },
  labels: {
    stored: 'Bundle',
    shared: 'Shared',
    omitted: 'Left out',
    files: 'Files',
    packages: 'Packages',
    room: 'Room',
    digest: 'Digest',
    manifests: 'Manifests',
    volumes: 'Volumes',
    checked: 'Read back',
    took: 'Took',
  },
  stored: (
    bytes: string,
    layers: { readonly all: number; readonly carried: number },
    codec: string,
    reason: keyof typeof codecReason,
  ) => {
    const { all, carried } = layers;
    const whole = `${bytes} in ${count(all, 'layer')}`;
    if (carried === 0) return `${whole}, ${codec} (${codecReason[reason]})`;
    if (carried === all) return `${whole}, packed as their sources have them`;
    return `${whole}, ${carried} packed as their sources have them, the others ${codec} (${codecReason[reason]})`;
  },
  indexKept: (name: string, platforms: number) =>
    `${name}: index of ${count(platforms, 'platform')} as the source has it, the digest stays`,
  indexMade: (name: string, platforms: number, reason: keyof typeof indexReason) =>
    `${name}: index of ${count(platforms, 'platform')} with another digest: ${indexReason[reason]}`,
  kept: (images: number) => `${count(images, 'image')} with the one of the source: the digest stays`,
  made: (images: number, reason: keyof typeof madeReason) =>
    `${count(images, 'image')} with one that is made anew: ${madeReason[reason]}`,
  noImages: (bytes: string | undefined) => (bytes === undefined ? 'no images' : `${bytes}, no images`),
  shared: (bytes: string) => `${bytes} unpacked that images share are there once`,
  omitted: (bytes: string, layers: number) =>
    `${bytes} unpacked in ${count(layers, 'layer')} that are there already`,
  file: (to: string, mode: string, bytes: string) => `${to}  mode ${mode}, ${bytes}`,
  daemon: (to: string) => `${to}  merged key by key`,
  packages: (set: string, kind: string, names: number, bytes: string) =>
    `${set}  ${count(names, kind === 'deb' ? '.deb package' : '.rpm package')}, ${bytes}`,
  room: (needed: string, free: string) => `at most ${needed} needed, ${free} free`,
  /** `layers` undefined: no images at all. */
  planned: (facts: {
    layers: number | undefined;
    omitted: number;
    files: number;
    sets: number;
    bytes: string;
  }) => {
    const { layers, omitted, files, sets, bytes } = facts;
    const things = [
      ...(layers === undefined ? [] : [count(layers, 'layer')]),
      ...(files === 0 ? [] : [count(files, 'file')]),
      ...(sets === 0 ? [] : [count(sets, 'package set')]),
    ];
    const left = omitted === 0 ? '' : `; ${count(omitted, 'layer')} left out`;
    return `${things.join(', ')} to pack, ${bytes}${left}`;
  },
  ready: 'Nothing was written: this is a plan only',
  written: (bytes: string, files: number) => `${bytes} in ${count(files, 'file')}`,
  readBack: {
    done: 'every file was read again from the drive, past the memory, and is right',
    'from-memory':
      'every file was read again and is right, but memory may have answered: unplug the drive, plug it in, and run airgap verify',
    'not-done': 'not done, as asked for',
  },
  took: (ms: number) => formatDuration(ms),
  next: (place: string) => `On the host: sh ${place}/import.sh`,
  nextTar: (name: string) => `On the host: tar -xOf ${name} import.sh >import.sh && sh import.sh ${name}`,
  nextVolumes: (name: string) =>
    `On the host: sh ${name}/import.sh, with the folders of all volumes behind it`,
};
