// Why a push cannot start, as its plan tells it.
import type { Refusal } from '../plan/plan.js';
import { errorText } from '../text/text.js';

/** Of a name that stands for something else and is to be left alone. */
export const nameTaken = (host: string, name: string, bundle?: string): Refusal =>
  refusal('NAME_TAKEN', { host, name, ...(bundle === undefined ? {} : { bundle }) });

export function refusal<C extends 'PUSH_BASE_MISSING' | 'NAME_TAKEN'>(
  code: C,
  facts: Parameters<typeof errorText<C>>[1],
): Refusal {
  return { code, facts, ...errorText(code, facts) };
}
