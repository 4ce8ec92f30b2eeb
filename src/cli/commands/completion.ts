// airgap completion bash|zsh|fish: scripts made from the command tree, so they cannot fall behind it.
import { bashCompletion } from '../completion/bash.js';
import { fishCompletion } from '../completion/fish.js';
import { completionTree } from '../completion/tree.js';
import { zshCompletion } from '../completion/zsh.js';
import { parseChoice } from '../parse-options.js';
import type { World } from '../world.js';

const makers = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion };

/** @returns the exit code. @throws {AirgapError} USAGE for another shell */
export async function completion(world: World, args: readonly string[]): Promise<number> {
  const shell = parseChoice(args[0] ?? '', ['bash', 'zsh', 'fish'], 'SHELL', 'completion');
  world.stdout.raw(makers[shell](completionTree()));
  return 0;
}
