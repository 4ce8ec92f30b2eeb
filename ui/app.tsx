// The screen as a component: state, keys and size come together, and a picture comes out. Knows Ink; nothing below it does.
import { Box, Text, useApp, useInput, useWindowSize } from 'ink';
import { type ReactElement, useEffect, useReducer, useRef } from 'react';
import { renderLine } from '../src/views/line.js';
import { type Controller, createController } from './controller.js';
import type { Doors } from './doors.js';
import { keyName } from './keys.js';
import { pressKey } from './press.js';
import { drawScreen } from './screens/screen.js';
import { initialState } from './state/app-state.js';
import { reduce } from './state/reduce.js';

export interface AppProps {
  readonly doors: Doors;
  readonly color: boolean;
  readonly ascii: boolean;
  /** Gets the controller, to stop what runs when the process must end. */
  readonly onOpen?: (controller: Controller) => void;
}

// Clocks of the screen: what runs is drawn as it tells; ages and rates that fall silent need a tick.
const tickMs = 500;

export function App({ doors, color, ascii, onOpen }: AppProps): ReactElement {
  const [state, dispatch] = useReducer(reduce, { ...initialState, now: doors.now() });
  const { columns: terminalColumns, rows } = useWindowSize();
  const { exit } = useApp();
  const latest = useRef(state);
  latest.current = state;
  const controller = useRef<Controller>(undefined);
  controller.current ??= createController({ doors, state: () => latest.current, dispatch: put }, () =>
    exit(),
  );

  // The controller must see what its own event made of the state, before React draws.
  function put(event: Parameters<typeof dispatch>[0]): void {
    latest.current = reduce(latest.current, event);
    dispatch(event);
  }
  useEffect(() => {
    controller.current?.open();
    if (controller.current !== undefined) onOpen?.(controller.current);
  }, [onOpen]);
  useEffect(() => {
    controller.current?.settle();
  });
  const isRunning = state.jobs.some((job) => job.state === 'running');
  useEffect(() => {
    const timer = setInterval(
      () => dispatch({ type: 'tick', now: doors.now() }),
      isRunning ? tickMs : 30_000,
    );
    return () => clearInterval(timer);
  }, [isRunning, doors]);

  // A full last column makes some terminals wrap; a full last row makes some scroll.
  const frame = { columns: Math.max(20, terminalColumns - 1), rows: Math.max(4, rows - 1), ascii };
  const picture = drawScreen(state, frame);
  useInput((input, key) => {
    if (controller.current === undefined) return;
    pressKey(
      { name: keyName(input, key), text: key.ctrl || key.meta ? '' : input },
      { state: latest.current, dispatch: put, controller: controller.current, picture },
    );
  });
  return (
    <Box flexDirection="column" width={frame.columns} height={frame.rows}>
      {picture.lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a terminal have no other name
        <Text key={at} wrap="truncate">
          {renderLine(line, { color, columns: frame.columns }) || ' '}
        </Text>
      ))}
    </Box>
  );
}
