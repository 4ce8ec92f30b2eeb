// Notices that a far side which ought to speak has not done so for too long.

export interface Watchdog {
  /** Something was heard, or bytes were taken: the time starts again, so many times as long as usual. */
  touch(times?: number): void;
  /** Whether anything is awaited at all. */
  setActive(active: boolean): void;
  stop(): void;
}

/** Calls `onSilent` once with the milliseconds waited, when it was active and untouched for `ms`, times what the last touch said. */
export function createWatchdog(ms: number, onSilent: (ms: number) => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let patience = 1;
  const start = (): void => {
    clearTimeout(timer);
    const limit = ms * patience;
    if (!stopped) timer = setTimeout(() => onSilent(limit), limit);
  };
  return {
    touch(times = patience) {
      patience = times;
      if (timer !== undefined) start();
    },
    setActive(active) {
      if (active && timer === undefined) start();
      if (active) return;
      clearTimeout(timer);
      timer = undefined;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
