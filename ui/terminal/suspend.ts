// Ctrl-Z: the terminal goes to the shell, the process stops, and `fg` brings it back.
import { setTimeout as sleep } from 'node:timers/promises';

/** Ink's: gives the terminal away, waits, takes it again and draws everything anew. */
export type GiveAway = (until: () => Promise<void>) => Promise<void>;

export interface Suspension {
  /** Stops now. */
  stop(): void;
  close(): void;
}

// Of a stopped process no timer runs. Where nobody can bring it back (no shell above it) the kernel does not stop it, and
// this is how long its screen is gone.
const stopMs = 50;

/** Listens to what stops and continues a process from outside as well. `giveAway` is asked for each time. */
export function openSuspension(giveAway: () => GiveAway | undefined): Suspension {
  let isAway = false;
  const away = (until: () => Promise<void>): void => {
    const give = giveAway();
    if (isAway || give === undefined) return;
    isAway = true;
    void give(until).finally(() => {
      isAway = false;
    });
  };
  const stop = (): void =>
    away(async () => {
      process.off('SIGTSTP', stop);
      // The whole group, as the terminal itself would: what started airgap stops as well.
      process.kill(0, 'SIGTSTP');
      await sleep(stopMs);
      process.on('SIGTSTP', stop);
      // The window may have changed meanwhile; only Node's own handler looks.
      process.kill(process.pid, 'SIGWINCH');
    });
  // Stopped by SIGSTOP, which cannot be heard: whatever had the terminal meanwhile, it is drawn anew.
  const continued = (): void => away(async () => undefined);
  process.on('SIGTSTP', stop).on('SIGCONT', continued);
  return {
    stop,
    close: () => void process.off('SIGTSTP', stop).off('SIGCONT', continued),
  };
}
