// States of the screen as people come upon them, for tests of what is drawn and what is done with it.
import { knownOptions } from '../../src/cli/known-options.js';
import { eventsVersion } from '../../src/events.js';
import type { InspectedLayer } from '../../src/runs/api.js';
import { type AppState, initialState, newJob, type Target } from '../../ui/state/app-state.js';
import { type Command, commandsOf } from '../../ui/state/command.js';
import type { Browser } from '../../ui/state/extras.js';
import { offeredOptions } from '../../ui/state/options.js';
import { reduce } from '../../ui/state/reduce.js';
import { registryTarget } from '../../ui/state/targets.js';
import {
  diffId,
  sampleImage,
  samplePassport,
  samplePlan,
  samplePushPlan,
  sampleReceipt,
  sampleSummaries,
} from './samples.js';

const now = Date.parse('2026-11-01T12:00:00Z');

export function sampleTarget(name: string, more: Partial<Target> = {}): Target {
  return {
    id: `host:${name}`,
    kind: 'host',
    name,
    address: '10.0.0.7',
    from: 'config',
    lastSend: undefined,
    freeBytes: undefined,
    probe: { is: 'ready', value: samplePassport(name) },
    ...more,
  };
}

/** Images, targets and a file are chosen; nothing has been planned. */
export function readyState(hostile = false): AppState {
  const images = sampleSummaries(hostile);
  const repo = '/etc/yum.repos.d/docker-ce.repo';
  const usb = '/media/usb';
  const state: AppState = {
    ...initialState,
    now,
    images: { is: 'ready', value: { images, unavailable: [] } },
    targets: [
      sampleTarget('web1'),
      sampleTarget(usb, { id: `folder:${usb}`, kind: 'folder', from: 'drive', freeBytes: 12e9 }),
      sampleTarget('web2', {
        probe: {
          is: 'failed',
          error: {
            code: 'SSH_REFUSED',
            message: 'web2 refused the connection\u001b[2J',
            hint: 'Is sshd running there?',
          },
        },
      }),
    ],
    knownOptions: offeredOptions(knownOptions()),
    options: new Map([['--limit', ['20Mbit']]]),
    receipts: { is: 'ready', value: [sampleReceipt('web1')] },
  };
  const chosen = reduce(state, {
    type: 'choose',
    images: images.map(({ name }) => name),
    targets: ['host:web1', `folder:${usb}`],
  });
  return reduce(chosen, { type: 'extra.add', words: ['--repo', repo], from: 'typed' });
}

/** What sends one image to these hosts. */
export function sendCommand(...targets: string[]): Command {
  return { kind: 'send', targets, words: ['send', targets.join(','), 'app:2'] };
}

/** What pushes one image to this registry. */
export function pushCommand(registry: string): Command {
  return { kind: 'push', targets: [registry], words: ['push', 'app:2', registry] };
}

/** Registries in every state, with the cursor on the one that failed. */
function registries(ready: AppState): AppState {
  const error = {
    code: 'REGISTRY_TLS',
    message: 'hub.lan is not trusted\u001b[2J',
    hint: 'Put the certificate '.repeat(20),
  };
  const targets = [
    {
      ...registryTarget(`registry.lan:5000/${'deep/'.repeat(20)}x`, 'typed'),
      reach: { is: 'asking' as const },
    },
    {
      ...registryTarget('registry.lan', 'receipt', '2026-10-01T12:00:00Z'),
      reach: { is: 'ready' as const, value: { origin: 'https://registry.lan', user: 'me\u001b[2J' } },
    },
    { ...registryTarget('hub.lan', 'typed'), reach: { is: 'failed' as const, error } },
  ];
  const all = [...ready.targets, ...targets];
  return {
    ...ready,
    screen: 'targets',
    targets: all,
    targetRows: { ...ready.targetRows, cursor: all.length - 1 },
  };
}

const browser = (hostile: boolean): Browser => ({
  path: '/srv',
  rows: { ...initialState.extraRows, cursor: 40 },
  listing: {
    path: `/srv/${'deep/'.repeat(40)}`,
    isCut: true,
    entries: Array.from({ length: 50 }, (_, n) => ({
      name: hostile ? `${n}\u001b[2J` : `file ${n}`,
      kind: 'file',
      bytes: n,
    })),
  },
});

/** Every screen with something on it, also the awkward moments. */
export function everyScreen(hostile = false): ReadonlyMap<string, AppState> {
  const ready = readyState(hostile);
  const [command = sendCommand('web1')] = commandsOf(ready);
  const planned: AppState = {
    ...ready,
    screen: 'plan',
    planning: { is: 'ready', parts: [{ kind: 'send', command, plan: samplePlan('web1') }] },
  };
  const job = newJob('job', sendCommand('web1', 'web2'));
  const event = { runId: 'r', at: now };
  const running = reduce(
    { ...ready, screen: 'run', jobs: [job] },
    {
      type: 'job.told',
      id: 'job',
      now,
      log: [['a line ', 'x'.repeat(300)]],
      events: [
        { ...event, type: 'run.started', version: eventsVersion, command: 'send', tool: 'airgap 0' },
        { ...event, type: 'plan', host: 'web1', plan: samplePlan('web1') },
        { ...event, type: 'host.progress', host: 'web1', doneBytes: 1e6, totalBytes: 9e6, estimate: true },
      ],
    },
  );
  const question = {
    id: 'q',
    runId: 'r',
    prompt: { kind: 'host-key', host: 'web1', keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' },
  } as const;
  const layer = (name: string): InspectedLayer => ({
    diffId: diffId(name),
    bytes: 98_000_000,
    exact: false,
    createdBy: hostile ? 'RUN \u001b[2J' : 'RUN make',
    sharedWith: ['a:1', 'b:1', 'c:1', 'd:1'],
  });
  const found = Array.from({ length: 20 }, (_, n) => ({
    path: hostile ? `${n}\u001b[2J` : `usr/${'deep/'.repeat(30)}${n}`,
    bytes: 9_000_000 - n,
  }));
  const inspected: AppState = {
    ...ready,
    screen: 'inspect',
    inspecting: 'nginx:1.27',
    inspected: new Map([
      [
        'nginx:1.27',
        {
          is: 'ready',
          value: { image: sampleImage(), layers: Array.from({ length: 30 }, (_, n) => layer(`l${n}`)) },
        },
      ],
    ]),
    layerRows: { ...ready.layerRows, cursor: 29 },
    layerFiles: new Map([
      [
        diffId('l29'),
        {
          is: 'reading',
          files: { diffId: diffId('l29'), fileCount: 9000, bytes: 9e8, biggest: found },
        },
      ],
    ]),
  };
  return new Map<string, AppState>([
    ['loading', { ...initialState, now }],
    ['images', ready],
    ['containers', { ...ready, imageTab: 'container' }],
    ['filtered', { ...ready, imageRows: { ...ready.imageRows, filter: 'no such thing' } }],
    ['inspect', { ...ready, screen: 'inspect', inspecting: 'nginx:1.27' }],
    ['layers', inspected],
    ['settings', { ...inspected, showsConfig: true }],
    ['targets', { ...ready, screen: 'targets', targetRows: { ...ready.targetRows, cursor: 2 } }],
    ['registries', registries(ready)],
    [
      'push plan',
      {
        ...ready,
        screen: 'plan',
        planning: {
          is: 'ready',
          parts: [
            {
              kind: 'push',
              command: pushCommand('registry.lan/site'),
              plan: samplePushPlan('registry.lan/site'),
            },
            { kind: 'push', command: pushCommand('hub.lan'), plan: samplePushPlan('hub.lan', true) },
          ],
        },
      },
    ],
    ['extras', { ...ready, screen: 'extras' }],
    ['browser', { ...ready, screen: 'extras', browser: browser(hostile) }],
    ['plan', planned],
    ['options', { ...ready, screen: 'options' }],
    ['bundles', { ...ready, imageTab: 'bundle' }],
    ['run', running],
    ['question', { ...running, questions: [question], answer: { value: 'ye' }, listening: 'question q' }],
    ['question just come', { ...running, questions: [question] }],
    ['field', { ...ready, field: { purpose: 'target', value: `/media/${'long'.repeat(40)}` } }],
    [
      'field refused',
      {
        ...ready,
        field: {
          purpose: 'option',
          option: { flag: '--limit', takes: 'RATE', repeats: false, about: 'x', of: ['send'] },
          value: hostile ? '9\u001b[2J' : 'fast',
          behind: 2,
          refused: { code: 'USAGE', message: hostile ? 'no\u001b[2J' : 'no rate', hint: 'Write '.repeat(30) },
        },
      },
    ],
    [
      'filter',
      { ...ready, imageRows: { ...ready.imageRows, filter: '镜像'.repeat(60), typing: true, behind: 3 } },
    ],
    ['confirm', { ...running, confirm: { what: 'cancel', subject: 'web1, web2' } }],
    ['history', { ...ready, screen: 'history' }],
    ['proof', { ...ready, screen: 'proof', proof: sampleReceipt('web1') }],
    ['help', { ...ready, help: true }],
  ]);
}
