// What a typed line means as the answer to a question of a run; the same for both faces.
import type { Prompt } from '../events.js';

/** What a person must never see on the screen while typing it. */
export function isSecret(prompt: Prompt): boolean {
  return prompt.kind !== 'host-key' && prompt.kind !== 'confirm' && prompt.kind !== 'user';
}

/** Only a clear yes is a yes; a secret is what was typed, also if it is empty. Undefined declines. */
export function understood(prompt: Prompt, line: string | undefined): string | undefined {
  if (line === undefined || isSecret(prompt)) return line;
  if (prompt.kind === 'user') return line.trim();
  const word = line.trim().toLowerCase();
  const agreed = prompt.kind === 'confirm' ? word === 'y' || word === 'yes' : word === 'yes';
  return agreed ? 'yes' : undefined;
}
