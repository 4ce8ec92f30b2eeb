// The far side's programs, each joined into one text: far-ENGINE.sh, which a send carries over, from sh/*.sh; import.sh, which
// lies in every bundle, from some of these and import/*.sh. A program knows one engine: it travels with every run.
import { readdirSync, readFileSync } from 'node:fs';
import { type Digest, digestOf, hexOf } from '../oci/digest.js';

export interface FarProgram {
  readonly text: Buffer;
  readonly digest: Digest;
  /** `far-<12 hex>.sh`: another version never overwrites one that runs. */
  readonly name: string;
}

/** The engines that there is a program for. `docker` is the one that a host is asked for first. */
export const farEngines = ['docker', 'podman', 'containerd', 'archives', 'layout'] as const;

export type FarEngine = (typeof farEngines)[number];

/** podman's command line is docker's for most of it. */
const dockerLike = ['docker.sh', 'docker-held.sh', 'docker-probe.sh', 'docker-pull.sh'];

/** Which parts belong to some engines only; every other part is in every program. */
const engineParts: Readonly<Record<FarEngine, readonly string[]>> = {
  docker: [...dockerLike, 'docker-store.sh'],
  podman: [...dockerLike, 'podman.sh'],
  containerd: ['containerd.sh', 'containerd-held.sh', 'containerd-pull.sh'],
  archives: ['archives.sh'],
  layout: ['layout.sh'],
};

const known = new Map<FarEngine, FarProgram>();
let knownImport: Buffer | undefined;

/** What import.sh shares with far.sh, in the order in which it is joined. */
const sharedParts = [
  '00-prelude.sh',
  '10-words.sh',
  '20-stage.sh',
  '21-procs.sh',
  '23-tools.sh',
  '24-lock.sh',
  '30-engine.sh',
  '31-root.sh',
  'docker.sh',
  'docker-held.sh',
  'docker-probe.sh',
  'docker-store.sh',
  'podman.sh',
  'containerd.sh',
  'containerd-held.sh',
  'layout.sh',
  'cmd-passport.sh',
  'cmd-probe.sh',
  'cmd-unpack.sh',
  'files-check.sh',
  'files-folders.sh',
  'files-install.sh',
  'files-reload.sh',
  'files-undo.sh',
  'packages.sh',
];

/** The engine's family: what stands before the colon of `--engine`, e.g. of `layout:/srv/images`. */
export function farEngine(engine: string): FarEngine {
  const family = engine.split(':', 1)[0];
  // Two distributions of Kubernetes that bring a containerd of their own.
  if (family === 'k3s' || family === 'rke2') return 'containerd';
  if (family === 'k3s-images' || family === 'rke2-images') return 'archives';
  return farEngines.find((one) => one === family) ?? 'docker';
}

/** The program that is uploaded for an engine. The build lays it beside this file; run from source, it is joined here. */
export function farProgram(engine: FarEngine): FarProgram {
  const before = known.get(engine);
  if (before !== undefined) return before;
  const program = describe(readJoined(`far-${engine}.sh`) ?? joinFar(new URL('./', import.meta.url), engine));
  known.set(engine, program);
  return program;
}

/** import.sh, as it is put into bundles. */
export function importProgram(): Buffer {
  knownImport ??= Buffer.from(readJoined('import.sh') ?? joinImport(new URL('./', import.meta.url)));
  return knownImport;
}

/** far-ENGINE.sh of the parts in this folder's `sh/`. */
export function joinFar(folder: URL, engine: FarEngine): string {
  const own = engineParts[engine];
  const others = new Set(Object.values(engineParts).flat());
  const parts = partsIn(new URL('./sh/', folder)).filter((part) => {
    const name = part.pathname.slice(part.pathname.lastIndexOf('/') + 1);
    return own.includes(name) || !others.has(name);
  });
  return joinParts(parts, `airgap, the far side of ${engine}: docs/far-side.md`);
}

/** import.sh of the parts in this folder's `sh/` and `import/`. The language is seen before the prelude sets another. */
export function joinImport(folder: URL): string {
  const [first, ...own] = partsIn(new URL('./import/', folder));
  const shared = sharedParts.map((name) => new URL(`./sh/${name}`, folder));
  return joinParts(
    [...(first === undefined ? [] : [first]), ...shared, ...own],
    'airgap: loads the bundle that this file lies in; sh import.sh --help',
  );
}

function partsIn(folder: URL): URL[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.sh'));
  return names.toSorted().map((name) => new URL(name, folder));
}

/**
 * Joins the parts. Comment lines and indentation go: they would travel with every run. No part may hold a quoted text
 * of several lines, where that would change its meaning (a test compares what both forms print).
 */
function joinParts(parts: readonly URL[], title: string): string {
  const lines = parts.flatMap((part) => readFileSync(part, 'utf8').split('\n'));
  const kept = lines.map((line) => line.trimStart()).filter((line) => line !== '' && !line.startsWith('#'));
  return `#!/bin/sh\n# ${title}\n${kept.join('\n')}\n`;
}

function readJoined(name: string): string | undefined {
  try {
    return readFileSync(new URL(name, import.meta.url), 'utf8');
  } catch {
    return undefined;
  }
}

function describe(text: string): FarProgram {
  const digest = digestOf(text);
  return { text: Buffer.from(text), digest, name: `far-${hexOf(digest).slice(0, 12)}.sh` };
}
