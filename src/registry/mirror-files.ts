// The files that make a site's engines take images from its registry. Pure; same facts, same text.
// @see dockerd's daemon.json; containers-registries.conf(5); containerd's docs/hosts.md; "Private Registry Configuration" of K3s, and RKE2's
import path from 'node:path';
import { isTarget } from '../oci/host-file.js';

/** What must be known of the registry. */
export interface MirrorFacts {
  /** HOST[:PORT] */
  readonly host: string;
  /** Before each path; empty for none. */
  readonly prefix: string;
  /** `http://registry.lan:5000` */
  readonly origin: string;
  /** It speaks TLS, and nobody vouches for it. */
  readonly isUnproved: boolean;
  /** Certificates of its authority here. */
  readonly authorities: readonly string[];
  /** Whose images it has. */
  readonly of: string;
  /** Where on this side the line finds the files; where absent, in the folder that it is run in. */
  readonly folder?: string;
}

export const mirrorEngines = ['docker', 'podman', 'containerd', 'k3s', 'rke2'] as const;
export type MirrorEngine = (typeof mirrorEngines)[number];

export interface MirrorFile {
  /** On a host. */
  readonly path: string;
  /** What `send` calls it on this side. Of daemon.json keys travel, and no file. */
  readonly source?: string;
  readonly content: string;
}

export interface MirrorConfig {
  readonly engine: MirrorEngine;
  /** In the order in which they are put there. */
  readonly files: readonly MirrorFile[];
  /** Of `airgap send HOST`, where this program can bring it: words of a shell. */
  readonly send: string;
  /** Files with a path that `send` does not take, such as one named after an IPv6 address: `SOURCE:PATH`. */
  readonly byHand: readonly string[];
  /** Keys of text.words.mirror.notes, what must be known beside it. */
  readonly notes: readonly MirrorNote[];
}

export type MirrorNote =
  | 'dockerHubOnly'
  | 'dockerPrefix'
  | 'dockerReload'
  | 'podmanReads'
  | 'containerdPath'
  | 'k3sReads'
  | 'rke2Reads'
  | 'oneAuthority'
  | 'unproved';

/** @param engine which files to make */
export function mirrorConfig(engine: MirrorEngine, facts: MirrorFacts): MirrorConfig {
  const made = makers[engine](facts);
  return { engine, ...made, notes: [...made.notes, ...(facts.isUnproved ? (['unproved'] as const) : [])] };
}

type Made = Omit<MirrorConfig, 'engine'>;

const makers: Readonly<Record<MirrorEngine, (facts: MirrorFacts) => Made>> = {
  docker,
  podman,
  containerd,
  k3s: (facts) => ofRancher('k3s', facts),
  rke2: (facts) => ofRancher('rke2', facts),
};

const isPlain = ({ origin }: MirrorFacts): boolean => origin.startsWith('http:');
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;
const json = (value: unknown): string => JSON.stringify(value, undefined, 2);

const certificate = (folder: string, host: string, at: number): string =>
  `${folder}/certs.d/${host}/ca${at === 0 ? '' : at}.crt`;

/** What goes to a host: the words of `--file` for what `send` takes, and the rest. */
function parted(files: readonly BroughtFile[]): { send: string[]; byHand: string[] } {
  const { sent = [], byHand = [] } = Object.groupBy(files, ({ path: to }) =>
    isTarget(to) ? 'sent' : 'byHand',
  );
  const word = ({ source, path: to }: BroughtFile): string => `${source}:${to}`;
  return { send: sent.map((file) => `--file ${quoted(word(file))}`), byHand: byHand.map(word) };
}

/** From this side to that path of a host. */
type BroughtFile = Required<Pick<MirrorFile, 'source' | 'path'>>;

/** The authorities of the registry, each with the place it goes to. */
function trusted(folder: string, { host, authorities }: MirrorFacts): BroughtFile[] {
  return authorities.map((source, at) => ({ source, path: certificate(folder, host, at) }));
}

function docker(facts: MirrorFacts): Made {
  const { host, prefix, origin, of } = facts;
  const isHub = of === 'docker.io' && prefix === '';
  const insecure = isPlain(facts) || facts.isUnproved ? { 'insecure-registries': [host] } : {};
  const keys = { ...(isHub ? { 'registry-mirrors': [origin] } : {}), ...insecure };
  const isEmpty = Object.keys(keys).length === 0;
  const certificates = parted(trusted('/etc/docker', facts));
  return {
    files: isEmpty ? [] : [{ path: '/etc/docker/daemon.json', content: `${json(keys)}\n` }],
    send: [
      ...Object.entries(keys).map(
        ([key, value]) => `--daemon-key ${quoted(`${key}=${JSON.stringify(value)}`)}`,
      ),
      ...certificates.send,
      ...(isEmpty ? [] : ['--reload']),
    ].join(' '),
    byHand: certificates.byHand,
    notes: [
      ...(isHub ? [] : [prefix === '' ? ('dockerHubOnly' as const) : ('dockerPrefix' as const)]),
      ...(isEmpty ? [] : (['dockerReload'] as const)),
    ],
  };
}

function podman(facts: MirrorFacts): Made {
  const { host, prefix, of } = facts;
  const insecure = isPlain(facts) || facts.isUnproved ? ['insecure = true'] : [];
  const folder = '/etc/containers';
  const location = prefix === '' ? host : `${host}/${prefix}`;
  const own = insecure.length === 0 ? [] : ['', '[[registry]]', `location = "${host}"`, ...insecure];
  const lines = [
    '[[registry]]',
    `prefix = "${of}"`,
    `location = "${of}"`,
    '',
    '[[registry.mirror]]',
    `location = "${location}"`,
    ...insecure,
    ...own,
  ];
  const name = '50-airgap-mirror.conf';
  const place = `${folder}/registries.conf.d/${name}`;
  return {
    ...bring(folder, facts, [{ path: place, name, content: `${lines.join('\n')}\n` }]),
    notes: ['podmanReads'],
  };
}

function containerd(facts: MirrorFacts): Made {
  const { host, prefix, origin, of, authorities } = facts;
  const folder = '/etc/containerd';
  const server = of === 'docker.io' ? 'https://registry-1.docker.io' : `https://${of}`;
  const certificates = authorities.map((_file, at) => certificate(folder, host, at));
  const trust = [
    ...(facts.isUnproved ? ['  skip_verify = true'] : []),
    ...(certificates.length === 0 ? [] : [`  ca = ${JSON.stringify(certificates)}`]),
  ];
  const address = prefix === '' ? origin : `${origin}/v2/${prefix}`;
  const entry = (at: string): string[] => [
    `[host."${at}"]`,
    '  capabilities = ["pull", "resolve"]',
    ...(at === origin ? [] : ['  override_path = true']),
    ...trust,
  ];
  const mirror = [`server = "${server}"`, '', ...entry(address)];
  const own = [`server = "${origin}"`, '', ...entry(origin)];
  const files = [
    { of, name: 'mirror-hosts.toml', lines: mirror },
    { of: host, name: 'own-hosts.toml', lines: own },
  ].map((file) => ({
    path: `${folder}/certs.d/${file.of}/hosts.toml`,
    name: file.name,
    content: `${file.lines.join('\n')}\n`,
  }));
  return {
    ...bring(folder, facts, files),
    notes: ['containerdPath'],
  };
}

/** These two write the settings of their containerd themselves, by a file of their own. Strings of YAML as JSON has them. */
function ofRancher(engine: 'k3s' | 'rke2', facts: MirrorFacts): Made {
  const { host, prefix, origin, of, authorities } = facts;
  const folder = `/etc/rancher/${engine}`;
  const mirrorOf = (name: string): string[] => [
    `  ${JSON.stringify(name)}:`,
    '    endpoint:',
    `      - ${JSON.stringify(origin)}`,
  ];
  const trust = [
    ...(facts.isUnproved ? ['      insecure_skip_verify: true'] : []),
    ...authorities.slice(0, 1).map(() => `      ca_file: ${JSON.stringify(certificate(folder, host, 0))}`),
  ];
  const lines = [
    'mirrors:',
    ...mirrorOf(of),
    ...(prefix === '' ? [] : ['    rewrite:', `      "^(.*)$": ${JSON.stringify(`${prefix}/$1`)}`]),
    // By its own name, too: without it, trust would not count for that.
    ...mirrorOf(host),
    ...(trust.length === 0 ? [] : ['configs:', `  ${JSON.stringify(host)}:`, '    tls:', ...trust]),
  ];
  const file = { path: `${folder}/registries.yaml`, name: `${engine}-registries.yaml` };
  return {
    ...bring(folder, facts, [{ ...file, content: `${lines.join('\n')}\n` }]),
    notes: [
      engine === 'k3s' ? 'k3sReads' : 'rke2Reads',
      ...(authorities.length > 1 ? (['oneAuthority'] as const) : []),
    ],
  };
}

/** Files below that folder of a host, and the registry's authorities. */
function bring(
  folder: string,
  facts: MirrorFacts,
  made: readonly (MirrorFile & { readonly name: string })[],
): Omit<Made, 'notes'> {
  const files = made.map(({ name, ...file }) => ({ ...file, source: path.join(facts.folder ?? '', name) }));
  const { send, byHand } = parted([...files, ...trusted(folder, facts)]);
  return { files, send: send.length === 0 ? '' : [...send, `--allow-dir ${folder}`].join(' '), byHand };
}
