// Chooses the catalogue. One language today; a second one is a file beside en.ts and a line here.
import type { ErrorCode, ErrorFacts } from '../errors.js';
import { en } from './en.js';

/** Everything a person reads. */
export type Catalogue = typeof en;

/** The catalogue in use. */
export function text(): Catalogue {
  return en;
}

/** The sentence and the hint for a code. */
export function errorText<C extends ErrorCode>(
  code: C,
  facts: ErrorFacts[C],
): { message: string; hint: string | undefined } {
  const entry = en.errors[code] as ErrorText<C>;
  return { message: entry.message(facts), hint: entry.hint?.(facts) };
}

/** One code's sentence and hint. */
export interface ErrorText<C extends ErrorCode> {
  message(facts: ErrorFacts[C]): string;
  hint?(facts: ErrorFacts[C]): string;
}
