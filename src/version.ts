// The version in package.json, which lies one level up from src and two from dist/src.
import { readFileSync } from 'node:fs';

/** `0.1.0`. */
export function toolVersion(): string {
  for (const up of ['..', '../..']) {
    try {
      const parsed: unknown = JSON.parse(
        readFileSync(new URL(`${up}/package.json`, import.meta.url), 'utf8'),
      );
      if (typeof parsed === 'object' && parsed !== null && 'version' in parsed) return String(parsed.version);
    } catch {
      // The next place.
    }
  }
  return '0.0.0';
}
