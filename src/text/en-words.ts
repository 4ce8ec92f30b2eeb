// Everything a person reads that is not an error: labels, steps, questions, reports. Keyed, typed, no logic beyond wording.
import { bundle } from './en-bundle-reports.js';
import { commands } from './en-commands.js';
import { exportWords } from './en-export.js';
import { importWords } from './en-import.js';
import { login } from './en-login.js';
import { mirror } from './en-mirror.js';
import { packages } from './en-packages.js';
import { progress } from './en-progress.js';
import { push } from './en-push.js';
import { receiptPage } from './en-receipt-page.js';
import { registry } from './en-registry.js';
import { reports } from './en-reports.js';
import { screen } from './en-screen.js';
import { spec } from './en-spec.js';

/** By where it is read. `codecReason` is keyed by Plan.codecReason. */
export const words = {
  ...reports,
  bundle,
  receiptPage,
  commands,
  export: exportWords,
  import: importWords,
  login,
  mirror,
  packages,
  progress,
  push,
  registry,
  screen,
  spec,
};
