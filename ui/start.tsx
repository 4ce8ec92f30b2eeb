// Opens the screen that `airgap` without a command shows on a terminal. Loads React and Ink; nothing else does.
import { render, useApp, useInput, useWindowSize } from 'ink';
import { type ReactElement, useEffect, useReducer } from 'react';
import type { Core } from '../src/runs/api.js';
import { Home } from './home.js';
import { reduceHome } from './home-state.js';

interface ScreenWorld {
  readonly atExit: Set<() => void>;
  openCore(): Promise<Core>;
}

/** Shows the screen until q. @returns the exit code */
export async function startScreen(world: ScreenWorld): Promise<number> {
  const core = world.openCore();
  // Without `interactive`, a CI variable in the environment would keep Ink from drawing on the terminal that there is.
  const screen = render(<App core={core} />, {
    alternateScreen: true,
    exitOnCtrlC: true,
    interactive: true,
    maxFps: 15,
  });
  const restore = (): void => screen.unmount();
  world.atExit.add(restore);
  await screen.waitUntilExit();
  world.atExit.delete(restore);
  return 0;
}

/** The screen with its keys; `core` is on its way while the first frame is drawn. */
export function App({ core }: { readonly core: Promise<Core> }): ReactElement {
  const [state, dispatch] = useReducer(reduceHome, { screen: 'loading' });
  const { columns, rows } = useWindowSize();
  const { exit } = useApp();
  useEffect(() => {
    core
      .then((ready) => ready.images())
      .then(
        (list) => dispatch({ type: 'loaded', list }),
        (error: unknown) =>
          dispatch({ type: 'failed', message: error instanceof Error ? error.message : String(error) }),
      );
  }, [core]);
  const page = Math.max(1, rows - 10);
  useInput((input, key) => {
    if (input === 'q' || key.escape) exit();
    else if (key.upArrow || input === 'k') dispatch({ type: 'move', by: -1 });
    else if (key.downArrow || input === 'j') dispatch({ type: 'move', by: 1 });
    else if (key.pageUp) dispatch({ type: 'move', by: -page });
    else if (key.pageDown) dispatch({ type: 'move', by: page });
  });
  return <Home state={state} columns={columns} rows={rows} />;
}
