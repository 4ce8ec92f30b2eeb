// What a logout has done, a sentence a place.
import type { LogoutResult } from '../runs/logins.js';
import { text } from '../text/text.js';

/** Where logins are gone from, or that there was none, and what is left of parts of the registry. */
export function viewLogout({ registry, from, left, onlyIn }: LogoutResult): string[] {
  const words = text().words.login;
  const gone = from.map((one) => words.forgotten(registry, one.kind === 'helper' ? one.program : one.path));
  return [
    ...(gone.length === 0 ? [words.notThere(registry, onlyIn)] : gone),
    ...left.map((part) => words.left(part)),
  ];
}
