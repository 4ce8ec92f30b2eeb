// Packages as lines: in a plan what will be installed, in a receipt what was.
import type { PlannedPackages } from '../plan/plan.js';
import type { Receipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import { type Line, span } from './line.js';

/** Each set of a plan. */
export function planPackageLines(packages: readonly PlannedPackages[]): Line[] {
  const { packages: words } = text().words;
  return packages.flatMap((one): Line[] => [
    ['  ', span('ok', words.planned(one))],
    ['    ', words.installs(one.names)],
  ]);
}

/** Each set that was brought, and why some are not installed. */
export function receiptPackageLines({ packages, packagesFailed }: Receipt): Line[] {
  const { packages: words } = text().words;
  return [
    ...(packages ?? []).flatMap(({ set, place, installed, names }): Line[] => [
      ['  ', words.brought(set, place)],
      ...(installed ? [['  ', span('ok', words.installed(set, names))]] : []),
    ]),
    ...(packagesFailed === undefined ? [] : [['  ', span('error', words.failed(packagesFailed.message))]]),
  ];
}
