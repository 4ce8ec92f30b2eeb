// 中文: everything a person reads that is not an error.
import type { Catalogue } from './catalogue.js';
import { bundle } from './zh-bundle-reports.js';
import { commands } from './zh-commands.js';
import { exportWords } from './zh-export.js';
import { importWords } from './zh-import.js';
import { login } from './zh-login.js';
import { mirror } from './zh-mirror.js';
import { packages } from './zh-packages.js';
import { progress } from './zh-progress.js';
import { push } from './zh-push.js';
import { receiptPage } from './zh-receipt-page.js';
import { registry } from './zh-registry.js';
import { reports } from './zh-reports.js';
import { screen } from './zh-screen.js';
import { spec } from './zh-spec.js';

export const words: Catalogue['words'] = {
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
