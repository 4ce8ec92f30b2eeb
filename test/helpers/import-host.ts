// import.sh on a machine of the rig: a bundle put there, the program run by a shell, what it left behind read back.
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import type { Receipt } from '../../src/receipt/receipt.js';
import { receiptSchema } from '../../src/receipt/receipt-schema.js';
import type { Ran, RigMachine, RunOptions } from '../rig/rig.js';
import { type TestImage, type TestLayer, testImage } from './images.js';
import { type BundleSpec, makeBundle, type TestBundle } from './import-bundles.js';
import { type LayerSpec, writeLayer } from './layer-tar.js';

/** The machine's own architecture, as images spell it. */
export const architecture = process.arch === 'arm64' ? 'arm64' : 'amd64';

/** A layer whose files are really there, and may run. */
export async function realLayer(spec: LayerSpec): Promise<TestLayer> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-layer-'));
  try {
    await writeLayer(spec, folder, 'layer.tar');
    const tar = await readFile(path.join(folder, 'layer.tar'));
    return { tar, diffId: parseDiffId(digestOf(tar), 'a test') };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** An image that prints one line when it runs, on a base that several share. */
export async function runnable(
  name: string,
  message: string,
  base: readonly TestLayer[],
  more: readonly TestLayer[] = [],
): Promise<TestImage> {
  const top = await realLayer({ files: { 'app/message.txt': `${message}\n` } });
  const config = { Cmd: ['/bin/busybox', 'cat', '/app/message.txt'] };
  return testImage({ name, architecture, layers: [...base, ...more, top], config });
}

/** A machine with or without docker. */
type Machine = Pick<RigMachine, 'home' | 'inside'> & { readonly dockerHost?: string };

/** Where things lie on a machine: outside and inside of it. */
export interface Drive {
  readonly outside: string;
  readonly inside: string;
}

/** A fresh folder under root's home there. */
export async function makeDrive(host: Machine): Promise<Drive> {
  const outside = await mkdtemp(path.join(host.home, 'drive-'));
  return { outside, inside: `/root/${path.basename(outside)}` };
}

/** Writes a bundle onto a drive; paths of volumes as they are inside. */
export async function bundleOn(
  drive: Drive,
  spec: Omit<BundleSpec, 'folder'> & { readonly folder?: string },
): Promise<TestBundle & { readonly inside: readonly string[] }> {
  const folder = path.join(drive.outside, spec.folder ?? '');
  await mkdir(folder, { recursive: true });
  const bundle = await makeBundle({ ...spec, folder });
  const inside = bundle.volumes.map((place) => place.replace(drive.outside, drive.inside));
  return { ...bundle, inside };
}

export interface ImportOptions extends RunOptions {
  readonly shell?: readonly string[];
}

/** Runs `import.sh` of this folder there. */
export function runImport(
  host: Machine,
  folder: string,
  words: readonly string[] = [],
  options: ImportOptions = {},
): Promise<Ran> {
  const { shell = ['sh'], env, ...rest } = options;
  const set = Object.entries({ DOCKER_HOST: host.dockerHost ?? '', HOME: '/root', LC_ALL: 'C', ...env });
  const argv = ['env', ...set.map(([key, value]) => `${key}=${value}`), ...shell];
  return host.inside([...argv, `${folder}/import.sh`, ...words], { mayFail: true, ...rest });
}

/** What lies in airgap-returns of a drive: receipts that pass their schema, and passports. */
export async function readReturns(
  drive: Drive,
): Promise<{ readonly receipts: readonly Receipt[]; readonly passports: readonly unknown[] }> {
  const folder = path.join(drive.outside, 'airgap-returns');
  const names = (await readdir(folder)).sort();
  const read = async (kind: string): Promise<unknown[]> =>
    await Promise.all(
      names
        .filter((name) => name.endsWith(`-${kind}.json`))
        .map(async (name): Promise<unknown> => JSON.parse(await readFile(path.join(folder, name), 'utf8'))),
    );
  return {
    receipts: (await read('receipt')).map((one) => receiptSchema.parse(one)),
    passports: await read('passport'),
  };
}

/** What import.sh leaves in its stage: nothing, in the end. */
export async function stageLeft(host: Machine): Promise<string> {
  const { stdout } = await host.inside(['sh', '-c', 'find /root/.cache/airgap 2>/dev/null || :']);
  return stdout;
}
