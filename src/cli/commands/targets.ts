// airgap hosts add and forget: the hosts and folders that a person keeps in the list.
import { text } from '../../text/text.js';
import { usage } from '../parse-options.js';
import type { World } from '../world.js';

/** @returns the exit code. @throws {AirgapError} HOST_INVALID, TARGETS_INVALID, STATE_DENIED */
export async function addTarget(world: World, [typed = '']: readonly string[]): Promise<number> {
  const core = await world.openCore();
  const { name } = await core.addTarget(typed);
  world.stdout.lines([text().words.targets.added(name)]);
  return 0;
}

/** @returns the exit code. @throws {AirgapError} USAGE for one that was not added, TARGETS_INVALID, STATE_DENIED */
export async function forgetTarget(world: World, [typed = '']: readonly string[]): Promise<number> {
  const core = await world.openCore();
  const { words } = text();
  if (!(await core.forgetTarget(typed)))
    throw usage(words.commands.wrong.notAdded(typed.slice(0, 200)), 'hosts');
  world.stdout.lines([words.targets.forgotten(typed)]);
  return 0;
}
