// Registries, proxies and token servers that a test plays itself, and what becomes of asking them.
import { mkdir, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import path from 'node:path';
import { AirgapError } from '../../src/errors.js';
import { http } from '../../src/registry/node-http.js';
import { openRegistries } from '../../src/registry/open-registries.js';
import { greetRegistry, type Registry } from '../../src/registry/registry.js';
import { withTempDir } from './tmp.js';

interface Asking {
  readonly env?: NodeJS.ProcessEnv;
  /** Below the home. */
  readonly files?: Readonly<Record<string, object>>;
}

/** What greeting a registry fails with. */
export async function greet(host: string, asking: Asking = {}): Promise<AirgapError> {
  return await failureOf(host, greetRegistry, asking);
}

/** What that fails with. */
export async function failureOf(
  host: string,
  ask: (registry: Registry) => Promise<unknown>,
  { env = {}, files = {} }: Asking = {},
): Promise<AirgapError> {
  return await withFiles(files, async (home) => {
    const registries = openRegistries({ HOME: home, XDG_RUNTIME_DIR: home, ...env });
    try {
      await ask(await registries.registry(host));
    } catch (error) {
      if (error instanceof AirgapError) return error;
      throw error;
    } finally {
      registries.close();
    }
    throw new Error('nothing failed');
  });
}

/** Lends a home with these files in it. */
export async function withFiles<T>(
  files: Record<string, object>,
  use: (home: string) => Promise<T>,
): Promise<T> {
  return await withTempDir(async (home) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(path.dirname(path.join(home, name)), { recursive: true });
      await writeFile(path.join(home, name), JSON.stringify(content));
    }
    return await use(home);
  });
}

/** Lends a server's HOST:PORT. */
export async function withServer(
  listener: RequestListener,
  use: (host: string) => Promise<void>,
): Promise<void> {
  const server = http.createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  try {
    await use(`127.0.0.1:${typeof address === 'object' ? address?.port : undefined}`);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
