// The runs behind `airgap login` and `airgap logout`.
import { AirgapError } from '../errors.js';
import { logIn as logInTo, logOut as logOutOf, parseRegistry } from '../registry/login.js';
import type { KeptIn } from '../registry/login-file.js';
import { text } from '../text/text.js';
import type { RunContext } from './run.js';

export type { KeptIn };

export interface LoginOptions {
  /** As the user wrote it. */
  readonly registry: string;
  /** Asked for where absent. */
  readonly user?: string;
  /** Asked for where absent. */
  readonly password?: string;
}

export interface LoginResult {
  /** HOST[:PORT] */
  readonly registry: string;
  readonly user: string;
  readonly keptIn: KeptIn;
  /** A token that the registry gave for it is kept, not the password. */
  readonly isToken: boolean;
  /** The registry wanted to see it; else nobody has looked whether it is right. */
  readonly isProved: boolean;
}

export interface LogoutResult {
  readonly registry: string;
  /** Nothing where there was no login. */
  readonly from: readonly KeptIn[];
}

/** @throws {AirgapError} REFERENCE_INVALID, PROMPT_REFUSED, REGISTRY_*, CREDENTIAL_HELPER */
export async function logIn(
  env: NodeJS.ProcessEnv,
  options: LoginOptions,
  { ask, signal }: RunContext,
): Promise<LoginResult> {
  const registry = parseRegistry(options.registry);
  const words = text().words.login;
  const user = options.user ?? (await ask({ kind: 'user', host: registry }));
  if (user === undefined || user === '')
    throw new AirgapError('PROMPT_REFUSED', { question: words.user(registry), flag: '-u USER' });
  // Behind the first colon the password begins: kept so, it would be another login than the one that was tried.
  if (user.includes(':')) throw new AirgapError('USAGE', { problem: words.colon(user), command: 'login' });
  const label = words.password;
  const password = options.password ?? (await ask({ kind: 'password', host: registry, user, label }));
  if (password === undefined || password === '')
    throw new AirgapError('PROMPT_REFUSED', { question: label, flag: '--password-stdin' });
  return { registry, user, ...(await logInTo(env, { host: registry, user, password, signal })) };
}

/** @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function logOut(env: NodeJS.ProcessEnv, written: string): Promise<LogoutResult> {
  const registry = parseRegistry(written);
  return { registry, from: await logOutOf(env, registry) };
}
