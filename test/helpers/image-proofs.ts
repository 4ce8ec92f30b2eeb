// What a test asks an engine to prove that an image is there, whole and runnable, and that nothing else is.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tar from 'tar';
import { type EngineApi, splitLog } from '../rig/engine-api.js';
import type { Docker } from '../rig/rig.js';

/** Runs an image to its end and gives what it printed. @throws {Error} where it does not start or exits with another code than 0 */
export async function runImage(
  docker: Docker,
  reference: string,
  command: readonly string[] = [],
): Promise<string> {
  if (docker.api !== undefined) return await runByApi(docker.api, reference, command);
  // Not `run --rm`: on a busy machine what a short-lived container prints may be over before anyone is attached. The log has it.
  const container = (
    await docker(['run', '--detach', '--network=none', reference, ...command])
  ).stdout.trim();
  try {
    const exitCode = (await docker(['wait', container])).stdout.trim();
    const { stdout, stderr } = await docker(['logs', container]);
    if (exitCode !== '0') throw new Error(`${reference} ended with ${exitCode}: ${stderr}`);
    return stdout;
  } finally {
    await docker(['rm', '--force', container]);
  }
}

async function runByApi(api: EngineApi, reference: string, command: readonly string[]): Promise<string> {
  const made: { readonly Id: string } = await api.json('/containers/create', {
    method: 'POST',
    body: {
      ...{ Image: reference, HostConfig: { NetworkMode: 'none' } },
      ...(command.length === 0 ? {} : { Cmd: command }),
    },
  });
  const container = `/containers/${made.Id}`;
  try {
    await api.ask(`${container}/start`, { method: 'POST' });
    const { StatusCode }: { readonly StatusCode: number } = await api.json(`${container}/wait`, {
      method: 'POST',
    });
    const { stdout, stderr } = splitLog((await api.ask(`${container}/logs?stdout=1&stderr=1`)).body);
    if (StatusCode !== 0) throw new Error(`${reference} ended with ${StatusCode}: ${stderr}`);
    return stdout;
  } finally {
    await api.ask(`${container}?force=1`, { method: 'DELETE' });
  }
}

/** Proves that an image runs and prints exactly this line. */
export async function expectRuns(docker: Docker, reference: string, line: string): Promise<void> {
  const printed = await runImage(docker, reference);
  if (printed !== `${line}\n`)
    throw new Error(`${reference} printed ${JSON.stringify(printed)}, want ${line}`);
}

/** Runs a walk-through image and reads its page through its own web server. */
export async function readPage(docker: Docker, reference: string): Promise<string> {
  const container = (await docker(['run', '--detach', '--network=none', reference])).stdout.trim();
  try {
    const fetch =
      'for i in 1 2 3 4 5 6 7 8 9; do wget -qO- http://127.0.0.1:8080/ && exit; sleep 1; done; exit 1';
    return (await docker(['exec', container, '/bin/sh', '-c', fetch])).stdout.trim();
  } finally {
    await docker(['rm', '--force', container]);
  }
}

// Made by the engine in every container, not by the image.
const engineMade =
  /^(\.dockerenv|dev|proc|sys|etc\/(hosts|hostname|resolv\.conf|mtab)|etc)(\/$|$|\/(console|pts|shm))/;

/**
 * Digest of an image's file tree as `create` + `export` give it: names, kinds, modes, owners, links, contents, and the
 * times of files. Equal on all engines for equal images, and needs nothing in the image that could run.
 */
export async function exportedTree(docker: Docker, reference: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'airgap-export-'));
  const file = join(folder, 'tree.tar');
  try {
    await exportTo(docker, reference, file);
    const lines: Promise<string>[] = [];
    await tar.list({ file, onReadEntry: (entry) => void lines.push(describe(entry)) });
    const known = (await Promise.all(lines)).filter((line) => line !== '').sort();
    return createHash('sha256').update(known.join('\n')).digest('hex');
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function exportTo(docker: Docker, reference: string, outputFile: string): Promise<void> {
  const { api } = docker;
  if (api === undefined) {
    const container = (await docker(['create', '--network=none', reference, '/none'])).stdout.trim();
    try {
      await docker(['export', container], { outputFile });
    } finally {
      await docker(['rm', container], { mayFail: true });
    }
    return;
  }
  const body = { Image: reference, Cmd: ['/none'], HostConfig: { NetworkMode: 'none' } };
  const made: { readonly Id: string } = await api.json('/containers/create', { method: 'POST', body });
  try {
    await api.ask(`/containers/${made.Id}/export`, { outputFile });
  } finally {
    await api.ask(`/containers/${made.Id}`, { method: 'DELETE', mayFail: true });
  }
}

async function describe(entry: tar.ReadEntry): Promise<string> {
  const content = createHash('sha256');
  for await (const chunk of entry) content.update(chunk);
  const path = entry.path.replace(/^\.?\//, '');
  if (path === '' || engineMade.test(path)) return '';
  // a folder's time changes when the engine puts its own files into it
  const time = entry.type === 'Directory' ? '' : entry.mtime?.toISOString();
  const owner = `${entry.uid}:${entry.gid}`;
  return [path, entry.type, entry.mode, owner, entry.linkpath, time, content.digest('hex')].join(' ');
}

/** Every name an engine knows, sorted: `repository:tag`, dangling images left out. */
export async function listNames(docker: Docker): Promise<readonly string[]> {
  if (docker.api !== undefined) {
    const images: readonly { readonly RepoTags: readonly string[] | null }[] =
      await docker.api.json('/images/json');
    return images
      .flatMap(({ RepoTags }) => RepoTags ?? [])
      .filter((name) => !name.includes('<none>'))
      .sort();
  }
  const { stdout } = await docker(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}']);
  const names = stdout.split('\n').filter((name) => name !== '' && !name.includes('<none>'));
  return names.sort();
}

export type InspectedImage = { readonly id: string; readonly diffIds: readonly string[] };

/** ID and diffIDs as the engine says them; undefined where it has no such image. The ID of a containerd store is not the config's digest. */
export async function inspectImage(docker: Docker, reference: string): Promise<InspectedImage | undefined> {
  if (docker.api !== undefined) {
    const { status, body } = await docker.api.ask(`/images/${reference}/json`, { mayFail: true });
    if (status !== 200) return undefined;
    const found: { readonly Id: string; readonly RootFS: { readonly Layers?: readonly string[] } } =
      JSON.parse(body.toString());
    return { id: found.Id, diffIds: found.RootFS.Layers ?? [] };
  }
  const format = '{{.Id}} {{range .RootFS.Layers}}{{.}} {{end}}';
  const ran = await docker(['image', 'inspect', '--format', format, reference], { mayFail: true });
  if (ran.exitCode !== 0) return undefined;
  const [id = '', ...diffIds] = ran.stdout.trim().split(/\s+/);
  return { id, diffIds };
}
