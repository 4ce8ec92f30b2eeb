// Words of what verify and show tell about a bundle.
import type { BundleProblem } from '../errors.js';
import { bundleProblems } from './en-bundle-errors.js';
import { count, formatBytes, formatDuration, formatRate } from './format.js';

/** Of bundles that are looked at. */
export const bundle = {
  fields: {
    bundle: 'Bundle',
    digest: 'Digest',
    tool: 'Made by',
    volumes: 'Volumes',
    read: 'Read',
    unpacked: 'Unpacked',
    signature: 'Signature',
    base: 'Left out',
    sizes: 'Sizes',
  },
  made: (tool: string, codec: string, level: number) =>
    codec === 'none' ? `${tool}, layers as they are` : `${tool}, ${codec} level ${level}`,
  volumes: (of: number, missing: readonly number[]) =>
    missing.length === 0
      ? `${of === 1 ? 'one' : `all ${of}`}`
      : `${of - missing.length} of ${of}; missing: ${missing.join(', ')}`,
  read: (files: number, bytes: number, ms: number) =>
    `${count(files, 'file')}, ${formatBytes(bytes)} in ${formatDuration(ms)}${
      ms < 1000 ? '' : `, ${formatRate((bytes * 1000) / ms)}`
    }`,
  unpacked: (layers: number, bytes: number) => `${count(layers, 'layer')}, ${formatBytes(bytes)}`,
  notUnpacked: 'no; --deep unpacks every layer, too',
  signatures: {
    unsigned: 'none',
    unchecked: (fingerprint: string | undefined) =>
      fingerprint === undefined
        ? 'there, not looked at: there is no ssh-keygen here'
        : `by ${fingerprint}; nobody was named to trust (--allowed-signers FILE)`,
    good: (signer: string, fingerprint: string) => `good: ${signer}, ${fingerprint}`,
    invalid: 'not valid',
  },
  emptyFolder: (path: string) => `"${path}" holds no volume of a bundle, and is passed over`,
  proved: 'Every byte is as it was written',
  provedDeep: 'Every byte is as it was written, and every layer unpacks to what its image names',
  provedSome: 'Every byte of the volumes that are here is as it was written',
  findings: (n: number) => (n === 1 ? 'One finding:' : `${n} findings:`),
  finding: (file: string, problem: BundleProblem, volume: number | undefined) =>
    `${file} ${bundleProblems[problem]}${volume === undefined ? '' : ` (volume ${volume})`}`,
  findingsMore: (n: number) => `and ${n} more; --json lists all`,
  imagesTitle: (n: number) => count(n, 'image'),
  imageColumns: {
    name: 'IMAGE',
    id: 'ID',
    platform: 'PLATFORM',
    layers: 'LAYERS',
    size: 'SIZE',
    kept: 'DIGEST KEPT',
  },
  keptIndex: '(index)',
  layersTitle: (n: number) => count(n, 'layer'),
  layerColumns: { layer: 'LAYER', stored: 'STORED', raw: 'UNPACKED', images: 'IN' },
  omitted: 'left out',
  sizes: (stored: number, raw: number) => `${formatBytes(stored)} stored, ${formatBytes(raw)} unpacked`,
  saved: (bytes: number) => `${formatBytes(bytes)} saved by layers that images share`,
  base: (bytes: number, names: readonly string[]) => `${formatBytes(bytes)} that ${names.join(', ')} has`,
  filesTitle: (n: number) => count(n, 'file'),
  fileColumns: { to: 'TO', mode: 'MODE', kind: 'KIND', size: 'SIZE' },
  kinds: { file: 'file', repo: 'repo', key: 'key', compose: 'compose', daemon: 'daemon' },
  packagesTitle: (n: number) => count(n, 'package set'),
  packageColumns: { set: 'SET', kind: 'KIND', names: 'INSTALLS' },
  notVerified: (path: string) =>
    `Not verified: this is what the bundle says; airgap verify ${path} proves it`,
};
