// The runs behind `airgap login` and `airgap logout`.
import { AirgapError } from '../errors.js';
import { logIn as logInTo, logOut as logOutOf, parseRegistry, tellsAnyone } from '../registry/login.js';
import type { Forgotten, Kept, KeptIn } from '../registry/login-file.js';
import { eventOf, type NoticeListener } from '../registry/notices.js';
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

export interface LoginResult extends Kept {
  /** HOST[:PORT] */
  readonly registry: string;
  readonly user: string;
  /** A token that the registry gave for it is kept, not the password. */
  readonly isToken: boolean;
  /** The registry wanted to see it; else nobody has looked whether it is right. */
  readonly isProved: boolean;
  /** The password went to whoever answered by that name. */
  readonly isInsecure: boolean;
}

export interface LogoutResult extends Forgotten {
  readonly registry: string;
}

/** @throws {AirgapError} REFERENCE_INVALID, PROMPT_REFUSED, REGISTRY_*, CREDENTIAL_HELPER */
export async function logIn(
  env: NodeJS.ProcessEnv,
  options: LoginOptions,
  { ask, emit, signal }: RunContext,
): Promise<LoginResult> {
  const registry = parseRegistry(options.registry);
  const words = text().words.login;
  // Before it is asked for: who reads this may think better of it.
  const isInsecure = await tellsAnyone(env, registry);
  if (isInsecure) emit({ type: 'warning', code: 'REGISTRY_INSECURE', message: words.insecure(registry) });
  const user = options.user ?? (await ask({ kind: 'user', host: registry }));
  if (user === undefined || user === '')
    throw new AirgapError('PROMPT_REFUSED', {
      question: words.user(registry),
      flag: '-u USER',
      isWord: true,
    });
  // Behind the first colon the password begins: kept so, it would be another login than the one that was tried.
  if (user.includes(':')) throw new AirgapError('USAGE', { problem: words.colon(user), command: 'login' });
  const label = words.password;
  const password = options.password ?? (await ask({ kind: 'password', host: registry, user, label }));
  if (password === undefined || password === '')
    throw new AirgapError('PROMPT_REFUSED', { question: label, flag: '--password-stdin', isWord: true });
  const notify: NoticeListener = (notice) => emit(eventOf(notice));
  const done = await logInTo(env, { host: registry, user, password, notify, signal });
  return { registry, user, isInsecure, ...done };
}

/** @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function logOut(env: NodeJS.ProcessEnv, written: string): Promise<LogoutResult> {
  const registry = parseRegistry(written);
  return { registry, ...(await logOutOf(env, registry)) };
}
