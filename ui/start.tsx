// Opens the screen that `airgap` without a command shows on a terminal. Loads React and Ink; nothing else does.
import { render } from 'ink';
import type { Core } from '../src/runs/api.js';
import { App } from './app.js';
import type { Controller } from './controller.js';
import type { Doors } from './doors.js';

export interface ScreenWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly stdout: { readonly color: boolean; raw(text: string): void };
  readonly stop: { onStop(handler: () => void): () => void };
  readonly atExit: Set<() => void>;
  openCore(): Promise<Core>;
}

/** Shows the screen until it is left. @returns the exit code */
export async function startScreen(
  world: ScreenWorld,
  { parse, save }: Pick<Doors, 'parse' | 'save'>,
): Promise<number> {
  const { env, stdout } = world;
  let controller: Controller | undefined;
  const doors: Doors = {
    core: world.openCore(),
    parse,
    save,
    // OSC 52: terminals that have a clipboard take it, also over SSH; the others show nothing.
    copy: (text) => stdout.raw(`\x1b]52;c;${Buffer.from(text).toString('base64')}\x07`),
    now: Date.now,
  };
  // Without `interactive`, a CI variable in the environment would keep Ink from drawing on the terminal that there is.
  const screen = render(
    <App
      doors={doors}
      color={stdout.color}
      ascii={!speaksUtf8(env)}
      onOpen={(opened) => {
        controller = opened;
      }}
    />,
    { alternateScreen: true, exitOnCtrlC: false, interactive: true, maxFps: 15 },
  );
  const restore = (): void => screen.unmount();
  world.atExit.add(restore);
  // A signal stops what runs as Ctrl-C does: cleanly, so that the same command goes on from there.
  const deaf = world.stop.onStop(() => void controller?.close().finally(restore));
  await screen.waitUntilExit();
  deaf();
  world.atExit.delete(restore);
  await controller?.close();
  return 0;
}

/** POSIX: the first of these that is set tells the character set. */
export function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  // Without any, most terminals of today speak it all the same.
  return locale === undefined || /utf-?8/i.test(locale);
}
