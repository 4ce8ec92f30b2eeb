// Real images for real engines: built FROM scratch by docker itself, of busybox and of files this machine has.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Docker, run } from '../rig/rig.js';
import { inspectImage } from './image-proofs.js';
import { type LayerSpec, writeLayer } from './layer-tar.js';

export * from './image-proofs.js';
export type { LayerSpec } from './layer-tar.js';

export type ImageSpec = {
  readonly reference: string;
  /** Build on this image of the same engine instead of scratch. */
  readonly from?: string;
  readonly layers: readonly LayerSpec[];
  readonly cmd?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** Builds an image of exactly these layers (after those of `from`), oldest first; gives its ID as the engine says it. */
export async function buildImage(docker: Docker, spec: ImageSpec): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'airgap-image-'));
  try {
    const lines = [`FROM ${spec.from ?? 'scratch'}`];
    for (const [index, layer] of spec.layers.entries()) {
      await writeLayer(layer, folder, `layer-${index}.tar`);
      lines.push(`ADD layer-${index}.tar /`);
    }
    for (const [name, value] of Object.entries(spec.env ?? {}))
      lines.push(`ENV ${name}=${JSON.stringify(value)}`);
    if (spec.cmd !== undefined) lines.push(`CMD ${JSON.stringify(spec.cmd)}`);
    await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
    const names = ['Dockerfile', ...spec.layers.map((_, index) => `layer-${index}.tar`)];
    // the context goes through stdin: the CLI may run where this folder is not seen
    await run(['tar', '-C', folder, '-cf', join(folder, 'context.tar'), ...names]);
    const input = { file: join(folder, 'context.tar') };
    // DOCKER_BUILDKIT=0 makes one layer of each ADD on every version, and asks for no plugin
    const env = { DOCKER_BUILDKIT: '0' };
    await docker(['build', '--quiet', '--network=none', '--tag', spec.reference, '-'], { input, env });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const built = await inspectImage(docker, spec.reference);
  if (built === undefined) throw new Error(`${spec.reference} was built, and is not there`);
  return built.id;
}

/** A base that runs. Everything else is built on it. */
export async function buildBusybox(docker: Docker, reference = 'busybox:latest'): Promise<string> {
  return buildImage(docker, { reference, layers: [{ busybox: true }], cmd: ['/bin/sh'] });
}

/** busybox, and an image above it with that many bytes of real files, which apps share. @returns its name */
export async function buildBase(docker: Docker, realBytes: number): Promise<string> {
  const reference = 'plant/base:1';
  await buildBusybox(docker);
  await buildImage(docker, { reference, from: 'busybox:latest', layers: [{ realBytes }] });
  return reference;
}

export type AppSpec = { readonly reference: string; readonly from: string; readonly message: string };

/** One more layer on a base, with a message the image prints when it runs: see expectRuns. */
export async function buildApp(docker: Docker, { reference, from, message }: AppSpec): Promise<string> {
  return buildImage(docker, {
    reference,
    from,
    layers: [{ files: { 'app/message.txt': `${message}\n` } }],
    cmd: ['/bin/busybox', 'cat', '/app/message.txt'],
  });
}

/** The two versions of the walk-through image, and the page each serves. */
export const walkThrough = [
  { reference: 'plant/bus-info:v0.0.1-1', page: '<h1>Bus 12 leaves at 08:05</h1>' },
  { reference: 'plant/bus-info:v0.0.2', page: '<h1>Bus 12 leaves at 08:10</h1>' },
] as const;

/** Makes the walk-through images the way people do by hand: run busybox, write a page, commit. Each runs a web server on port 8080. */
export async function commitWalkThrough(docker: Docker): Promise<void> {
  await buildBusybox(docker);
  let base = 'busybox:latest';
  for (const { reference, page } of walkThrough) {
    const script = `mkdir -p /web/html && echo '${page}' >/web/html/index.html`;
    const made = await docker(['create', '--network=none', base, '/bin/sh', '-c', script]);
    const container = made.stdout.trim();
    await docker(['start', '--attach', container]);
    const serve = JSON.stringify(['/bin/busybox', 'httpd', '-f', '-p', '8080', '-h', '/web/html']);
    await docker(['commit', '--change', `CMD ${serve}`, container, reference]);
    await docker(['rm', container]);
    base = reference;
  }
}

/** Runs a walk-through image and reads its page through its own web server. */
export async function readPage(docker: Docker, reference: string): Promise<string> {
  const container = (await docker(['run', '--detach', '--network=none', reference])).stdout.trim();
  try {
    const fetch =
      'for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://127.0.0.1:8080/ && exit; sleep 1; done; exit 1';
    return (await docker(['exec', container, '/bin/sh', '-c', fetch])).stdout.trim();
  } finally {
    await docker(['rm', '--force', container]);
  }
}
