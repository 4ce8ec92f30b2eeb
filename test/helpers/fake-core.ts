// A test double of the core for tests of its faces: real runs made with startRun, which tell what `scene` says.
import { setTimeout as sleep } from 'node:timers/promises';
import { formatPassport } from '../../src/bundle/passport.js';
import { AirgapError } from '../../src/errors.js';
import { eventsVersion, type ItemPhase } from '../../src/events.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { isReceiptFile, readReceiptFile } from '../../src/receipt/receipt-file.js';
import type { Core, SendOptions, SendResult } from '../../src/runs/api.js';
import type { SavedTarget } from '../../src/runs/local-api.js';
import { type RunContext, startRun } from '../../src/runs/run.js';
import { showBundle } from '../../src/runs/show-bundle.js';
import { verify } from '../../src/runs/verify-bundle.js';
import {
  sampleExportPlan,
  sampleImage,
  samplePassport,
  samplePlan,
  samplePushPlan,
  samplePushReceipt,
  sampleReceipt,
  sampleSummaries,
} from './samples.js';

/** What happens in a send: see the functions below. */
export type Scene =
  | 'works'
  | 'hangs'
  | 'asks-host-key'
  | 'asks-passphrase'
  | 'asks-confirm'
  | 'one-fails'
  | 'refused'
  | 'plan-fails'
  /** Of an export: another bundle lies there. */
  | 'taken'
  | 'bug'
  | 'silent'
  | 'hostile'
  | 'busy'
  | 'many-lines'
  /** For pictures: names as people have them. */
  | 'shown'
  /** Nothing that a core may do: for what a screen does with its own bugs. */
  | 'broken-image'
  | 'broken-places';

const sent = { digest: digestOf('file'), previous: null, mode: '0640', backup: null };
const files = [
  { ...sent, to: '/opt/app.env', kind: 'file' as const, source: '/srv/app.env' },
  { ...sent, to: '/etc/docker/daemon.json' },
];

const siteBundle = {
  paths: ['/media/usb/site'],
  name: 'site',
  images: 3,
  files: 2,
  packages: 0,
  bytes: 640_000_000,
  missing: [],
};

export function createFakeCore(scene: Scene): Core {
  let saved: SavedTarget[] = [];
  const loggedIn = new Set<string>();
  return {
    targets: async () => saved,
    checkTarget: async (name) => namedTarget(name),
    addTarget: async (name) => {
      const target = namedTarget(name);
      saved = [...saved, target];
      return target;
    },
    forgetTarget: async (name) => {
      const before = saved.length;
      saved = saved.filter((target) => target.name !== name);
      return saved.length < before;
    },
    listFolder: async (folder) => {
      if (folder.endsWith('locked'))
        throw new AirgapError('DRIVE_FAILED', { path: folder, detail: 'denied' });
      const inside = folder.endsWith('conf');
      return {
        path: inside ? '/srv/conf' : '/srv',
        isCut: false,
        entries: inside
          ? [
              { name: 'app.env', kind: 'file', bytes: 120 },
              { name: scene === 'hostile' ? 'x\u001b[2J.repo' : 'site.repo', kind: 'file', bytes: 90 },
            ]
          : [
              { name: 'conf', kind: 'folder', bytes: undefined },
              { name: 'locked', kind: 'folder', bytes: undefined },
              { name: 'rpms', kind: 'folder', bytes: undefined },
            ],
      };
    },
    lookAtFolder: async (folder) => ({
      freeBytes: 12_000_000_000,
      receipts:
        folder === '/media/usb'
          ? [
              {
                ...sampleReceipt('edge1'),
                id: 'abcdef00-1',
                startedAt: '2026-04-01T10:00:00.000Z',
                bundle: { name: 'site', digest: digestOf('site') },
              },
            ]
          : [],
      bundles: folder === '/media/usb' ? [siteBundle] : [],
      passports:
        folder === '/media/usb'
          ? [{ path: `${folder}/edge1.json`, host: 'edge1', made: '2026-03-01T13:05:09Z', images: 3 }]
          : [],
    }),
    lookAtBundle: async (named) => {
      if (named !== '/srv/site')
        throw new AirgapError('BUNDLE_INVALID', { path: named, problem: 'not-found' });
      return { ...siteBundle, paths: [named] };
    },
    send: (options) => startRun((context) => send(scene, options, context)),
    export: (options) =>
      startRun(async ({ emit }) => {
        if (options.dryRun === true) {
          const plan = sampleExportPlan(scene === 'refused');
          emit({ type: 'export.plan', place: `${options.destination}/airgap-bundle`, plan });
          if (scene === 'taken' && options.replace !== true)
            throw new AirgapError('BUNDLE_EXISTS', { path: `${options.destination}/airgap-bundle` });
          if (scene !== 'refused') return { place: options.destination, plan, durationMs: 5 };
        }
        throw new AirgapError('DRIVE_FULL', { path: '/media/usb', neededBytes: 9, freeBytes: 1 });
      }),
    import: ({ paths, to = 'local:', ...options }) =>
      startRun(async (context) => {
        const [path = ''] = paths;
        if (!path.endsWith('/site')) throw new AirgapError('BUNDLE_INVALID', { path, problem: 'no-seal' });
        const sent = await send(scene, { ...options, hosts: [to], images: [] }, context);
        return { ...sent, bundle: { name: 'site', digest: digestOf('site') } };
      }),
    images: async () => ({
      images: imagesOf(scene),
      unavailable: [{ store: 'docker-daemon', message: 'docker does not answer' }],
    }),
    inspect: async (source) => {
      if (source === 'missing') {
        throw new AirgapError('IMAGE_UNKNOWN', {
          image: source,
          store: 'docker-daemon',
          near: ['mission:1'],
        });
      }
      return {
        image: sampleImage(),
        layers: [
          {
            diffId: parseDiffId(`sha256:${'1'.repeat(64)}`, 'test'),
            bytes: 98_000_000,
            exact: false,
            createdBy: '/bin/sh -c #(nop) ADD file:abc in / ',
            sharedWith: ['base:1', 'other:2'],
          },
          {
            diffId: parseDiffId(`sha256:${'2'.repeat(64)}`, 'test'),
            bytes: 1200,
            exact: true,
            createdBy: undefined,
            sharedWith: [],
          },
        ],
      };
    },
    layerFiles: (_source, { layer }) =>
      startRun(async ({ emit, signal }) => {
        const files = (name: string, count: number) => ({
          diffId: parseDiffId(`sha256:${name.repeat(64)}`, 'test'),
          fileCount: count,
          bytes: count * 1_000_000,
          biggest: [{ path: scene === 'hostile' ? 'a\u001b[2Jb' : 'usr/lib/big.so', bytes: 900_000 }],
        });
        const name = layer?.includes('2222') === true ? '2' : '1';
        emit({ type: 'layer.files', ...files(name, 1), isWhole: false });
        if (scene === 'hangs') await hang('here', signal, () => undefined, false);
        emit({ type: 'layer.files', ...files(name, 3), isWhole: true });
        return layer === undefined ? [files('1', 3), files('2', 3)] : [files(name, 3)];
      }),
    places: async () => {
      if (scene === 'broken-places') throw new TypeError('x is not a function');
      return {
        containers: [
          { name: 'shop', image: 'shop:1', running: true, state: 'Up 3 hours', createdAt: undefined },
          { name: 'old', image: 'shop:0', running: false, state: 'Exited (0)', createdAt: undefined },
          { name: 'db', image: 'db:1', running: true, state: 'Up 3 hours', createdAt: undefined },
        ],
        composeFiles: [{ path: '/srv/app/compose.yaml', images: ['mission:1', 'missing:1'] }],
        drives: [{ path: '/media/usb', freeBytes: 12_000_000_000 }],
        files: ['/etc/yum.repos.d/docker-ce.repo'],
        readyFiles: ['/opt/airgap/bundles/docker/docker-ce.repo'],
      };
    },
    doctor: (host) =>
      startRun(async () => [
        { level: 'ok', subject: 'Node', text: 'v24' },
        ...(host === 'broken'
          ? [
              {
                level: 'problem' as const,
                subject: 'Engine',
                text: 'docker is not running, and nothing else that airgap could load images into was found there',
                hint: 'Start it there: systemctl start docker',
              },
            ]
          : []),
      ]),
    clean: () =>
      startRun(async ({ ask }) => {
        const answer = await ask({
          kind: 'confirm',
          question: 'Remove 12 MB of unfinished sends from web1?',
        });
        if (answer !== 'yes') {
          throw new AirgapError('PROMPT_REFUSED', { question: 'Remove 12 MB?', flag: '--yes' });
        }
        return [{ path: '/home/me/.cache/airgap/abc', bytes: 12_000_000 }];
      }),
    // These need nothing but files.
    verify: (options) => startRun((context) => verify(options, context)),
    show: (paths) => showBundle(paths),
    passport: (host) =>
      startRun(async ({ ask }) => {
        const key = { keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' };
        // Those of the ssh config are known already.
        if (scene === 'asks-host-key' && host?.startsWith('web9') === true) {
          if ((await ask({ kind: 'host-key', host, ...key })) === undefined)
            throw new AirgapError('HOST_KEY_UNKNOWN', { host, ...key, files: [] });
        }
        const passport = samplePassport(host ?? 'here');
        return {
          passport,
          document: formatPassport(passport),
          otherEngines: host === 'web1' ? ['podman'] : [],
        };
      }),
    rollback: (host, { receipt }) =>
      startRun(async () => {
        if (receipt === 'none')
          throw new AirgapError('ROLLBACK_UNKNOWN', { host: host ?? 'local:', receipt });
        const files = [{ path: '/etc/docker/daemon.json', done: 'restored' as const }];
        return { root: 'no' as const, receipt: 'abc', files, by: 'airgap' as const };
      }),
    push: ({ registry, dryRun }) =>
      startRun(async ({ emit }) => {
        const plan = samplePushPlan(registry, scene === 'refused');
        emit({ type: 'push.plan', plan });
        if (dryRun === true) return { plan };
        const receipt = samplePushReceipt(registry);
        emit({ type: 'host.finished', host: registry, receipt });
        return { plan, receipt };
      }),
    login: ({ registry, ...known }) =>
      startRun(async ({ ask }) => {
        const user = known.user ?? (await ask({ kind: 'user', host: registry }));
        if (user === undefined) throw new AirgapError('PROMPT_REFUSED', { question: 'User', flag: '-' });
        const label = 'Password';
        const password = known.password ?? (await ask({ kind: 'password', host: registry, user, label }));
        if (password === undefined) throw new AirgapError('PROMPT_REFUSED', { question: label, flag: '-' });
        if (password !== 'secret')
          throw new AirgapError('REGISTRY_DENIED', {
            registry,
            repository: '',
            problem: 'wrong-login',
            detail: '',
          });
        loggedIn.add(registry);
        const keptIn = { kind: 'file' as const, path: '/home/me/.docker/config.json' };
        return { registry, user, keptIn, older: [], isToken: false, isProved: true, isInsecure: false };
      }),
    mirrorConfig: ({ registry }) =>
      startRun(async () => ({
        registry,
        origin: '',
        isSupposed: false,
        doubts: [],
        isWritten: false,
        configs: [],
      })),
    lookAtRegistry: (registry) =>
      startRun(async () => {
        if (registry.startsWith('closed') && !loggedIn.has(registry.split('/')[0] ?? ''))
          throw new AirgapError('REGISTRY_DENIED', {
            registry,
            repository: '',
            problem: 'no-login',
            detail: '',
          });
        return { origin: `https://${registry}`, user: undefined };
      }),
    logout: async (registry) => ({
      registry,
      left: [],
      from: loggedIn.delete(registry) ? [{ kind: 'file', path: '/home/me/.docker/config.json' }] : [],
    }),
    demo: () =>
      startRun(async ({ emit }) => {
        emit({ type: 'note', message: 'Two images were made' });
        return { receipts: [sampleReceipt('demo')], durationMs: 1234 };
      }),
    spoolEntries: async () => ({
      directory: '/home/me/.cache/airgap/spool',
      limitBytes: 10_000_000_000,
      entries: [
        {
          diffId: `sha256:${'3'.repeat(64)}`,
          codec: 'zstd',
          bytes: 12_000_000,
          rawBytes: 48_000_000,
          finished: true,
          usedAt: Date.now() - 7_200_000,
        },
      ],
    }),
    spoolPrune: async () => 12_000_000,
    hosts: async () => [
      { name: 'web1', address: '10.0.0.7', from: 'config' },
      { name: scene === 'shown' ? 'web2' : 'db$(touch pwned)', address: undefined, from: 'config' },
    ],
    receipts: async () => [sampleReceipt('web1')].map((one) => (scene === 'works' ? { ...one, files } : one)),
    receipt: async (wanted) => {
      if (isReceiptFile(wanted)) return await readReceiptFile(wanted);
      return wanted === '1' ? sampleReceipt('web1') : undefined;
    },
  };
}

function imagesOf(scene: Scene): ReturnType<typeof sampleSummaries> {
  const images = sampleSummaries(scene === 'hostile');
  if (scene === 'broken-image') return [{} as never];
  const [first] = images;
  if (scene !== 'shown' || first === undefined) return images;
  const shown = ['redis:7', 'postgres:17', 'registry.lan/plant/bus-info:v0.0.2', 'grafana/grafana:12.1'];
  return [...images, ...shown.map((name, n) => ({ ...first, name, sizeBytes: (n + 1) * 41_000_000 }))];
}

async function send(scene: Scene, options: SendOptions, context: RunContext): Promise<SendResult> {
  const { emit, ask, signal } = context;
  const host = options.hosts[0] ?? '';
  if (scene === 'bug') throw new TypeError('x is not a function');
  if (scene !== 'silent') {
    emit({ type: 'run.started', version: eventsVersion, command: 'send', tool: 'airgap 0' });
  }
  for (const one of options.hosts) emit({ type: 'step.started', step: 'connect', host: one });
  if (scene === 'asks-host-key') {
    const answers = await Promise.all(
      options.hosts.map((one) =>
        ask({ kind: 'host-key', host: one, keyType: 'ssh-ed25519', fingerprint: `SHA256:of-${one}` }),
      ),
    );
    emit({ type: 'note', message: `answers ${answers.map(String).join(' ')}` });
    if (answers.includes(undefined)) {
      throw new AirgapError('HOST_KEY_UNKNOWN', {
        host,
        keyType: 'ssh-ed25519',
        fingerprint: 'SHA256:abc',
        files: [],
      });
    }
  }
  if (scene === 'asks-passphrase') {
    const answer = await ask({ kind: 'passphrase', key: '/home/me/.ssh/id_ed25519' });
    emit({ type: 'note', message: `${answer?.length ?? 'no'} characters` });
  }
  if (scene === 'many-lines') {
    for (let n = 0; n < 20_000; n += 1) emit({ type: 'note', message: `line ${n}` });
  }
  for (const one of options.hosts) {
    emit({ type: 'step.finished', step: 'connect', host: one });
    if (scene === 'plan-fails' && one === options.hosts[1]) {
      const failed = new AirgapError('SSH_LOST', { host: one, detail: 'reset by peer' });
      emit({ type: 'host.failed', host: one, error: failed.toJSON() });
      throw new AirgapError('HOSTS_FAILED', { failed: 1, total: options.hosts.length }, { cause: failed });
    }
    emit({ type: 'plan', host: one, plan: samplePlan(one, scene === 'refused') });
  }
  if (options.dryRun) {
    emit({ type: 'run.finished', receipts: [], durationMs: 5 });
    return { plans: options.hosts.map((one) => samplePlan(one, scene === 'refused')), receipts: [] };
  }
  if (scene === 'hostile') {
    emit({
      type: 'warning',
      host,
      code: 'TEST',
      message: 'engine says \u001b]0;owned\u0007\u001b[2Jhello\nhost2: done',
    });
  }
  if (scene === 'hangs' || scene === 'shown' || scene === 'busy')
    await hang(host, signal, emit, scene === 'busy');
  const receipts = options.hosts.slice(0, scene === 'one-fails' ? 1 : undefined).map(sampleReceipt);
  for (const receipt of receipts) {
    emit({ type: 'item.finished', ...image('verify', receipt.host), doneBytes: 0 });
    emit({ type: 'host.finished', host: receipt.host, receipt });
  }
  if (scene === 'one-fails') {
    const failed = new AirgapError('SSH_LOST', { host: options.hosts[1] ?? '', detail: 'reset by peer' });
    emit({ type: 'host.failed', host: options.hosts[1] ?? '', error: failed.toJSON() });
    const error = new AirgapError(
      'HOSTS_FAILED',
      { failed: 1, total: options.hosts.length },
      { cause: failed },
    );
    emit({ type: 'run.failed', error: error.toJSON(), receipts, durationMs: 10 });
    throw error;
  }
  if (scene !== 'silent') emit({ type: 'run.finished', receipts, durationMs: 10 });
  return { plans: [], receipts };
}

const image = (phase: ItemPhase, host: string) =>
  ({ id: `${phase}:${host}:app`, kind: 'image', phase, host, label: 'app:2' }) as const;

/** Goes on until it is cancelled; leaves after a clean-up that takes a moment. */
async function hang(
  host: string,
  signal: AbortSignal,
  emit: RunContext['emit'],
  busy: boolean,
): Promise<void> {
  emit({ type: 'step.started', step: 'send', host });
  const items = busy ? 60 : 3;
  let doneBytes = 0;
  while (!signal.aborted) {
    doneBytes += 1_000_000;
    emit({ type: 'host.progress', host, doneBytes, totalBytes: 900_000_000, estimate: true });
    for (let n = 0; n < items; n += 1) {
      const diffId = parseDiffId(digestOf(`layer ${n}`), 'test');
      emit({
        type: 'item.progress',
        id: `send:${host}:${diffId}`,
        kind: 'layer',
        phase: 'send',
        host,
        label: `layer ${diffId.slice(7, 19)}`,
        doneBytes: doneBytes / items,
        totalBytes: 300_000_000,
      });
    }
    await sleep(50, undefined, { signal }).catch(() => undefined);
  }
  await sleep(200);
  throw new AirgapError('CANCELLED', { resumable: true });
}

function namedTarget(name: string): SavedTarget {
  if (name.includes(' ')) throw new AirgapError('HOST_INVALID', { input: name });
  if (name.startsWith('/')) return { kind: 'folder', name };
  return name.includes('/') ? { kind: 'registry', name: name.replace(/\/$/, '') } : { kind: 'host', name };
}
