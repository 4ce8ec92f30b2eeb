// airgap login and airgap logout: who one is at a registry. A password comes from the terminal or from stdin, never off the line.
import { AirgapError } from '../../errors.js';
import { text } from '../../text/text.js';
import { viewLogout } from '../../views/logout.js';
import { type Flags, given, isSet, word } from '../flags.js';
import { followRun, resultOf } from '../follow-run.js';
import { usage } from '../parse-options.js';
import { jsonLine } from '../report-json.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} USAGE, and whatever the registry says */
export async function login(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [registry = ''] = args;
  const user = word(flags, 'u');
  const words = text().words.login;
  const isPiped = isSet(flags, 'passwordStdin');
  if (isPiped && user === undefined) throw usage(words.stdinAlone, 'login');
  const password = isPiped ? await readPassword(world) : undefined;
  const core = await world.openCore();
  const run = core.login({ registry, ...given('user', user), ...given('password', password) });
  const json = isSet(flags, 'json');
  const done = resultOf(await followRun(run, world, { quiet: json, hostCount: 1 }));
  if (json) world.stdout.raw(jsonLine({ version: 1, ...done }));
  else
    world.stdout.lines([
      words.done(done.registry, done.user, done.isProved),
      done.keptIn.kind === 'helper'
        ? words.keptByHelper(done.keptIn.program)
        : words.keptInFile(done.keptIn.path, done.isToken),
      ...done.older.map((part) => words.older(part)),
      ...(done.dockers === undefined ? [] : [words.dockersOlder(done.registry, done.dockers)]),
    ]);
  return 0;
}

/** @returns the exit code. @throws {AirgapError} REFERENCE_INVALID, REGISTRY_CONFIG, CREDENTIAL_HELPER */
export async function logout(world: World, args: readonly string[], flags: Flags): Promise<number> {
  const [registry = ''] = args;
  const core = await world.openCore();
  const done = await core.logout(registry);
  if (isSet(flags, 'json')) world.stdout.raw(jsonLine({ version: 1, ...done }));
  else world.stdout.lines(viewLogout(done));
  return 0;
}

// Tokens that are used as passwords have some hundred characters.
const maxPasswordBytes = 64 * 1024;

async function readPassword(world: World): Promise<string> {
  const chunks: Buffer[] = [];
  let count = 0;
  for await (const chunk of world.stdin as AsyncIterable<Buffer | string>) {
    chunks.push(Buffer.from(chunk));
    count += chunk.length;
    if (count > maxPasswordBytes) break;
  }
  // As `echo` writes it; a password may hold blanks.
  const password = Buffer.concat(chunks)
    .toString('utf8')
    .replace(/\r?\n$/, '');
  if (password !== '' && count <= maxPasswordBytes && !/[\0\r\n]/.test(password)) return password;
  throw new AirgapError('USAGE', { problem: text().words.login.noPassword, command: 'login' });
}
