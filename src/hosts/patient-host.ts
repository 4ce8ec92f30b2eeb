// Wraps a host: a session that has just ended over here may count as open over there for a moment, so that a refusal right
// after it says nothing yet. (OpenSSH's sshd: with MaxSessions 1, the second command in a row is refused.)
import { setTimeout as sleep } from 'node:timers/promises';
import { isAirgapError } from '../errors.js';
import type { Exec, Host } from './host.js';

// A round trip on a satellite link, and a busy sshd's nap.
const graceMs = 2000;
const pauseMs = 50;

/** The same host; exec throws CHANNEL_REFUSED only when no session of ours has ended within the last moments. */
export function createPatientHost(host: Host): Host {
  let lastEnd = Number.NEGATIVE_INFINITY;
  const watch = (exec: Exec): Exec => {
    const ended = (): void => {
      lastEnd = performance.now();
    };
    exec.exit.then(ended, ended);
    return exec;
  };
  return {
    name: host.name,
    address: host.address,
    get handedBytes() {
      return host.handedBytes;
    },
    async exec(argv, options) {
      for (;;) {
        try {
          return watch(await host.exec(argv, options));
        } catch (error) {
          const mayBeLag = performance.now() - lastEnd < graceMs;
          if (!isAirgapError(error, 'CHANNEL_REFUSED') || !mayBeLag) throw error;
          await sleep(pauseMs);
        }
      }
    },
    ...(host.forward === undefined ? {} : { forward: host.forward.bind(host) }),
    close: () => host.close(),
  };
}
