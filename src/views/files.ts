// Files as lines: in a plan with what changes in each, in a receipt with how to take them back.
import type { PlannedFile } from '../files/planned-file.js';
import type { Receipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import { type Line, type Style, span } from './line.js';

const styles: Readonly<Record<PlannedFile['state'], Style>> = { new: 'ok', same: 'dim', change: 'warn' };

/** Each file of a plan: new, same or what changes. */
export function planFileLines(files: readonly PlannedFile[]): Line[] {
  const words = text().files;
  return files.flatMap((file): Line[] => [
    ['  ', span(styles[file.state], words.line({ ...file, more: moreOf(file) }))],
    ...diffLines(file),
    ...keyLines(file),
  ]);
}

/** What was put there, and the command that takes it back. */
export function receiptFileLines({ files, filesFailed, reload, id, host, address }: Receipt): Line[] {
  const words = text().files;
  if (filesFailed !== undefined) return [['  ', span('error', words.failed(filesFailed.message))]];
  if (files === undefined || files.length === 0) return [];
  const changed = files.some(({ backup }) => backup !== null);
  return [
    ...files.map(
      ({ to, backup }): Line => [
        '  ',
        backup === null ? words.unchanged(to) : span('ok', words.installed(to)),
      ],
    ),
    ...(reload === undefined ? [] : reloadLines(reload)),
    ...(changed
      ? [['  ', span('dim', words.back(id.slice(0, 8), address === 'local:' ? undefined : host))]]
      : []),
  ];
}

function reloadLines({ shown, unshown, restart }: NonNullable<Receipt['reload']>): Line[] {
  const words = text().files;
  return [
    ['  ', span('ok', words.reloaded(shown))],
    ...(unshown.length === 0 ? [] : [`    ${words.unshown(unshown)}`]),
    ...(restart.length === 0 ? [] : [['    ', span('warn', words.restart(restart))]]),
  ];
}

function moreOf({ previous, mode }: PlannedFile): string {
  const words = text().files;
  if (previous === undefined) return '';
  const was = previous.mode === mode ? '' : words.modeWas(previous.mode);
  return words.more(was, words.owner(previous.uid, previous.gid));
}

function diffLines({ diff }: PlannedFile): Line[] {
  if (diff === undefined || diff === '') return [];
  return diff.split('\n').map((line): Line => {
    const style: Style = line.startsWith('+') ? 'ok' : line.startsWith('-') ? 'error' : 'dim';
    return ['    ', span(style, line)];
  });
}

function keyLines({ reload = [], restart = [] }: PlannedFile): Line[] {
  const words = text().files;
  return [
    ...(reload.length === 0 ? [] : [`    ${words.reload(reload)}`]),
    ...(restart.length === 0 ? [] : [['    ', span('warn', words.restart(restart))]]),
  ];
}
