// What every language fills: the keys and parameters of the English catalogue, with any words in them.
import type { ErrorCode, ErrorFacts } from '../errors.js';
import type { en } from './en.js';

/** One code's sentence and hint. */
export interface ErrorText<C extends ErrorCode> {
  message(facts: ErrorFacts[C]): string;
  hint(facts: ErrorFacts[C]): string;
}

/** The same shape, with every literal text as any text. */
type Wide<T> = T extends string
  ? string
  : T extends (...given: infer Given) => infer Made
    ? (...given: Given) => Wide<Made>
    : T extends readonly (infer One)[]
      ? readonly Wide<One>[]
      : { readonly [K in keyof T]: Wide<T[K]> };

/** Everything a person reads, in one language. */
export interface Catalogue extends Wide<Omit<typeof en, 'errors' | 'screenHints'>> {
  /** Of the same codes in every language. */
  readonly screenHints: { readonly [C in keyof typeof en.screenHints]: (facts: ErrorFacts[C]) => string };
  readonly errors: { readonly [C in ErrorCode]: ErrorText<C> };
}
