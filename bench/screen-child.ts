// What bench/screen.ts measures: the screen over a stand-in core with many images and ten hosts that are being sent to.
import { setTimeout as sleep } from 'node:timers/promises';
import { runOnProcess } from '../src/cli/start-process.js';
import { AirgapError } from '../src/errors.js';
import { eventsVersion } from '../src/events.js';
import { digestOf, parseDiffId } from '../src/oci/digest.js';
import type { Core } from '../src/runs/api.js';
import { startRun } from '../src/runs/run.js';
import { createFakeCore } from '../test/helpers/fake-core.js';
import { samplePlan, sampleSummaries } from '../test/helpers/samples.js';

const imageCount = 2000;
const hostCount = 10;
const fake = createFakeCore('works');
const hosts = Array.from({ length: hostCount }, (_, n) => `web${n + 1}`);

const core: Core = {
  ...fake,
  images: async () => {
    const [first] = sampleSummaries(false);
    if (first === undefined) throw new Error('no sample');
    const images = Array.from({ length: imageCount }, (_, n) => ({ ...first, name: `team/service-${n}:1` }));
    return { images, unavailable: [] };
  },
  hosts: async () => hosts.map((name) => ({ name, address: undefined, from: 'config' as const })),
  places: async () => ({ containers: [], composeFiles: [], drives: [], files: [], readyFiles: [] }),
  send: (options) =>
    startRun(async ({ emit, signal }) => {
      emit({ type: 'run.started', version: eventsVersion, command: 'send', tool: 'airgap 0' });
      for (const host of options.hosts) emit({ type: 'plan', host, plan: samplePlan(host) });
      if (options.dryRun) return { plans: [], receipts: [] };
      for (let doneBytes = 0; !signal.aborted; doneBytes += 1_000_000) {
        for (const host of options.hosts) {
          emit({ type: 'host.progress', host, doneBytes, totalBytes: 9e9, estimate: true });
          const diffId = parseDiffId(digestOf(`layer of ${host}`), 'bench');
          emit({
            ...{ type: 'item.progress', kind: 'layer', phase: 'send', host, id: `send:${host}` },
            ...{ label: `layer ${diffId.slice(7, 19)}`, doneBytes, totalBytes: 9e9 },
          });
        }
        await sleep(20, undefined, { signal }).catch(() => undefined);
      }
      throw new AirgapError('CANCELLED', { resumable: true });
    }),
};

process.exit(
  await runOnProcess({
    argv: [],
    process,
    leave: (exitCode) => process.exit(exitCode),
    openCore: async () => core,
    openScreen: async (world, doors) => (await import('../ui/start.js')).startScreen(world, doors),
  }),
);
