// Notices that a far side which ought to speak has not done so for too long.

export interface Watchdog {
  /** Something was heard, or bytes were taken: the time starts again. */
  touch(): void;
  /** Whether anything is awaited at all. */
  setActive(active: boolean): void;
  stop(): void;
}

/** Calls `onSilent` once, when it was active and untouched for `ms`. */
export function createWatchdog(ms: number, onSilent: () => void): Watchdog {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const start = (): void => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(onSilent, ms);
  };
  return {
    touch() {
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
