// Logs in with the built-in SSH: keys first, then answers of a person, in the order and with the rules of ssh_config.
import type { AnyAuthMethod, AuthenticationType, AuthHandlerMiddleware, Prompt } from 'ssh2';
import type { Ask } from '../events.js';
import { plain } from './ssh2-errors.js';
import { type KeyAttempt, keyAttempts } from './ssh2-keys.js';
import type { AuthMethod, ResolvedTarget } from './target.js';

export interface Login {
  /** What ssh2 calls for each next try. */
  readonly handler: AuthHandlerMiddleware;
  /** What was tried so far, for the message. Method names and names of key files, never paths. */
  readonly tried: readonly string[];
}

// As many questions as ssh asks (NumberOfPasswordPrompts), over both methods that ask.
const questionLimit = 3;
// A server may put several questions at once; more than this is no login.
const promptLimit = 16;

interface Attempt {
  readonly method: AuthMethod;
  readonly label: string;
  start(): Promise<AnyAuthMethod | undefined>;
}

export interface LoginOptions {
  readonly target: ResolvedTarget;
  readonly ask: Ask;
  /** Called when nothing is left to try. */
  readonly giveUp: () => void;
}

/** @throws {AirgapError} SSH_KEY_UNREADABLE */
export async function openLogin({ target, ask, giveUp }: LoginOptions): Promise<Login> {
  const { methods, batch } = target.auth;
  const answer: Ask = batch ? async () => undefined : ask;
  const keys = methods.includes('publickey') ? await keyAttempts(target, answer) : [];
  const questions = createQuestions(target, answer);
  const byMethod: Readonly<Record<AuthMethod, readonly Attempt[]>> = {
    publickey: keys.map((key) => keyAttempt(target, key)),
    'keyboard-interactive': repeat(questions.interactive),
    password: repeat(questions.password),
  };
  const attempts = methods.flatMap((method) => byMethod[method]);
  const tried: string[] = [];
  let first = true;

  /** The next one of a method that the server still takes; `undefined` when there is none left. */
  const nextTry = async (left: readonly AuthenticationType[]): Promise<AnyAuthMethod | undefined> => {
    for (;;) {
      const at = attempts.findIndex(({ method }) => left.includes(method));
      const attempt = attempts[at];
      if (attempt === undefined) return undefined;
      attempts.splice(at, 1);
      const started = await attempt.start();
      if (!tried.includes(attempt.label)) tried.push(attempt.label);
      if (started !== undefined) return started;
    }
  };
  const handler: AuthHandlerMiddleware = (left, _partial, next) => {
    if (first) {
      // `none` first: its refusal tells which methods the server takes.
      first = false;
      next({ type: 'none', username: target.user });
      return;
    }
    nextTry(left).then((method) => (method === undefined ? giveUp() : next(method)), giveUp);
  };
  return { handler, tried };
}

function keyAttempt({ user: username }: ResolvedTarget, { label, agent }: KeyAttempt): Attempt {
  return {
    method: 'publickey',
    label: `publickey (${label})`,
    start: async () => ({ type: 'agent', username, agent }),
  };
}

/** Passwords and other questions share one count: a person is asked three times, not three times per method. */
function createQuestions(
  { name: host, user: username }: ResolvedTarget,
  ask: Ask,
): { readonly interactive: Attempt; readonly password: Attempt } {
  let asked = 0;
  let declined = false;
  const question = async (label: string): Promise<string | undefined> => {
    const answer = await ask({ kind: 'password', host, user: username, label });
    if (answer === undefined) declined = true;
    return answer;
  };
  const isOver = (): boolean => declined || asked >= questionLimit;
  const answerAll = async (prompts: readonly Prompt[]): Promise<string[]> => {
    if (prompts.length === 0) return [];
    asked += 1;
    const answers: string[] = [];
    for (const { prompt } of prompts.slice(0, promptLimit)) {
      answers.push(declined ? '' : ((await question(plain(prompt))) ?? ''));
    }
    return answers;
  };
  return {
    interactive: {
      method: 'keyboard-interactive',
      label: 'keyboard-interactive',
      start: async () =>
        isOver()
          ? undefined
          : {
              type: 'keyboard-interactive',
              username,
              prompt: (_name, _instructions, _language, prompts, finish) => {
                answerAll(prompts).then(finish, () => finish([]));
              },
            },
    },
    password: {
      method: 'password',
      label: 'password',
      start: async () => {
        if (isOver()) return undefined;
        asked += 1;
        const password = await question('Password:');
        return password === undefined ? undefined : { type: 'password', username, password };
      },
    },
  };
}

const repeat = (attempt: Attempt): Attempt[] => Array.from({ length: questionLimit }, () => attempt);
