// Reads single values as ssh_config(5) writes them: flags, times, the rule for host keys.
import type { HostKeyRules } from './target.js';

export const isYes = (value: string | undefined): boolean => /^(?:yes|true)$/i.test(value ?? '');
export const isNo = (value: string | undefined): boolean => /^(?:no|false)$/i.test(value ?? '');

const secondsPerUnit: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * A time in seconds, of sshd_config(5) TIME FORMATS: `90`, `10s`, `1h30m`; `none` is 0. Undefined for anything else.
 * The number may be too large for a timer.
 */
export function parseSeconds(value: string): number | undefined {
  const text = value.toLowerCase();
  if (text === 'none') return 0;
  if (!/^(?=.)(?:\d+[smhdw])*\d*$/.test(text)) return undefined;
  let seconds = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)([smhdw]?)/g)) {
    seconds += Number(count) * (secondsPerUnit[unit] ?? 1);
  }
  return seconds;
}

/** A value of StrictHostKeyChecking, with what accepts everything as `accept-new`. `ssh -G` prints true and false. */
export function parseStrict(value: string): HostKeyRules['strict'] | undefined {
  const text = value.toLowerCase();
  if (isYes(text)) return 'yes';
  if (text === 'ask') return 'ask';
  return isNo(text) || text === 'off' || text === 'accept-new' ? 'accept-new' : undefined;
}
