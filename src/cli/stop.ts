// Signals: the first stops a run cleanly, the second leaves at once. Nothing under way: the first leaves.
// But SIGHUP: the kernel and the shell both send it when one terminal goes, and a read of that terminal fails as well.
// Exit codes are the usual ones, 128 + number: 130 SIGINT, 143 SIGTERM, 129 SIGHUP.

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/** What scripts see when a signal ended the run. */
export const stopExitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const satisfies Record<
  StopSignal,
  number
>;

export interface Stop {
  /** What to do on the first signal; call the result when there is nothing left to stop. */
  onStop(handler: (signal: StopSignal) => void): () => void;
  /** As if the signal had come: Ctrl-C while the terminal is in raw mode. */
  request(signal: StopSignal): void;
  /** The first signal that came. */
  readonly received: StopSignal | undefined;
}

/** Listens on the process. `leave` ends it at once. */
export function createStop(process: NodeJS.Process, leave: (exitCode: number) => void): Stop {
  const handlers = new Set<(signal: StopSignal) => void>();
  let received: StopSignal | undefined;
  const request = (signal: StopSignal): void => {
    const first = received === undefined;
    if (received === 'SIGHUP' && signal === 'SIGHUP' && handlers.size > 0) return;
    received ??= signal;
    if (!first || handlers.size === 0) {
      leave(stopExitCodes[signal]);
      return;
    }
    for (const handler of handlers) handler(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => request(signal));
  return {
    onStop(handler) {
      handlers.add(handler);
      return () => handlers.delete(handler);
    },
    request,
    get received() {
      return received;
    },
  };
}
