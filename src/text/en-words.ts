// Everything a person reads that is not an error: labels, steps, questions, reports. Keyed, typed, no logic beyond wording.
import { bundle } from './en-bundle-reports.js';
import { commands } from './en-commands.js';
import { exportWords } from './en-export.js';
import { progress } from './en-progress.js';
import { reports } from './en-reports.js';

/** By where it is read. `codecReason` is keyed by Plan.codecReason. */
export const words = {
  ...reports,
  bundle,
  commands,
  export: exportWords,
  progress,
};
