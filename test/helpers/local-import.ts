// import.sh on this machine, without an engine: what it says of a bundle's bytes, under the shell that a test names.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Shell, shells } from './far-box.js';

export interface LocalAnswer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number | undefined;
  /** The code at the end of the error's line. */
  readonly code: string | undefined;
}

export interface LocalOptions {
  readonly shell?: Shell;
  readonly env?: Readonly<Record<string, string>>;
}

export interface LocalImport {
  /** A folder of the test's own. */
  readonly folder: string;
  run(script: string, words?: readonly string[], options?: LocalOptions): Promise<LocalAnswer>;
}

/** Gives the test a folder and a runner whose stage lies in it. */
export async function withImport(use: (box: LocalImport) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-import-'));
  try {
    await use({
      folder,
      run: (script, words = [], { shell = 'dash', env = {} } = {}) =>
        new Promise((resolve, reject) => {
          const [program = 'sh', ...before] = shells[shell];
          const stage = path.join(folder, 'sta ge');
          const child = spawn(program, [...before, script, '--stage', stage, ...words], {
            stdio: ['ignore', 'pipe', 'pipe'],
            // No engine of this machine is ever touched.
            env: {
              ...process.env,
              DOCKER_HOST: 'unix:///nowhere',
              CONTAINERS_STORAGE_CONF: '/nowhere',
              LC_ALL: 'C',
              ...env,
            },
          });
          const said = ['', ''];
          child.stdout.setEncoding('utf8').on('data', (text: string) => {
            said[0] += text;
          });
          child.stderr.setEncoding('utf8').on('data', (text: string) => {
            said[1] += text;
          });
          child.once('error', reject);
          child.once('close', (exitCode) => {
            const [stdout = '', stderr = ''] = said;
            const code = /\[([A-Z_]+)\]$/m.exec(stderr)?.[1];
            resolve({ stdout, stderr, exitCode: exitCode ?? undefined, code });
          });
        }),
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
