// Place and mode of a file on a host, as words: what may stand on the command line, in bundle.yaml and in a plan. far.sh knows the
// same (is_target, is_plan_line) and has the last word.

/** Modes that a file may be given: nobody else may write to it, nothing runs as its owner. */
export const modePattern = /^0[0-7][0-7][0145]$/;

/** A path that needs no quotes anywhere and goes nowhere but down, at least one folder deep; what far.sh calls is_target. */
export function isTarget(path: string): boolean {
  if (path.length > 400 || !/^(?:\/[A-Za-z0-9._+@~:-]+){2,}$/.test(path)) return false;
  return !path.split('/').some((part) => part === '.' || part === '..' || part.startsWith('.airgap-'));
}

/** `SOURCE:/TARGET[:MODE]`. A folder may be called after HOST:PORT; what stands behind a colon without another folder is the mode. */
export const fileWordPattern = /^(.+):(\/(?:(?!:\/).)*?)(?::([^:/]*))?$/s;

/** `644`, `0644` as `0644`; undefined for what lets others write, runs as its owner, or is no mode. */
export function parseMode(text: string): string | undefined {
  const mode = text.length === 3 ? `0${text}` : text;
  return modePattern.test(mode) ? mode : undefined;
}
