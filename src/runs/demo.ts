// `airgap demo`: the real send, with the real far.sh, to a real SSH server on loopback. It touches nothing of the user's:
// home, XDG folders, keys and known_hosts of both sides are its own and are removed at the end.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AirgapError, isAirgapError } from '../errors.js';
import { type DemoServer, startDemoServer } from '../hosts/demo-server.js';
import { digestFromHex, hexOf } from '../oci/digest.js';
import { parseIndex, parseManifest } from '../oci/manifest.js';
import type { Receipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import type { Core, SendOptions } from './api.js';
import { type ImageRecipe, type LayerRecipe, packagesUpTo, writeDemoLayout } from './demo-images.js';
import type { RunContext } from './run.js';

export interface DemoResult {
  readonly receipts: readonly Receipt[];
  readonly durationMs: number;
}

const names = { first: 'demo.local/shop:1.0', second: 'demo.local/shop:1.1', third: 'demo.local/ledger:2.0' };
// Enough to see it move, little enough to be over soon.
const libraryBytes = 36e6;
// Slow enough that the third transfer can be cut in its middle on any machine; bytes a second.
const cutRate = 2e6;

/** @param coreFor makes a core that lives in other folders @throws whatever a real send throws, VERIFY_FAILED */
export async function demo(
  coreFor: (env: NodeJS.ProcessEnv) => Core,
  context: RunContext,
): Promise<DemoResult> {
  const say = text().demo;
  const { emit, signal } = context;
  const note = (message: string): void => emit({ type: 'note', message });
  const startedAt = Date.now();
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-demo-'));
  let server: DemoServer | undefined;
  try {
    note(say.intro);
    const images = path.join(folder, 'images');
    note(say.made(Object.values(names), await makeImages(folder, images)));
    server = await startDemoServer({ home: path.join(folder, 'far') });
    const running = server;
    const stored = path.join(folder, 'far', 'images');
    const core = coreFor(await nearEnvironment(folder, running));
    const address = `demo@127.0.0.1:${running.port}`;
    note(say.host(address));
    const options = (name: string, limit?: number): SendOptions => ({
      hosts: [address],
      ...(limit === undefined ? {} : { limitBytesPerSecond: limit }),
      images: [{ source: `oci:${images}:${name}` }],
      engine: `layout:${stored}`,
      connect: {
        configFile: 'none',
        identityFiles: [path.join(folder, 'near', 'key')],
        sshOptions: [
          `UserKnownHostsFile=${path.join(folder, 'near', 'known_hosts')}`,
          'GlobalKnownHostsFile=none',
        ],
        client: 'ssh2',
      },
    });
    const receipts: Receipt[] = [];
    const sendOne = async (name: string, cut?: Cutter): Promise<Receipt> => {
      signal.throwIfAborted();
      const run = core.send(options(name, cut === undefined ? undefined : cutRate));
      const cancel = (): void => run.cancel();
      signal.addEventListener('abort', cancel, { once: true });
      for await (const event of run.events) {
        if (event.type === 'host.progress') cut?.at(event.doneBytes);
        if (event.type === 'host.progress' || event.type.startsWith('item.')) emit(event);
      }
      signal.removeEventListener('abort', cancel);
      const receipt = (await run.result).receipts[0];
      if (receipt === undefined) throw new Error('a send without a receipt');
      receipts.push(receipt);
      return receipt;
    };
    for (const [lead, name] of [
      [say.first, names.first],
      [say.second, names.second],
    ] as const) {
      note(lead(name));
      const receipt = await sendOne(name);
      note(say.sent(receipt.layerBytes, receipt.routeBytes.held, receipt.durationMs));
    }
    note(say.third(names.third));
    await cutInTheMiddle(sendOne, createCutter(running), note);
    note(say.resume);
    const third = await sendOne(names.third);
    note(say.resumed(third.layerBytes, third.resumedBytes, third.durationMs));
    const proof = await proveLayout(stored);
    note(say.proved(proof.images, proof.blobs));
    note(say.next);
    return { receipts, durationMs: Date.now() - startedAt };
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Three images: base and libraries shared by the first two, the third with a big layer of its own. Returns layer bytes. */
async function makeImages(folder: string, layout: string): Promise<number> {
  const base = path.join(folder, 'base');
  await mkdir(path.join(base, 'bin'), { recursive: true });
  await cp(process.execPath, path.join(base, 'bin', 'node'));
  const nodeModules = path.resolve(createRequire(import.meta.url).resolve('tar'), '../../../..');
  const packages = await packagesUpTo(nodeModules, libraryBytes);
  const app = async (version: string): Promise<LayerRecipe> => {
    const cwd = path.join(folder, `app-${version}`);
    await mkdir(path.join(cwd, 'app'), { recursive: true });
    await writeFile(path.join(cwd, 'app', 'main.mjs'), `console.log('shop ${version}');\n`);
    return { createdBy: `COPY app ${version}`, cwd, paths: ['app'] };
  };
  const node: LayerRecipe = { createdBy: 'COPY bin/node /bin/node', cwd: base, paths: ['bin'] };
  const half = Math.floor(packages.length / 2);
  const libraries = (from: number, to: number): LayerRecipe => ({
    createdBy: `COPY ${to - from} packages`,
    cwd: nodeModules,
    paths: packages.slice(from, to),
  });
  const recipes: ImageRecipe[] = [
    { name: names.first, layers: [node, libraries(0, half), await app('1.0')] },
    { name: names.second, layers: [node, libraries(0, half), await app('1.1')] },
    { name: names.third, layers: [node, libraries(half, packages.length), await app('2.0')] },
  ];
  await writeDemoLayout(layout, recipes);
  const blobs = path.join(layout, 'blobs/sha256');
  const sizes = await Promise.all(
    (await readdir(blobs)).map(async (name) => (await stat(path.join(blobs, name))).size),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function nearEnvironment(folder: string, server: DemoServer): Promise<NodeJS.ProcessEnv> {
  const near = path.join(folder, 'near');
  await mkdir(near, { recursive: true, mode: 0o700 });
  await writeFile(path.join(near, 'key'), server.clientKey, { mode: 0o600 });
  await writeFile(path.join(near, 'known_hosts'), `${server.hostKeyLine}\n`, { mode: 0o600 });
  return {
    PATH: process.env.PATH,
    HOME: near,
    XDG_CACHE_HOME: path.join(near, 'cache'),
    XDG_STATE_HOME: path.join(near, 'state'),
  };
}

interface Cutter {
  /** Called with the bytes that have gone. */
  at(bytes: number): void;
  /** Bytes that had gone when it cut; undefined if it has not. */
  readonly cutAt: () => number | undefined;
}

/** Cuts every connection once a little has gone; once. */
function createCutter(server: DemoServer): Cutter {
  let cutAt: number | undefined;
  return {
    at(bytes) {
      if (cutAt !== undefined || bytes < 1_000_000) return;
      cutAt = bytes;
      server.killConnections();
    },
    cutAt: () => cutAt,
  };
}

async function cutInTheMiddle(
  sendOne: (name: string, cut: Cutter) => Promise<Receipt>,
  cutter: Cutter,
  note: (message: string) => void,
): Promise<void> {
  const say = text().demo;
  try {
    await sendOne(names.third, cutter);
    note(say.notCut);
  } catch (error) {
    if (!isAirgapError(error, 'SSH_LOST')) throw error;
    note(say.cut(cutter.cutAt() ?? 0, error.message));
  }
}

/** Reads the far layout by itself, without anything that the send used: index, manifests, and every blob's digest. */
async function proveLayout(layout: string): Promise<{ readonly images: number; readonly blobs: number }> {
  const blobs = path.join(layout, 'blobs/sha256');
  const there = new Set(await readdir(blobs));
  for (const name of there) {
    const hash = createHash('sha256');
    for await (const chunk of createReadStream(path.join(blobs, name))) hash.update(chunk);
    const got = hash.digest('hex');
    if (got !== name) {
      throw new AirgapError('DIGEST_MISMATCH', {
        what: `blob ${name}`,
        got,
        want: digestFromHex(name, 'blob'),
      });
    }
  }
  const index = parseIndex(await readFile(path.join(layout, 'index.json')), 'index.json');
  for (const { digest } of index.manifests) {
    const manifest = parseManifest(await readFile(path.join(blobs, hexOf(digest))), 'manifest');
    for (const needed of [manifest.config, ...manifest.layers]) {
      if (!there.has(hexOf(needed.digest))) {
        throw new AirgapError('IMAGE_INCOMPLETE', { image: digest, missing: needed.digest });
      }
    }
  }
  return { images: index.manifests.length, blobs: there.size };
}
