// Programs that keep logins: docker-credential-NAME, told what to do by one word and what about on stdin. Secrets never stand in
// their command line. @see docker-credential-helpers, "Development"
import { spawn } from 'node:child_process';
import * as z from 'zod';
import { AirgapError, type ErrorFacts } from '../errors.js';
import { decodeJson } from '../oci/json.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import { readUpTo } from '../streams/read-up-to.js';
import type { Credentials } from './credentials.js';
import { maxDetailLength, maxTokenBytes } from './limits.js';

const answerSchema = z.object({ Username: z.string(), Secret: z.string() });

/** Behind `docker-credential-`, and the file that names it. */
export interface Helper {
  readonly name: string;
  readonly path: string;
}

// The name that stands for "the secret is a refresh token".
const tokenUser = '<token>';

/** What a helper keeps for that key; undefined for nothing. @throws {AirgapError} CREDENTIAL_HELPER */
export async function askHelper(
  helper: Helper,
  key: string,
  env: NodeJS.ProcessEnv,
): Promise<Credentials | undefined> {
  const { exitCode, stdout } = await runHelper(helper, 'get', key, env);
  if (exitCode !== 0) {
    // The protocol has no code of its own for it.
    if (/credentials not found/i.test(stdout)) return undefined;
    throw refused(helper, 'get', firstLine(stdout) || `exit code ${exitCode}`);
  }
  const decoded = decodeJson(Buffer.from(stdout), { schema: answerSchema, limitBytes: maxTokenBytes });
  if (decoded.problem !== undefined) throw refused(helper, 'get', 'its answer is not as known');
  const { Username: user, Secret: secret } = decoded.value;
  if (secret === '') return undefined;
  return user === tokenUser
    ? { kind: 'identity', token: secret }
    : { kind: 'password', user, password: secret };
}

/** Has it keep a login. @throws {AirgapError} CREDENTIAL_HELPER */
export async function storeWithHelper(
  helper: Helper,
  key: string,
  credentials: Exclude<Credentials, { kind: 'bearer' }>,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const Username = credentials.kind === 'identity' ? tokenUser : credentials.user;
  const Secret = credentials.kind === 'identity' ? credentials.token : credentials.password;
  const input = JSON.stringify({ ServerURL: key, Username, Secret });
  const { exitCode, stdout } = await runHelper(helper, 'store', input, env);
  if (exitCode !== 0)
    throw refused(helper, 'store', firstLine(stdout.replaceAll(Secret, '***')) || `exit code ${exitCode}`);
}

/** Has it forget one. @throws {AirgapError} CREDENTIAL_HELPER */
export async function eraseWithHelper(helper: Helper, key: string, env: NodeJS.ProcessEnv): Promise<void> {
  const { exitCode, stdout } = await runHelper(helper, 'erase', key, env);
  if (exitCode !== 0 && !/credentials not found/i.test(stdout))
    throw refused(helper, 'erase', firstLine(stdout) || `exit code ${exitCode}`);
}

async function runHelper(
  helper: Helper,
  action: 'get' | 'store' | 'erase',
  input: string,
  env: NodeJS.ProcessEnv,
): Promise<{ readonly exitCode: number | null; readonly stdout: string }> {
  const { name } = helper;
  // It comes out of a file, and becomes part of a program's name.
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,100}$/.test(name))
    throw refused({ ...helper, name: name.slice(0, 100) }, action, 'that is no name of a helper');
  const child = spawn(program(name), [action], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => undefined);
  child.stdin.end(`${input}\n`);
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', (error) =>
      reject(
        hasCode(error, 'ENOENT')
          ? refused(helper, action, 'there is no such program', { isMissing: true })
          : refused(helper, action, plainly(error)),
      ),
    );
    child.once('close', resolve);
  });
  const [exitCode, stdout] = await Promise.all([ended, readUpTo(child.stdout, 2 * maxTokenBytes)]);
  return { exitCode, stdout: stdout.bytes.toString('utf8') };
}

const program = (name: string): string => `docker-credential-${name}`;
const firstLine = (text: string): string => (text.trim().split('\n')[0] ?? '').slice(0, maxDetailLength);

function refused(
  { name, path }: Helper,
  action: ErrorFacts['CREDENTIAL_HELPER']['action'],
  problem: string,
  more: { readonly isMissing?: boolean } = {},
): AirgapError {
  return new AirgapError('CREDENTIAL_HELPER', { program: program(name), path, action, problem, ...more });
}
