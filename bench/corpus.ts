// The images that travel, FROM scratch out of real trees: a Debian base, the node program, dependencies, an app. Made once
// and kept: bench/shop:1.0.0, bench/shop:1.0.1 (only the app layer differs) and bench/big:1 (2 GB, for the memory measure).
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { ask, run } from './command.js';
import { takeFiles, writeTar } from './trees.js';

export const shop = 'bench/shop:1.0.0';
export const changedShop = 'bench/shop:1.0.1';
export const big = 'bench/big:1';

const baseBytes = 120e6;
const dependencyBytes = 350e6;
const bigLayerBytes = 500e6;
const bigLayers = 4;
const projectRoot = resolve(import.meta.dirname, '..');

/** Everything `docker build` needs, as folders with a Dockerfile; their order matters. */
const contexts = ['base', 'app-1.0.0', 'app-1.0.1', 'big'] as const;

/** Makes the build contexts. May use the network (mmdebstrap); without it the base is a part of /usr. */
export async function prepareContexts(directory: string): Promise<string> {
  const ready = join(directory, 'contexts');
  if (existsSync(ready) || existsSync(join(directory, 'corpus-loaded'))) return ready;
  const making = join(directory, 'contexts.making');
  await rm(making, { recursive: true, force: true });
  for (const context of contexts) await mkdir(join(making, context), { recursive: true });
  await makeBase(join(making, 'base'));
  await makeApp(join(making, 'app-1.0.0'), '1.0.0');
  await makeApp(join(making, 'app-1.0.1'), '1.0.1');
  await makeBig(join(making, 'big'));
  await rename(making, ready);
  return ready;
}

/** Builds the images in the near engine if it does not have them. */
export async function loadCorpus(directory: string, env: NodeJS.ProcessEnv): Promise<void> {
  const marker = join(directory, 'corpus-loaded');
  const images = [shop, changedShop, big];
  const there = await Promise.all(images.map((image) => ask('docker', ['image', 'inspect', image], { env })));
  if (existsSync(marker) && there.every((answer) => answer !== undefined)) return;
  await rm(marker, { force: true });
  const root = await prepareContexts(directory);
  const names = { base: 'bench/shop-base:1', 'app-1.0.0': shop, 'app-1.0.1': changedShop, big };
  for (const context of contexts) {
    const args = ['build', '--quiet', '--tag', names[context], join(root, context)];
    await run('docker', args, { env: { ...env, DOCKER_BUILDKIT: '0' } });
  }
  await writeFile(marker, '');
  await rm(root, { recursive: true, force: true });
}

async function makeBase(context: string): Promise<void> {
  const debian = join(context, 'debian.tar');
  const flags = ['--variant=minbase', '--mode=root', '--aptopt=Acquire::Check-Valid-Until "false"'];
  const suite =
    (await ask('sh', ['-c', '. /etc/os-release && echo "$VERSION_CODENAME"']))?.trim() ?? 'stable';
  const made = await ask('mmdebstrap', [...flags, suite, debian]);
  if (made === undefined) {
    console.error('bench: mmdebstrap does not work here; the base layer is a part of /usr/lib instead');
    await writeTree(debian, { parts: ['usr/lib'], maxBytes: baseBytes });
  }
  const node = {
    root: dirname(process.execPath),
    files: [basename(process.execPath)],
    prefix: 'usr/local/bin',
  };
  await writeTar(join(context, 'node.tar'), node);
  await makeDependencies(context);
  await writeFile(
    join(context, 'Dockerfile'),
    ['FROM scratch', 'ADD debian.tar /', 'ADD node.tar /', 'ADD dependencies.tar /', ''].join('\n'),
  );
}

/** The project's own node_modules, filled up with program libraries: many small files and some big ones. */
async function makeDependencies(context: string): Promise<void> {
  const modules = await takeFiles({
    root: projectRoot,
    parts: ['node_modules'],
    maxBytes: dependencyBytes,
    exclude: (path) => basename(path).startsWith('node-linux-'),
  });
  const tar = join(context, 'dependencies.tar');
  await writeTar(tar, { root: projectRoot, files: modules.files, prefix: 'srv/app' });
  const more = join(context, 'libraries.tar');
  const parts = ['usr/include', 'usr/lib/python3', 'usr/share', 'usr/lib'];
  await writeTree(more, { parts, maxBytes: dependencyBytes - modules.bytes });
  await run('tar', ['--concatenate', `--file=${tar}`, more]);
  await rm(more);
}

async function makeApp(context: string, version: string): Promise<void> {
  const tar = join(context, 'app.tar');
  const { files } = await takeFiles({ root: projectRoot, parts: ['src', 'package.json'], maxBytes: 4e6 });
  await writeTar(tar, { root: projectRoot, files, prefix: 'srv/app' });
  await writeFile(join(context, 'VERSION'), `${version}\n`);
  await run('tar', [
    '--append',
    `--file=${tar}`,
    '--transform=s,^,srv/app/,',
    `--directory=${context}`,
    'VERSION',
  ]);
  await writeFile(
    join(context, 'Dockerfile'),
    ['FROM bench/shop-base:1', 'ADD app.tar /', 'CMD ["/usr/local/bin/node", "--version"]', ''].join('\n'),
  );
}

async function makeBig(context: string): Promise<void> {
  const lines = ['FROM scratch'];
  for (let layer = 0; layer < bigLayers; layer += 1) {
    const name = `part-${layer}.tar`;
    const parts = ['usr/lib', 'usr/bin', 'usr/share', 'usr/libexec', 'usr/include', 'usr/sbin'];
    await writeTree(join(context, name), {
      parts,
      maxBytes: bigLayerBytes,
      skipBytes: layer * bigLayerBytes,
    });
    if ((await stat(join(context, name))).size > 2 ** 20) lines.push(`ADD ${name} /part-${layer}/`);
  }
  lines.push('CMD ["/nothing"]', '');
  await writeFile(join(context, 'Dockerfile'), lines.join('\n'));
}

async function writeTree(
  tarPath: string,
  tree: { parts: readonly string[]; maxBytes: number; skipBytes?: number },
): Promise<void> {
  const { files } = await takeFiles({ root: '/', ...tree });
  await writeTar(tarPath, { root: '/', files, prefix: '.' });
}
