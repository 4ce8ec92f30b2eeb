// Words of a run under way: steps, items, questions, stopping.
import type { ItemPhase, Prompt, StepName } from '../events.js';
import { count, formatBytes, formatDuration, formatRate } from './format.js';

const steps = {
  connect: 'connecting',
  probe: 'looking around',
  plan: 'planning',
  send: 'sending',
  load: 'loading',
  verify: 'proving',
  files: 'putting files in place',
  packages: 'installing packages',
  clean: 'cleaning up',
  seal: 'sealing',
  reread: 'reading back',
} satisfies Record<StepName, string>;

const phases = {
  spool: 'packing',
  send: 'sending',
  load: 'loading',
  verify: 'proving',
  pack: 'packing',
  reread: 'checking',
} satisfies Record<ItemPhase, string>;

const phasesDone = {
  spool: 'packed',
  send: 'sent',
  load: 'loaded',
  verify: 'proved',
  pack: 'packed',
  reread: 'checked',
} satisfies Record<ItemPhase, string>;

// Whole seconds and never none: a guess that shows tenths promises too much.
const remaining = (ms: number): string =>
  ms < 9500 ? `${Math.max(1, Math.round(ms / 1000))} s` : formatDuration(ms);

interface Amount {
  readonly doneBytes: number;
  readonly totalBytes: number | undefined;
  readonly estimate: boolean;
}

/** Of a run under way. */
export const progress = {
  steps,
  phases,
  phasesDone,
  /** `12.3 MB of ~45.6 MB`. */
  amount: ({ doneBytes, totalBytes, estimate }: Amount) =>
    totalBytes === undefined
      ? formatBytes(doneBytes)
      : `${formatBytes(doneBytes)} of ${formatBytes(totalBytes, estimate)}`,
  rate: (bytesPerSecond: number) => formatRate(bytesPerSecond),
  left: (ms: number) => `${remaining(ms)} left`,
  remaining: (ms: number) => remaining(ms),
  stalled: 'waiting',
  percent: (share: number) => `${Math.floor(share * 100)} %`,
  more: (n: number) => `+${n} more`,
  hostsDone: (done: number, total: number) => `${done} of ${count(total, 'host')} done`,
  held: (n: number) => `${count(n, 'layer')} already there`,
  /** What a line about a host begins with. */
  lead: (host: string) => `${host}: `,
  /** Parts of one line. */
  parts: (parts: readonly string[]) => parts.join(', '),
  done: (ms: number) => `done in ${formatDuration(ms)}`,
  failed: (message: string) => `failed: ${message}`,
  leftBehind: (message: string) =>
    `the images are there, but not everything of ours could be removed; the next send does it (${message})`,
  warning: (message: string) => `warning: ${message}`,
  planned: (facts: {
    send: number;
    pull: number;
    layers: number;
    wire: string;
    without: string | undefined;
  }) =>
    facts.pull > 0
      ? `${facts.pull} of ${count(facts.layers, 'layer')} to be pulled there`
      : facts.send === 0
        ? `${facts.layers === 1 ? 'the one layer is' : `all ${count(facts.layers, 'layer')} are`} there already, nothing to send`
        : `${facts.send} of ${count(facts.layers, 'layer')} to send, ${facts.wire}${facts.without === undefined ? '' : ` instead of ${facts.without}`}`,
  stopping: 'Stopping cleanly; what has arrived is kept. Press Ctrl-C again to leave at once',
  stoppingSignal: (signal: string) => `Stopping cleanly on ${signal}; what has arrived is kept`,
  leaving: 'Left without cleaning up; run the same command to resume',
};

/** Questions of a run; each fits a line, and says what to type. */
export const questions = {
  ask: (prompt: Prompt): string => {
    switch (prompt.kind) {
      case 'host-key':
        return 'Is that its key? Type yes to trust it from now on, anything else to stop:';
      case 'passphrase':
        return `Passphrase of ${prompt.key}:`;
      case 'password':
        return `${prompt.label.replace(/[:\s]+$/, '')} (${prompt.user} on ${prompt.host}):`;
      case 'user':
        return `User at ${prompt.host}:`;
      case 'sudo':
        return `sudo password of ${prompt.user} on ${prompt.host}:`;
      case 'confirm':
        return `${prompt.question} [y/N]`;
    }
  },
  /** Lines above the question. */
  before: (prompt: Prompt): readonly string[] =>
    prompt.kind === 'host-key'
      ? [
          `${prompt.host} is not known yet`,
          `Its ${prompt.keyType} key is ${prompt.fingerprint}`,
          'Compare it on that machine: ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub',
        ]
      : [],
};
