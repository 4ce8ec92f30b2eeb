// Opens the screen that `airgap` without a command shows on a terminal, and gives the terminal back as it was. Loads React and
// Ink; nothing else does.
import { render } from 'ink';
import type { Core } from '../src/runs/api.js';
import { printable } from '../src/text/format.js';
import { setFace, text } from '../src/text/text.js';
import { App, type Opened } from './app.js';
import type { Doors } from './doors.js';
import { copyText } from './terminal/clipboard.js';
import { openKeyboard } from './terminal/keyboard.js';
import { mouseOff, mouseOn } from './terminal/mouse.js';
import { ringOf } from './terminal/ring.js';
import { openSuspension } from './terminal/suspend.js';

export interface ScreenWorld {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: { readonly color: boolean; raw(text: string): void };
  readonly stop: { onStop(handler: () => void): () => void; request(signal: 'SIGHUP'): void };
  readonly atExit: Set<() => void>;
  openCore(): Promise<Core>;
}

interface ScreenOptions extends Pick<Doors, 'parse' | 'knownOptions' | 'save'> {
  readonly mouse: boolean;
  /** Rejects with whatever nobody has caught. */
  readonly crashed: Promise<never>;
}

/** Shows the screen until it is left. @returns the exit code. @throws what broke it, when the terminal is given back */
export async function startScreen(
  world: ScreenWorld,
  { parse, knownOptions, save, mouse, crashed }: ScreenOptions,
): Promise<number> {
  const { env, stdout, stop, atExit } = world;
  setFace('screen');
  let opened: Opened | undefined;
  // The core's many modules would stand before the first frame.
  const drawn = Promise.withResolvers<void>();
  const doors: Doors = {
    core: drawn.promise.then(() => world.openCore()),
    parse,
    knownOptions,
    save,
    copy: (text) => copyText(text, { env, raw: (bytes) => stdout.raw(bytes) }),
    ring: (message) => stdout.raw(ringOf(env, message)),
    now: Date.now,
  };
  const hasMouse = mouse && env.INK_SCREEN_READER !== 'true';
  const reportMouse = (isOn: boolean): void => {
    if (hasMouse) stdout.raw(isOn ? mouseOn : mouseOff);
  };
  const keyboard = openKeyboard(world.stdin, {
    onMouse: (event) => opened?.point(event),
    onGone: () => stop.request('SIGHUP'),
  });
  const suspension = openSuspension(() => {
    const away = opened?.giveAway;
    if (away === undefined) return undefined;
    return async (until) => {
      reportMouse(false);
      await away(until).finally(() => reportMouse(true));
    };
  });
  // Without `interactive`, a CI variable in the environment would keep Ink from drawing on the terminal that there is.
  const screen = render(
    <App
      doors={doors}
      color={stdout.color}
      weight
      ascii={!speaksUtf8(env)}
      onOpen={(now) => {
        opened = now;
      }}
      onSuspend={suspension.stop}
    />,
    {
      stdin: keyboard.stream,
      alternateScreen: env.INK_SCREEN_READER !== 'true',
      exitOnCtrlC: false,
      interactive: true,
      // Ink waits twice so long before it draws: a key would be answered late. What moves by itself is put together elsewhere.
      maxFps: 100,
    },
  );
  reportMouse(true);
  setImmediate(drawn.resolve);
  let isOpen = true;
  const giveBack = (): void => {
    if (!isOpen) return;
    isOpen = false;
    reportMouse(false);
    suspension.close();
    screen.unmount();
    // Ink's own, which a process that ends at once may not get to.
    stdout.raw('\x1b[?2004l');
    keyboard.close();
  };
  atExit.add(giveBack);
  // A signal stops what runs as Ctrl-C does: cleanly, so that the same command goes on from there.
  const deaf = stop.onStop(() => void opened?.controller.close().finally(giveBack));
  try {
    await Promise.race([screen.waitUntilExit(), crashed]);
  } finally {
    giveBack();
    await opened?.controller.close();
    deaf();
    atExit.delete(giveBack);
  }
  // Of what was not finished nothing is told anywhere else once the screen is gone.
  const left = opened?.controller.left() ?? [];
  if (left.length > 0) stdout.raw([text().words.screen.run.left, ...left.map(printable), ''].join('\n'));
  return 0;
}

/** POSIX: the first of these that is set tells the character set. */
export function speaksUtf8(env: NodeJS.ProcessEnv): boolean {
  const locale = [env.LC_ALL, env.LC_CTYPE, env.LANG].find((value) => value !== undefined && value !== '');
  // Without any, most terminals of today speak it all the same.
  return locale === undefined || /utf-?8/i.test(locale);
}
