// A worker thread that runs check jobs one after another. Stands alone: it is loaded by its path.
import { parentPort } from 'node:worker_threads';
import { type CheckJob, type CheckResult, runCheck } from './check-job.js';

export type CheckMessage =
  | { readonly kind: 'bytes'; readonly bytes: number }
  | { readonly kind: 'done'; readonly result: CheckResult };

/** Progress is told this often; a message costs some microseconds. */
const reportBytes = 16 * 1024 * 1024;

parentPort?.on('message', async (job: CheckJob) => {
  let since = 0;
  const result = await runCheck(job, (bytes) => {
    since += bytes;
    if (since < reportBytes) return;
    post({ kind: 'bytes', bytes: since });
    since = 0;
  });
  post({ kind: 'bytes', bytes: since });
  post({ kind: 'done', result });
});

function post(message: CheckMessage): void {
  parentPort?.postMessage(message);
}
