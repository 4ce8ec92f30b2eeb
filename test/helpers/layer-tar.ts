// Makes layer tars for real images: busybox, named files, real files of this machine, bytes that do not compress.
import { createCipheriv, createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { run } from '../rig/rig.js';

/** What one layer holds; the parts add up. Equal specs give equal layers (same diffID) on one machine. */
export type LayerSpec = {
  /** Static busybox as /bin/busybox and the usual names: what makes an image run. */
  readonly busybox?: boolean;
  /** Path in the image → content. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Regular files of node_modules, /usr/lib and so on, together this many bytes or slightly fewer, under /real. */
  readonly realBytes?: number;
  /** One file of this many bytes that do not compress, made from `seed`, as /random. */
  readonly randomBytes?: number;
  /** Another seed, other bytes. */
  readonly seed?: string;
};

/** Writes `folder/name`. Times and owners are fixed, names sorted: equal specs give equal bytes. */
export async function writeLayer(layer: LayerSpec, folder: string, name: string): Promise<void> {
  const tree = await mkdtemp(join(folder, 'tree-'));
  try {
    if (layer.busybox === true) await putBusybox(tree);
    for (const [path, content] of Object.entries(layer.files ?? {})) {
      await mkdir(dirname(join(tree, path)), { recursive: true });
      await writeFile(join(tree, path), content);
    }
    if (layer.randomBytes !== undefined) {
      await putRandom(join(tree, 'random'), layer.randomBytes, layer.seed ?? '');
    } else if (layer.seed !== undefined) {
      await writeFile(join(tree, 'seed'), layer.seed);
    }
    const fixed = [
      '--sort=name',
      '--mtime=@1700000000',
      '--owner=0',
      '--group=0',
      '--numeric-owner',
      '--mode=go-w',
    ];
    const file = join(folder, name);
    const names = (await readdir(tree)).sort();
    // tar refuses to make an archive of nothing unless an empty list says so
    await run([
      'tar',
      ...fixed,
      '-C',
      tree,
      '-cf',
      file,
      ...(names.length > 0 ? names : ['-T', '/dev/null']),
    ]);
    if (layer.realBytes !== undefined) {
      const list = join(folder, `${name}.list`);
      await writeFile(list, (await realFiles(layer.realBytes)).join('\0'));
      const prefix = ['--absolute-names', '--transform=s,^/,real/,', '--hard-dereference', '--no-recursion'];
      await run(['tar', ...fixed, ...prefix, '-rf', file, '--null', '--verbatim-files-from', '-T', list]);
    }
  } finally {
    await rm(tree, { recursive: true, force: true });
  }
}

async function putBusybox(tree: string): Promise<void> {
  const { stdout } = await run(['sh', '-c', 'command -v busybox']);
  await mkdir(join(tree, 'bin'));
  await copyFile(stdout.trim(), join(tree, 'bin/busybox'));
  await chmod(join(tree, 'bin/busybox'), 0o755);
  for (const applet of ['sh', 'cat', 'echo', 'httpd', 'ls', 'mkdir', 'sleep', 'wget']) {
    await symlink('busybox', join(tree, 'bin', applet));
  }
}

async function putRandom(file: string, size: number, seed: string): Promise<void> {
  const key = createHash('sha256').update(`airgap ${seed}`).digest();
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  const zeros = Buffer.alloc(1 << 20);
  const chunks = function* (): Generator<Buffer> {
    for (let left = size; left > 0; left -= zeros.length) {
      yield cipher.update(left >= zeros.length ? zeros : zeros.subarray(0, left));
    }
  };
  await pipeline(Readable.from(chunks()), createWriteStream(file));
}

const modules = fileURLToPath(new URL('../../node_modules', import.meta.url));

/** Regular files in a fixed order until they hold that many bytes; one that is larger than what is left, or hidden, is passed over. */
async function realFiles(wantedBytes: number): Promise<readonly string[]> {
  const found: string[] = [];
  let left = wantedBytes;
  const walk = async (folder: string): Promise<void> => {
    const entries = await readdir(folder, { withFileTypes: true });
    entries.sort((a, b) => (a.name < b.name ? -1 : 1));
    for (const entry of entries) {
      if (left < 4096) return;
      // caches of the tools that run the tests (node_modules/.cache) grow while they run
      if (entry.name.startsWith('.')) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) await walk(path);
      if (!entry.isFile()) continue;
      const { size } = await stat(path);
      if (size > left) continue;
      left -= size;
      found.push(path);
    }
  };
  for (const folder of [modules, '/usr/lib', '/usr/share', '/usr/bin']) await walk(folder);
  if (left > wantedBytes / 10)
    throw new Error(`this machine has not ${wantedBytes} bytes of files to make a layer of`);
  return found;
}
