// Words of what is printed at the end: plans, receipts, tables.
import type { Proof } from '../receipt/receipt.js';
import { questions } from './en-progress.js';
import { count } from './format.js';

const proofs = {
  'config-digest': 'loaded and proved: its ID there is the digest of the config that was sent',
  'manifest-and-create':
    'loaded and proved: its manifest and all layers are those sent, and a container could be made of it',
  'manifest-and-check':
    'loaded and proved: its manifest and all layers are those sent, and its check finds every blob there and unpacked',
  'stored-blobs': 'stored, not loaded; every blob was hashed again where it lies',
  'placed-archive':
    'placed, not loaded: k3s or RKE2 does that when it starts; config and layers were hashed again where they lie',
  'registry-digests':
    'pushed and proved: every blob is there, its manifest reads back by its name byte for byte',
} satisfies Record<Proof, string>;

const present = {
  'config-digest': 'was there already; proved again by the digest of its config',
  'manifest-and-create': 'was there already; proved again by its manifest and layers',
  'manifest-and-check': 'was there already; proved again by its manifest, its layers and its check',
  'stored-blobs': 'was stored already; every blob was hashed again',
  'placed-archive': 'was placed already; config and layers were hashed again where they lie',
  'registry-digests':
    'was there already: every blob is there, its manifest reads back by its name byte for byte',
} satisfies Record<Proof, string>;

const codecReason: Readonly<Record<string, string>> = {
  asked: 'as asked for',
  farZstd: 'the host reads zstd',
  farGzip: 'the host has gzip but no zstd',
  farNothing: 'the host has neither zstd nor gzip',
};

/** Of what is printed at the end of a command. */
export const reports = {
  questions,
  proofs,
  present,
  codecReason,
  error: 'error: ',
  hint: 'hint: ',
  warning: 'warning: ',
  bug: 'This is a bug in airgap. Please report it with the text above',
  layers: (n: number) => count(n, 'layer'),
  thisMachine: 'this machine',
  unknown: '?',
  none: '-',
  plan: {
    title: (host: string, engine: string, platform: string) => `Plan for ${host}: ${engine}, ${platform}`,
    columns: {
      image: 'IMAGE',
      platform: 'PLATFORM',
      layers: 'LAYERS',
      held: 'HELD',
      shared: 'SHARED',
      send: 'SEND',
      splice: 'SPLICE',
      pull: 'PULL',
    },
    wire: 'On the wire',
    /** Of images that keep their digests. */
    asHeld: (count: number) =>
      `${count === 1 ? 'An image travels' : `${count} images travel`} as the source holds ${count === 1 ? 'it' : 'them'}, digest and all`,
    /** Of images that do not, where the engine would keep them. */
    remade: {
      one: (name: string, source: string, why: string) =>
        `${name} gets another digest there than at its source (${source}): ${why}`,
      several: (n: number, why: string) =>
        `${n} images get other digests there than at their sources: ${why}`,
      why: {
        asked: 'another packing was asked for',
        type: 'an OCI layout takes no manifests of docker’s kind',
        codec: 'the engine there does not read that compression',
        packing: 'a layer travels in another packing than its manifest names',
        held: 'the host has a layer in another packing',
        present: 'it is there already, under another manifest',
      },
    },
    heldReason: 'packed as the source holds it',
    wireLine: (wire: string, codec: string, reason: string) => `${wire}, ${codec} (${reason})`,
    without: 'Without airgap',
    withoutLine: (bytes: string) => `${bytes} by docker save | ssh docker load`,
    registry: 'Registry',
    pulled: (engine: string, registry: string) => `${engine} there pulls from ${registry}, by digest`,
    engine: 'Engine chosen',
    otherEngines: (engine: string, others: readonly string[]) =>
      others.length === 1
        ? `${engine}; ${others.join()} is there, too: --engine ${others.join()}`
        : `${engine}; there are ${others.join(', ')}, too: --engine ENGINE`,
    room: (where: 'stage' | 'engine' | 'archive' | 'packages' | 'spool') =>
      ({
        stage: 'Stage there',
        engine: 'Engine there',
        archive: 'Archives there',
        packages: 'Packages there',
        spool: 'Spool here',
      })[where],
    roomLine: (needed: string, free: string | undefined) =>
      free === undefined ? `at most ${needed} needed` : `at most ${needed} needed, ${free} free`,
    name: 'Name',
    present: (name: string, named: boolean) =>
      `${name} is there already; it is only ${named ? 'proved again' : 'proved, and given this name'}`,
    moves: (name: string, from: string) => `${name} moves; it is ${from} there today`,
    shadowed: (name: string, other: string, engine: string, full: string) =>
      `${engine} there takes ${name} for ${other}, which is another image: say ${full} there, or remove that name`,
    spooled: (n: number) =>
      `${count(n, 'layer')} ${n === 1 ? 'is' : 'are'} spooled already and ${n === 1 ? 'keeps its' : 'keep their'} level of then`,
    refused: 'Cannot start: ',
    ready: 'Nothing was sent: this is a plan only',
  },
  receipt: {
    title: (host: string, engine: string) => `${host}: ${engine}`,
    pulled: (from: string) => `; pulled as ${from}`,
    sent: (bytes: string, n: number) => `${bytes} in ${count(n, 'layer')}`,
    held: (bytes: string, n: number) => `${bytes} in ${count(n, 'layer')} that the host had already`,
    shared: (n: number) => `${count(n, 'layer')} that several of these images have; each travelled once`,
    /** Behind the proof. */
    moved: (from: string) => `; the name was ${from} there before`,
    remade: (source: string) => `; its digest is not the one at its source, ${source}`,
    spliced: (bytes: string, n: number) => `${bytes} in ${count(n, 'layer')} taken from its other images`,
    resumed: (bytes: string) => `${bytes} had arrived in an earlier run`,
    wire: (bytes: string, duration: string) => `${bytes} on the wire in ${duration}`,
    labels: {
      sent: 'Sent',
      held: 'Held',
      shared: 'Shared',
      spliced: 'Spliced',
      resumed: 'Resumed',
      wire: 'Total',
      receipt: 'Receipt',
    },
    show: (id: string) => `airgap receipts show ${id}`,
    failed: (host: string) => `${host}: failed`,
    bundle: (name: string, digest: string) => `${name}, ${digest}`,
    fields: {
      host: 'Host',
      engine: 'Engine',
      platform: 'Platform',
      started: 'Started',
      took: 'Took',
      tool: 'Made by',
      bundle: 'Bundle',
      signer: 'Signed by',
      imageId: 'image ID',
      farId: 'ID there',
      source: 'from',
    },
    columns: {
      number: 'NO',
      id: 'ID',
      when: 'WHEN',
      host: 'HOST',
      images: 'IMAGES',
      sent: 'SENT',
      took: 'TOOK',
    },
    empty: 'There are no receipts yet; airgap send writes one per host and run',
    damaged: (n: number) => `${count(n, 'receipt')} could not be read and ${n === 1 ? 'is' : 'are'} left out`,
  },
  images: {
    columns: {
      name: 'IMAGE',
      id: 'ID',
      platform: 'PLATFORM',
      layers: 'LAYERS',
      size: 'SIZE',
      created: 'CREATED',
    },
    empty:
      'There are no images here; pull one, or name a registry’s (docker://HOST/NAME) or an archive (docker-archive:FILE)',
    unavailable: (store: string, message: string) => `${store}: ${message}`,
    shared: 'Sizes are unpacked; layers that images share are counted in each',
  },
  inspect: {
    fields: {
      name: 'Name',
      source: 'Source',
      imageId: 'Image ID',
      platform: 'Platform',
      created: 'Created',
      author: 'Author',
      user: 'User',
      workdir: 'Workdir',
      entrypoint: 'Entrypoint',
      cmd: 'Cmd',
      env: 'Env',
      ports: 'Ports',
      volumes: 'Volumes',
      labels: 'Labels',
      stop: 'Stop signal',
    },
    rootUser: 'root (none set)',
    layersTitle: (n: number, bytes: string) => `${count(n, 'layer')}, ${bytes} unpacked, base first`,
    columns: { number: 'NO', diffId: 'DIFFID', size: 'SIZE', madeBy: 'MADE BY' },
    sharedWith: (names: readonly string[], more: number) =>
      `also in ${names.join(', ')}${more > 0 ? ` and ${more} more` : ''}`,
    noHistory: 'the image does not say',
    filesTitle: (layer: string, n: number, bytes: string) => `Layer ${layer}: ${count(n, 'file')}, ${bytes}`,
    noFiles: 'it holds no files',
    fileColumns: { size: 'SIZE', path: 'PATH' },
  },
  doctor: {
    levels: { ok: 'ok', warning: 'warn', problem: 'FAIL' },
    finding: (subject: string, said: string) => `${subject}: ${said}`,
    clear: 'Everything needed is there',
    problems: (problems: number, warnings: number) =>
      problems === 0
        ? `${count(warnings, 'warning')}, nothing that stops a send`
        : `${count(problems, 'problem')} found`,
  },
  clean: {
    removed: (path: string, bytes: string | undefined) =>
      `removed ${path}${bytes === undefined ? '' : `, ${bytes}`}`,
    nothing: (host: string) => `There is nothing to remove on ${host}`,
  },
  spool: {
    columns: {
      layer: 'LAYER',
      codec: 'CODEC',
      size: 'SIZE',
      raw: 'UNPACKED',
      state: 'STATE',
      used: 'LAST USED',
    },
    finished: 'whole',
    unfinished: 'unfinished',
    total: (directory: string, n: number, bytes: string, limit: string) =>
      `${count(n, 'layer')}, ${bytes} in ${directory}; ${limit} are kept`,
    empty: (directory: string) => `The spool in ${directory} is empty`,
    freed: (bytes: string) => `${bytes} freed`,
  },
  hosts: {
    columns: { name: 'HOST', address: 'ADDRESS', from: 'KNOWN FROM', last: 'LAST SEND' },
    from: { config: 'ssh config', added: 'added', receipt: 'earlier send' },
    empty: 'No hosts are known yet; name any as [user@]host[:port]',
  },
  targets: {
    added: (name: string) => `${name} is in the list of hosts`,
    forgotten: (name: string) => `${name} is forgotten`,
    notAFile: 'it is no file',
    notAFolder: 'it is no folder',
    tooLarge: 'it is too large',
    form: 'it has another form',
  },
  demoTook: (duration: string) => `The demo took ${duration}`,
  ago: (ms: number) => {
    const hours = ms / 3_600_000;
    if (hours < 1) {
      const minutes = Math.round(ms / 60_000);
      return minutes < 1 ? 'just now' : `${minutes} min ago`;
    }
    if (hours < 48) return `${Math.round(hours)} h ago`;
    const days = Math.round(hours / 24);
    if (days < 60) return `${days} days ago`;
    return days < 730 ? `${Math.round(days / 30.4)} months ago` : `${Math.round(days / 365)} years ago`;
  },
};
