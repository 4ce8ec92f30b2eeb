// Keeps secrets out of differences that are shown, logged and kept as events: passwords of repo files and of URLs.

/** Whether everybody on the host may read it; what is not for them is not for a screen either. */
export function isShowable(mode: string): boolean {
  return (Number.parseInt(mode, 8) & 0o004) !== 0;
}

/** Hides values of keys that hold secrets, and passwords in URLs. */
export function masked(text: string): string {
  return text
    .replace(/^(.?\s*"?[\w.-]*(?:password|passwd|secret|token)[\w.-]*"?\s*[=:]\s*).+$/gim, '$1•••')
    .replace(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@"']*):[^\s/@"']+@/gi, '$1:•••@');
}
