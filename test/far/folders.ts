// The far programs of folders: an OCI layout, and the archives that k3s and RKE2 load.
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import ava from 'ava';
import { farEngineContract } from '../contract/far-engine.js';
import { type FarBox, shellNames, withFar } from '../helpers/far-box.js';
import { run } from '../rig/command.js';

// One after another: each starts dozens of processes.
const test = ava.serial;

const kinds = {
  'OCI layout': { engine: 'layout', names: namesOfLayout },
  'k3s-images, rke2-images': { engine: 'k3s-images', names: namesOfArchives },
} as const;

for (const shell of shellNames)
  for (const kind of ['OCI layout', 'k3s-images, rke2-images'] as const)
    farEngineContract({
      test,
      title: `${kind}, ${shell}`,
      kind,
      with: (use) =>
        withFar(shell, async (box: FarBox) => {
          const { engine, names } = kinds[kind];
          const folder = path.join(box.folder, 'out put');
          await use({
            far: box.far,
            call: { engine: `${engine}:${folder}`, sudo: 'no' },
            names: () => names(folder),
            listing: async () => (await run(['ls', '-lAR', folder], { mayFail: true })).stdout,
            left: () => readdir(path.join(box.mine, 'procs')),
          });
        }),
    });

async function namesOfLayout(folder: string): Promise<readonly string[]> {
  const index = await readFile(path.join(folder, 'index.json'), 'utf8').catch(() => '{"manifests":[]}');
  const { manifests } = JSON.parse(index) as { manifests: { annotations: Record<string, string> }[] };
  return manifests.map(({ annotations }) => annotations['io.containerd.image.name'] ?? '');
}

/** What k3s would take for an archive, by the names inside. */
async function namesOfArchives(folder: string): Promise<readonly string[]> {
  const files = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.tar'));
  const manifests = files.map(async (name) => {
    const { stdout } = await run(['tar', '-xOf', path.join(folder, name), 'manifest.json']);
    return (JSON.parse(stdout) as { RepoTags: string[] }[]).flatMap(({ RepoTags }) => RepoTags);
  });
  return (await Promise.all(manifests)).flat();
}
