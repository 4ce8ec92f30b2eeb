// The catalogue in use. A further language is the files beside en*.ts, its name in language.ts and a line here.
import type { ErrorCode, ErrorFacts } from '../errors.js';
import type { Catalogue } from './catalogue.js';
import { en } from './en.js';
import type { Language } from './language.js';

export type { Catalogue, ErrorText } from './catalogue.js';

// Not set to `en` here: where that is loaded first, it is not there yet (its errors need digests, digests need errors).
let chosen: Catalogue | undefined;

/** The catalogue in use: English until another is chosen. Ask for it where words are made, never while a file is loaded. */
export function text(): Catalogue {
  return chosen ?? en;
}

/** Chooses the language of every text from now on; once, before the first is made. Only this loads another than English. */
export async function setLanguage(language: Language): Promise<void> {
  chosen = language === 'zh' ? (await import('./zh.js')).zh : undefined;
}

/** Who reads: hints tell what to type, or what to press. */
export type Face = 'command line' | 'screen';
let face: Face = 'command line';

/** Chooses whom hints speak to from now on. */
export function setFace(now: Face): void {
  face = now;
}

/** The sentence and the hint for a code. */
export function errorText<C extends ErrorCode>(
  code: C,
  facts: ErrorFacts[C],
): { message: string; hint: string } {
  const entry = text().errors[code];
  const said = withHostSaid(facts);
  // The blank beside a host's name has no place between two words of Chinese.
  const join = (sentence: string): string =>
    said === facts ? sentence : sentence.replace(/(?<=\p{Script=Han}) (?=\p{Script=Han})/gu, '');
  const hint = (face === 'screen' ? onScreen(code) : undefined) ?? entry.hint;
  return { message: join(entry.message(said)), hint: join(hint(said)) };
}

function onScreen<C extends ErrorCode>(code: C): ((facts: ErrorFacts[C]) => string) | undefined {
  const hints: { readonly [K in ErrorCode]?: (facts: ErrorFacts[K]) => string } = text().screenHints;
  return hints[code];
}

/** `local:` is typed, and never said. */
function withHostSaid<T extends object>(facts: T): T {
  return 'host' in facts && facts.host === 'local:' ? { ...facts, host: text().words.thisMachine } : facts;
}
