// Plans, receipts and images as the core would give them, for tests of views.

import type { Passport } from '../../src/bundle/passport.js';
import type { ExportPlan } from '../../src/bundle/plan-export.js';
import { AirgapError } from '../../src/errors.js';
import type { Image } from '../../src/image/image.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { parseReference } from '../../src/oci/reference.js';
import type { Plan, PlannedLayer } from '../../src/plan/plan.js';
import { type PushPlan, pushTotals } from '../../src/plan/push-plan.js';
import { type Receipt, receiptVersion } from '../../src/receipt/receipt.js';
import type { ImageSummary } from '../../src/stores/store.js';

export const diffId = (name: string) => parseDiffId(digestOf(name), 'test');

const layer = (name: string, route: PlannedLayer['route'], rawBytes: number): PlannedLayer => ({
  diffId: diffId(name),
  route,
  raw: { bytes: rawBytes, kind: 'estimate' },
  wire: {
    bytes: route === 'send' ? Math.round(rawBytes / 3.5) : 0,
    kind: route === 'send' ? 'estimate' : 'exact',
  },
});

export function samplePlan(host: string, isRefused = false): Plan {
  const facts = { host, path: '/var/lib/docker', neededBytes: 9_000_000_000, freeBytes: 1_000_000_000 };
  const { message, hint } = new AirgapError('TARGET_FULL', facts);
  return {
    host,
    engine: { name: 'docker', version: '28.0.1', store: 'overlay2' },
    platform: 'linux/amd64',
    codec: 'zstd',
    codecReason: 'farZstd',
    images: [
      {
        source: 'docker-daemon:nginx:1.27',
        imageId: digestOf('nginx'),
        platform: 'linux/amd64',
        name: 'nginx:1.27',
        named: false,
        layers: [layer('base', 'held', 142_300_000), layer('nginx', 'send', 158_000_000)],
      },
      {
        source: 'docker-daemon:registry.lan:5000/platform/payments/ledger-service:2026.03.1-rc1',
        imageId: digestOf('app'),
        platform: 'linux/amd64',
        name: 'registry.lan:5000/platform/payments/ledger-service:2026.03.1-rc1',
        named: false,
        movesFrom: digestOf('old app'),
        layers: [
          layer('base', 'held', 142_300_000),
          layer('mid', 'splice', 50_000_000),
          layer('app', 'send', 4_000_000),
        ],
      },
    ],
    totals: {
      held: { bytes: 142_300_000, kind: 'estimate' },
      send: { bytes: 162_000_000, kind: 'estimate' },
      splice: { bytes: 50_000_000, kind: 'estimate' },
      wire: { bytes: 46_285_714, kind: 'estimate' },
      withoutAirgap: { bytes: 354_300_000, kind: 'estimate' },
      layerCount: 4,
      heldCount: 1,
      sendCount: 2,
      spliceCount: 1,
      sharedCount: 0,
    },
    disk: [
      { where: 'stage', path: '/home/me/.cache/airgap', neededBytes: 162_000_000, freeBytes: 12_000_000_000 },
      {
        where: 'engine',
        path: '/var/lib/docker',
        neededBytes: isRefused ? 9e9 : 324e6,
        freeBytes: isRefused ? 1e9 : 12e9,
      },
      {
        where: 'spool',
        path: '/home/you/.cache/airgap/spool',
        neededBytes: 162_000_000,
        freeBytes: undefined,
      },
    ],
    warnings: [],
    refusals: isRefused ? [{ code: 'TARGET_FULL', facts, message, hint }] : [],
  };
}

export function sampleExportPlan(isFull = false): ExportPlan {
  const figure = (bytes: number) => ({ bytes, kind: 'estimate' as const });
  return {
    images: [
      {
        source: 'docker-daemon:nginx:1.27',
        reference: 'docker.io/library/nginx:1.27',
        imageId: digestOf('nginx'),
        platform: 'linux/amd64',
        manifest: { made: 'none' },
        layers: [
          { diffId: diffId('base'), raw: figure(142_300_000), route: 'store', stored: figure(49_000_000) },
        ],
      },
    ],
    indexes: [],
    files: [],
    packages: [],
    codec: 'gzip',
    level: 6,
    codecReason: 'noPassport',
    totals: {
      layerCount: 1,
      carryCount: 0,
      storeCount: 1,
      omitCount: 0,
      raw: figure(142_300_000),
      stored: figure(49_000_000),
      omitted: figure(0),
      sharedBytes: 0,
    },
    neededBytes: 164_000_000,
    freeBytes: isFull ? 1_000_000 : 12_000_000_000,
    reservedBytes: 164_000,
  };
}

export function sampleReceipt(host: string): Receipt {
  return {
    version: receiptVersion,
    id: '5f20aa93-c6be-4a1f-9d6f-2b7e3c1d0a99',
    runId: 'run-1',
    host,
    address: '10.0.0.7',
    engine: { name: 'docker', version: '28.0.1', store: 'overlay2' },
    platform: 'linux/amd64',
    startedAt: '2026-03-01T13:05:09.123Z',
    durationMs: 12_300,
    images: [
      {
        reference: 'nginx:1.27',
        source: 'docker-daemon:nginx:1.27',
        imageId: digestOf('nginx'),
        farId: digestOf('nginx'),
        platform: 'linux/amd64',
        diffIds: [diffId('base'), diffId('nginx')],
        proof: 'config-digest',
        present: false,
        layers: { held: 1, sent: 1, spliced: 0 },
      },
      {
        reference: 'app:2',
        source: 'docker-daemon:app:2',
        imageId: digestOf('app'),
        farId: digestOf('app manifest'),
        platform: 'linux/amd64',
        diffIds: [diffId('base')],
        proof: 'manifest-and-create',
        present: true,
        layers: { held: 1, sent: 0, spliced: 0 },
        manifest: { digest: digestOf('app manifest'), layers: [{ digest: digestOf('blob'), size: 12 }] },
      },
    ],
    layerBytes: 45_100_000,
    routeBytes: { held: 284_600_000, sent: 158_000_000, spliced: 0 },
    wireBytes: 45_600_000,
    resumedBytes: 12_000_000,
    tool: 'airgap 0.1.0',
  };
}

export function samplePassport(host: string): Passport {
  return {
    airgap: 'passport',
    version: 1,
    host,
    made: '2026-03-01T13:05:09Z',
    engine: { name: 'docker', version: '28.0.1', store: 'overlay2', kind: 'graphdriver' },
    platform: 'linux/amd64',
    tools: ['gzip', 'zstd'],
    free: { '/var/lib/docker': 12_000_000_000 },
    config: [{ path: '/etc/docker/daemon.json', digest: digestOf('{}') }],
    images: [{ id: digestOf('nginx'), names: ['nginx:1.27'], diffIds: [diffId('base'), diffId('nginx')] }],
    blobs: [],
  };
}

export function sampleSummaries(hostile = false): ImageSummary[] {
  const one = (name: string): ImageSummary => ({
    name,
    references: [],
    imageId: digestOf(name),
    diffIds: [diffId('base')],
    platform: { os: 'linux', architecture: 'amd64' },
    sizeBytes: 187_000_000,
    createdAt: '2026-02-01T00:00:00Z',
    store: 'docker-daemon',
  });
  return [one('nginx:1.27'), one(hostile ? 'evil\u001b[31m:1\u009b2J' : 'app:2')];
}

export function sampleImage(): Image {
  const config = {
    platform: { os: 'linux', architecture: 'amd64' },
    created: '2026-02-01T00:00:00Z',
    author: undefined,
    config: {
      Entrypoint: ['/docker-entrypoint.sh'],
      Cmd: ['nginx', '-g', 'daemon off;'],
      Env: ['PATH=/usr/bin', 'NGINX_VERSION=1.27'],
      ExposedPorts: { '80/tcp': {} },
      WorkingDir: '/srv',
      Labels: { maintainer: 'somebody' },
    },
    diffIds: [diffId('base')],
    history: [],
  };
  return {
    source: 'docker-daemon:nginx:1.27',
    reference: parseReference('nginx:1.27'),
    platform: config.platform,
    imageId: digestOf('nginx'),
    config,
    layers: [],
    rawConfig: async () => new Uint8Array(),
    readGroup: 'test',
    readLayers: async () => undefined,
  };
}

/** A push of one image: a layer is there, one travels. */
export function samplePushPlan(registry: string, isRefused = false): PushPlan {
  const name = `${registry}/library/nginx:1.27`;
  const blob = (of: string, route: 'there' | 'upload', bytes: number) =>
    ({ digest: digestOf(of), kind: 'layer', route, size: { bytes, kind: 'exact' } }) as const;
  const images = [
    {
      source: 'docker-daemon:nginx:1.27',
      imageId: digestOf('nginx'),
      platform: 'linux/amd64',
      name,
      manifest: digestOf('nginx manifest'),
      keepsDigest: true,
      named: false,
      blobs: [blob('base', 'there', 30_000_000), blob('app', 'upload', 12_000_000)],
    },
  ];
  const { message, hint } = new AirgapError('NAME_TAKEN', { host: registry, name });
  const refusals = isRefused
    ? [{ code: 'NAME_TAKEN' as const, facts: { host: registry, name }, message, hint }]
    : [];
  return { registry, images, totals: pushTotals(images), refusals };
}

/** What came of it. */
export function samplePushReceipt(registry: string): Receipt {
  const receipt = sampleReceipt(registry);
  return {
    ...receipt,
    target: 'registry',
    address: registry.split('/')[0] ?? '',
    engine: { name: 'registry', version: 'v2', store: 'registry' },
  };
}
