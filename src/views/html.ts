// HTML as text in which nothing from outside can become markup: values are escaped where they are put in.
import { printable } from '../text/format.js';

/** Markup that is safe to print as it is. */
export interface Html {
  readonly markup: string;
}

/** A template whose values are escaped, but for markup made by this same function. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  const markup = parts.reduce((all, part, at) => all + markupOf(values[at - 1] ?? '') + part);
  return { markup };
}

function markupOf(value: string | Html | readonly Html[]): string {
  if (typeof value === 'string') return escapeText(value);
  return 'markup' in value ? value.markup : value.map(({ markup }) => markup).join('');
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeText(text: string): string {
  return printable(text).replace(/[&<>"']/g, (character) => entities[character] ?? '');
}
