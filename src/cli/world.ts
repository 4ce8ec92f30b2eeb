// What a command may touch: the two outputs, the keyboard, signals, the core. main.ts makes the real one.
import type { Core } from '../runs/api.js';
import type { Output } from './output.js';
import type { Stop } from './stop.js';

export interface World {
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: NodeJS.ReadStream;
  readonly stdout: Output;
  readonly stderr: Output;
  /** Whether stderr is a terminal, dumb or not: whether a question can be seen. */
  readonly stderrIsTty: boolean;
  readonly stop: Stop;
  /** Called before the process ends by whatever road, to give the terminal back. */
  readonly atExit: Set<() => void>;
  /** Loads the core when a command needs it; --help and --version never do. */
  openCore(): Promise<Core>;
}
