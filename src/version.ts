// Where airgap itself lies, and its version: package.json is one level up from src and from dist.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

interface Tool {
  /** The folder of package.json; of this file if there is none. */
  readonly folder: string;
  readonly version: string;
}

/** `0.1.0`. */
export function toolVersion(): string {
  return findTool().version;
}

/** The folder that airgap is installed in: `bundles/` lies there. */
export function toolFolder(): string {
  return findTool().folder;
}

function findTool(): Tool {
  const folder = new URL('../', import.meta.url);
  try {
    const parsed: unknown = JSON.parse(readFileSync(new URL('package.json', folder), 'utf8'));
    if (typeof parsed === 'object' && parsed !== null && 'version' in parsed)
      return { folder: fileURLToPath(folder), version: String(parsed.version) };
  } catch {
    // Somebody has moved the files apart.
  }
  return { folder: fileURLToPath(new URL('.', import.meta.url)), version: '0.0.0' };
}
