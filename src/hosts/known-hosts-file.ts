// Reads known_hosts files and appends to the user's own.
import { mkdir, open } from 'node:fs/promises';
import path from 'node:path';
import { AirgapError } from '../errors.js';
import { type KnownHostEntry, parseKnownHosts } from './known-hosts.js';

// 100 000 lines of hashed RSA keys; a larger file would make every connection slow.
const fileLimitBytes = 64 * 1024 * 1024;

/** Every entry of every file, in their order. Files that are not there or may not be read say nothing. */
export async function readKnownHosts(files: readonly string[]): Promise<readonly KnownHostEntry[]> {
  const entries: KnownHostEntry[] = [];
  for (const file of files) entries.push(...parseKnownHosts(await readText(file), file));
  return entries;
}

/** Appends a line. The file is made with mode 0600, its folder with 0700; what is there keeps its mode. */
export async function appendKnownHost(file: string, line: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 });
  const handle = await open(file, 'a+', 0o600);
  try {
    const { size } = await handle.stat();
    const last = Buffer.alloc(1);
    if (size > 0) await handle.read(last, 0, 1, size - 1);
    // An editor may have left the last line open. One write, so that lines of several processes never mix.
    await handle.write(size > 0 && last[0] !== 0x0a ? `\n${line}\n` : `${line}\n`);
  } finally {
    await handle.close();
  }
}

async function readText(file: string): Promise<string> {
  let handle: Awaited<ReturnType<typeof open>>;
  try {
    handle = await open(file, 'r');
  } catch {
    return '';
  }
  try {
    const found = await handle.stat();
    if (found.isDirectory()) return '';
    if (found.size > fileLimitBytes) {
      throw new AirgapError('SSH_CONFIG_INVALID', { path: file, problem: 'it is larger than 64 MiB' });
    }
    return await handle.readFile('utf8');
  } finally {
    await handle.close();
  }
}
