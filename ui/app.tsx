// The screen as a component: state, keys and size come together, and a picture comes out. Knows Ink; nothing below it does.
import {
  Box,
  Text,
  useApp,
  useCursor,
  useInput,
  useIsScreenReaderEnabled,
  usePaste,
  useWindowSize,
} from 'ink';
import { type ReactElement, useEffect, useReducer, useRef } from 'react';
import { plainLine, renderLine } from '../src/views/line.js';
import { type Controller, createController } from './controller.js';
import type { Doors } from './doors.js';
import { actionOf, keyName } from './keys.js';
import { pointMouse } from './point.js';
import { type Around, isTyped, pressKey } from './press.js';
import { linearLines } from './screens/linear.js';
import { drawScreen } from './screens/screen.js';
import { initialState } from './state/app-state.js';
import { reduce } from './state/reduce.js';
import type { Mouse } from './terminal/mouse.js';
import type { GiveAway } from './terminal/suspend.js';

export interface AppProps {
  readonly doors: Doors;
  readonly color: boolean;
  /** Bold and faint also without colour. */
  readonly weight?: boolean;
  readonly ascii: boolean;
  readonly onOpen?: (opened: Opened) => void;
  /** Ctrl-Z. */
  readonly onSuspend?: () => void;
}

/** What the terminal around the screen needs of it. */
export interface Opened {
  /** Stops what runs when the process must end. */
  readonly controller: Controller;
  readonly point: (mouse: Mouse) => void;
  readonly giveAway: GiveAway;
}

// Clocks of the screen: what runs is drawn as it tells; ages and rates that fall silent need a tick.
const tickMs = 500;

export function App({ doors, color, weight = false, ascii, onOpen, onSuspend }: AppProps): ReactElement {
  const [state, dispatch] = useReducer(reduce, { ...initialState, now: doors.now() });
  const { columns: terminalColumns, rows } = useWindowSize();
  const { exit, suspendTerminal } = useApp();
  const isHeard = useIsScreenReaderEnabled();
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
  const around = useRef<Around>(undefined);
  useEffect(() => {
    if (controller.current === undefined) return;
    controller.current.open();
    onOpen?.({
      controller: controller.current,
      point(mouse) {
        if (around.current !== undefined) pointMouse(mouse, { ...around.current, state: latest.current });
      },
      giveAway: suspendTerminal,
    });
  }, [onOpen, suspendTerminal]);
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
  // A real cursor: where input methods show what is being composed, and what magnifiers follow.
  const { setCursorPosition } = useCursor();
  const { cursor } = picture;
  setCursorPosition(isHeard || cursor === undefined ? undefined : { x: cursor.column, y: cursor.row });
  around.current = { state, dispatch: put, controller: controller.current, picture };
  useInput((input, key) => {
    if (around.current === undefined) return;
    const name = keyName(input, key);
    // Also while something is typed or asked: it stays as it is.
    if (actionOf(name, state.screen) === 'app.suspend') return onSuspend?.();
    // No key is with Alt: it was Esc, and another key in the same read. In a line, which Esc would end, it does nothing.
    if (key.meta && name === input && !isTyped(latest.current))
      pressKey({ name: 'esc', text: '' }, { ...around.current, state: latest.current });
    const text = key.ctrl || key.meta ? '' : input;
    pressKey({ name, text }, { ...around.current, state: latest.current });
  });
  usePaste((text) => {
    if (around.current !== undefined)
      pressKey({ name: 'paste', text }, { ...around.current, state: latest.current });
  });
  if (isHeard) {
    return (
      <Box flexDirection="column">
        {linearLines(state).map((line, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other name
          <Text key={at}>{plainLine(line)}</Text>
        ))}
      </Box>
    );
  }
  return (
    <Box flexDirection="column" width={frame.columns} height={frame.rows}>
      {picture.lines.map((line, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows of a terminal have no other name
        <Text key={at} wrap="truncate">
          {renderLine(line, { color, weight, columns: frame.columns }) || ' '}
        </Text>
      ))}
    </Box>
  );
}
