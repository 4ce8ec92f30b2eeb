// `npm run build && npm run bench:registry`: 200 images of 20 small layers each, from Debian's docker-registry into a bundle. Told: how
// long the plan took after the last document had come, the peak of memory, and whether each blob was asked for once.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { testImage, testLayer } from '../test/helpers/images.js';
import { pushTo } from '../test/helpers/push.js';
import { openRegistryRig } from '../test/rig/registry.js';
import { openRegistryProxy } from '../test/rig/registry-proxy.js';
import { peakBytesOf, treeOf } from './proc.js';

const imageCount = Number(process.env.AIRGAP_BENCH_IMAGES ?? 200);
const layerCount = 20;
const airgap = resolve(import.meta.dirname, '..', 'bin', 'airgap');

async function main(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'airgap-bench-'));
  const registry = await openRegistryRig({ folder: join(folder, 'registry') });
  const proxy = await openRegistryProxy({ to: registry.origin });
  try {
    const names = await fill(registry.origin);
    const env = {
      PATH: process.env.PATH,
      HOME: folder,
      XDG_CACHE_HOME: join(folder, 'cache'),
      XDG_STATE_HOME: join(folder, 'state'),
    };
    for (const round of ['cold', 'the same again']) {
      await rm(join(folder, 'drive'), { recursive: true, force: true });
      proxy.asked.length = 0;
      let lastDocumentAt = 0;
      proxy.play(({ method, url }) => {
        // Blobs are asked for before the plan only for configs.
        if (!planned && (method === 'HEAD' || !url.endsWith('/v2/'))) lastDocumentAt = Date.now();
        return undefined;
      });
      let planned = false;
      let plannedAt = 0;
      const startedAt = Date.now();
      const sources = names.map((name) => `docker://${proxy.host}/${name}`);
      const args = ['export', join(folder, 'drive'), '--no-read-back', '--json', ...sources];
      const child = spawn(airgap, args, { env, stdio: ['ignore', 'pipe', 'inherit'] });
      let peakBytes = 0;
      let cpuSeconds = 0;
      const watching = setInterval(() => {
        const tree = treeOf(child.pid ?? 0);
        for (const { pid } of tree) peakBytes = Math.max(peakBytes, peakBytesOf(pid) ?? 0);
        cpuSeconds = Math.max(cpuSeconds, ...tree.map((one) => one.cpuSeconds));
      }, 50);
      for await (const line of createInterface({ input: child.stdout })) {
        if (planned || !line.includes('"type":"export.plan"')) continue;
        planned = true;
        plannedAt = Date.now();
      }
      clearInterval(watching);
      const blobs = proxy.asked.filter(({ url, method }) => method === 'GET' && url.includes('/blobs/'));
      const seconds = (ms: number): string => `${(ms / 1000).toFixed(2)} s`;
      console.log(
        `${round}: documents ${seconds(lastDocumentAt - startedAt)}, plan after them ${seconds(plannedAt - lastDocumentAt)}, ` +
          `whole ${seconds(Date.now() - startedAt)}, processor ${cpuSeconds.toFixed(1)} s, peak ${(peakBytes / 1e6).toFixed(0)} MB, ${proxy.asked.length} requests, ` +
          `${blobs.length} for blobs, ${blobs.length - new Set(blobs.map(({ url }) => url)).size} of them twice`,
      );
    }
  } finally {
    await proxy.close();
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Pushes them, each in a repository of its own. */
async function fill(origin: string): Promise<string[]> {
  const push = pushTo(origin);
  const numbers = Array.from({ length: imageCount }, (_, at) => at);
  const names: string[] = [];
  const work = async (): Promise<void> => {
    for (let at = numbers.shift(); at !== undefined; at = numbers.shift()) {
      const layers = Array.from({ length: layerCount }, (_, layer) =>
        testLayer(`bench-${at}-${layer}`, 2000),
      );
      await push.image(`bench/app-${at}`, '1', testImage({ name: 'bench', layers }));
      names.push(`bench/app-${at}:1`);
    }
  };
  await Promise.all(Array.from({ length: 8 }, work));
  return names;
}

await main();
