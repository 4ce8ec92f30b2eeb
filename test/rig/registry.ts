// A real registry on loopback: Debian's docker-registry, plain or with TLS, for everybody, with a password file, or with tokens.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { until } from './command.js';

export interface RegistryRig {
  /** 127.0.0.1:PORT */
  readonly host: string;
  readonly origin: string;
  /** What it has written. */
  log(): string;
  close(): Promise<void>;
}

export interface RegistryRigOptions {
  /** Holds the blobs; several registries may share one. */
  readonly folder: string;
  /** A file of `htpasswd -B` lines. */
  readonly htpasswd?: string;
  readonly token?: {
    readonly realm: string;
    readonly service: string;
    readonly issuer: string;
    readonly certificate: string;
  };
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Takes nothing, as while it is cleaned up. */
  readonly isReadOnly?: boolean;
}

/** Starts one on a port of the system's choice. */
export async function openRegistryRig(options: RegistryRigOptions): Promise<RegistryRig> {
  const { folder, htpasswd, token, tls, isReadOnly = false } = options;
  await mkdir(folder, { recursive: true });
  const config = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: {
      filesystem: { rootdirectory: path.join(folder, 'store') },
      delete: { enabled: true },
      maintenance: { readonly: { enabled: isReadOnly } },
    },
    http: { addr: '127.0.0.1:0', ...(tls === undefined ? {} : { tls }) },
    ...(htpasswd === undefined && token === undefined
      ? {}
      : {
          auth:
            htpasswd === undefined
              ? { token: token && { ...token, certificate: undefined, rootcertbundle: token.certificate } }
              : { htpasswd: { realm: 'site', path: htpasswd } },
        }),
  };
  const file = path.join(folder, `config-${Math.random().toString(36).slice(2)}.yml`);
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config));
  // It goes with this process, whatever ends that: the shell waits for the end of a pipe.
  const script = 'docker-registry serve "$1" </dev/null & cat >/dev/null; kill -9 $!; wait';
  const child = spawn('sh', ['-c', script, 'sh', file], { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => undefined);
  let said = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  const port = await until('docker-registry listens', () => {
    if (/level=fatal|not found/.test(said)) throw new Error(`docker-registry ended: ${said}`);
    return /listening on 127\.0\.0\.1:(\d+)/.exec(said)?.[1];
  });
  return {
    host: `127.0.0.1:${port}`,
    origin: `http${tls === undefined ? '' : 's'}://127.0.0.1:${port}`,
    log: () => said,
    close: async () => {
      await ended(child);
      await rm(file, { force: true });
    },
  };
}

/** The one user of a registry with a password file. The registry takes bcrypt only, which Node does not make: `htpasswd -nbB`. */
export const siteLogin = { user: 'site', password: 's3cret-of-the-site-7Qx' };

/** Writes that user's password file. */
export async function writeHtpasswd(file: string): Promise<string> {
  await writeFile(file, `${siteLogin.user}:$2y$05$abcdefghijklmnopqrstuuT4xOSepBFy2hgVRY7t2thhD4vRlqe/O\n`);
  return file;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  child.stdin?.end();
  await gone;
}
