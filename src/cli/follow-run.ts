// Follows one run to its end: events to the reporter, questions to the terminal, signals to cancel(), and at the end
// what came of it. The result alone says success; the stream is for eyes.
import type { AirgapEvent } from '../events.js';
import type { Plan } from '../plan/plan.js';
import type { Receipt } from '../receipt/receipt.js';
import type { Run } from '../runs/run.js';
import { text } from '../text/text.js';
import { createPrompter } from './prompts.js';
import { endLine } from './report-json.js';
import { chooseReporter, type ReportOptions } from './reporter.js';
import type { World } from './world.js';

// Ten a second for live lines; the reporter decides what is due.
const tickMs = 100;

/** What came of a run. Plans and receipts are from the events: they are there after a failure, too. */
export type Outcome<T> = {
  readonly plans: readonly Plan[];
  readonly receipts: readonly Receipt[];
} & ({ readonly ok: true; readonly value: T } | { readonly ok: false; readonly error: unknown });

/** Never rejects. With `--json` the last line is written here, for any end. */
export async function followRun<T>(
  run: Run<T>,
  world: World,
  options: ReportOptions & { readonly yes?: boolean },
): Promise<Outcome<T>> {
  const reporter = chooseReporter(options, world);
  const startedAt = Date.now();
  const over = new AbortController();
  const close = (): void => reporter.close();
  world.atExit.add(close);
  const stopListening = world.stop.onStop((signal) => {
    const words = text().words.progress;
    reporter.notice(signal === 'SIGINT' ? words.stopping : words.stoppingSignal(signal));
    over.abort();
    run.cancel();
  });
  const ticking = setInterval(() => reporter.tick(Date.now()), tickMs);
  const prompter = createPrompter({
    stdin: world.stdin,
    stderr: world.stderr,
    visible: world.stderrIsTty,
    yes: options.yes ?? false,
    onInterrupt: () => world.stop.request('SIGINT'),
  });

  const plans: Plan[] = [];
  const receipts: Receipt[] = [];
  let last: AirgapEvent | undefined;
  let questions = 0;
  const answer = async (event: Extract<AirgapEvent, { type: 'prompt.needed' }>): Promise<void> => {
    questions += 1;
    reporter.pause();
    const value = await prompter(event.prompt, over.signal);
    questions -= 1;
    if (questions === 0) reporter.resume();
    run.answer(event.id, value);
  };

  try {
    for await (const event of run.events) {
      last = event;
      if (event.type === 'plan') plans.push(event.plan);
      if (event.type === 'host.finished') receipts.push(event.receipt);
      reporter.event(options.dryRun === true && options.json !== true ? inShort(event) : event);
      if (event.type === 'prompt.needed') void answer(event);
    }
    const value = await run.result;
    finish(undefined);
    return { ok: true, value, plans, receipts };
  } catch (error) {
    finish({ error });
    return { ok: false, error, plans, receipts };
  } finally {
    over.abort();
    clearInterval(ticking);
    stopListening();
    world.atExit.delete(close);
  }

  function finish(failure: { readonly error: unknown } | undefined): void {
    reporter.close();
    if (!options.json) return;
    const end = { runId: run.id, last, receipts, startedAt, now: Date.now() };
    world.stdout.raw(endLine(failure === undefined ? end : { ...end, failure }));
  }
}

/** A plan without what would stand twice on a terminal. */
function inShort(event: AirgapEvent): AirgapEvent {
  if (event.type !== 'plan') return event;
  const { files: _files, packages: _packages, ...plan } = event.plan;
  return { ...event, plan };
}

/** For commands that only need the value: throws what the run was rejected with. */
export function resultOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw outcome.error;
}
