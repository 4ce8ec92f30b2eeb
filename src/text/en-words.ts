// Everything a person reads that is not an error: labels, steps, questions, reports. Keyed, typed, no logic beyond wording.
import { commands } from './en-commands.js';
import { packages } from './en-packages.js';
import { progress } from './en-progress.js';
import { reports } from './en-reports.js';
import { spec } from './en-spec.js';

/** By where it is read. `codecReason` is keyed by Plan.codecReason. */
export const words = {
  ...reports,
  commands,
  packages,
  progress,
  spec,
};
