// Words of the screens of a plan, its options, and its run.

export const plan = {
  nothing: 'Choose at least one image, or a file, and a target',
  packages: (hosts: string) => `Packages travel in bundles only, not to ${hosts}`,
  files: (registries: string) => `A registry holds images only: no file goes to ${registries}`,
  bundles: (folders: string) => `Bundles are imported on hosts or on this machine, not into ${folders}`,
  making: 'Asking the targets what they have…',
  proving: (percent: string) => `Proving the bundle before anything else: ${percent}`,
  ready: (to: string) => `Nothing has been sent. Enter starts: ${to}`,
  refused: 'This cannot start as it is; why stands in the plan, with what to press',
  partly: (leftOut: string) => `Nothing has been sent. Enter starts all but ${leftOut}`,
  notNow: 'There is no plan yet that could start; what is wrong stands in the plan',
  busy: 'An earlier run is not over: 5 shows it; stop it (x) or let it go on (p) first',
  options: (set: readonly string[]) =>
    set.length === 0 ? 'Options: as usual; o changes them' : `Options: ${set.join('  ')}; o changes them`,
  command: 'As a command',
  copied: {
    terminal:
      'The command was handed to the terminal’s clipboard; where it has none, it stands at the end of the plan',
    screen:
      'The command was handed to the clipboard of the terminal outside of screen; where it has none, it stands at the end of the plan',
    tmux: 'The command was handed to tmux, for the terminal’s clipboard and for its own paste (prefix ])',
    'old-tmux': 'The command lies in the buffer of tmux: prefix ] pastes it',
  },
  saved: (file: string) => `Saved as ${file}`,
  notTold: 'The time is not known yet: the first send to a host measures the way',
  time: (duration: string, by: 'link' | 'limit') =>
    by === 'link'
      ? `about ${duration} at the pace of the last send`
      : `about ${duration} at the limit, or more`,
  failed: (targets: readonly string[]) => `No plan for ${targets.join(', ')}: `,
};

export const options = {
  columns: { option: 'OPTION', value: 'SET TO', about: 'WHAT IT DOES' },
  none: 'Nothing is set: Enter or Space sets what is at the cursor',
  set: (flags: readonly string[]) => `${flags.join(' ')} set; Esc goes to the plan`,
  about: (what: string, commands: readonly string[]) => `${what} (airgap ${commands.join(', ')})`,
};

export const run = {
  targetsDone: (done: number, total: number) => `${done} of ${total} done`,
  none: 'Nothing runs. Make a plan, then start it',
  states: {
    running: 'running',
    pausing: 'pausing',
    paused: 'paused',
    stopping: 'stopping',
    stopped: 'stopped',
    done: 'done',
    failed: 'failed',
  },
  nothing: 'There is nothing here that this could be done with now',
  /** What to press, by how a target stands. */
  press: {
    paused: 'p goes on, x lets it be',
    stopped: 'r sends the rest',
    failed: 'r tries this one again, R all that is left',
  },
  columns: { target: 'TARGET', state: 'STATE', share: 'DONE', rate: 'PACE', left: 'TIME' },
  log: 'What happened, newest first',
  title: (kind: 'send' | 'export' | 'import' | 'push', target: string, bundle: string) =>
    ({
      send: `To ${target}`,
      export: `Into ${target}`,
      import: `${bundle} to ${target}`,
      push: `Push to ${target}`,
    })[kind],
  stopping: 'Ending cleanly: what has arrived stays over there. This can take some seconds',
  leaving: 'Stopping cleanly, then leaving. This can take some seconds',
  allDone: 'Everything arrived and was proved. 6 shows the receipts',
  allWritten: 'Written and sealed. Carry it over, and run sh import.sh there',
  /** Said in the terminal when the screen is left, above the commands. */
  left: 'Not everything has arrived. What is left goes with:',
  goesOn: 'It goes on while you look elsewhere',
  /** A notification of the terminal, which nobody can scroll. */
  ended: (state: 'done' | 'failed', targets: readonly string[]) => `${targets.join(' ')} ${state}`,
};
