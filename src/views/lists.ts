// The smaller tables: spool, hosts, findings of doctor, what clean removed.
import type { Core, Finding, KnownHost } from '../runs/api.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { padEnd, wrap } from '../text/width.js';
import { type Line, type Style, span } from './line.js';
import { shortId } from './plan.js';
import { localTime } from './receipt.js';
import { table } from './table.js';

/** What Core.spoolEntries gives. */
export type SpoolList = Awaited<ReturnType<Core['spoolEntries']>>;

/** Layers in the spool, newest use first. */
export function viewSpool(list: SpoolList, columns: number, now: number): Line[] {
  const { spool, none, ago } = text().words;
  if (list.entries.length === 0) return [spool.empty(list.directory)];
  const entries = [...list.entries].sort((a, b) => b.usedAt - a.usedAt);
  const bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  return [
    ...table(
      [
        { title: spool.columns.layer },
        { title: spool.columns.codec },
        { title: spool.columns.size, right: true },
        { title: spool.columns.raw, right: true },
        { title: spool.columns.state },
        { title: spool.columns.used },
      ],
      entries.map((entry) => [
        shortId(entry.diffId),
        entry.codec,
        formatBytes(entry.bytes),
        entry.rawBytes === undefined ? none : formatBytes(entry.rawBytes),
        entry.finished ? spool.finished : span('warn', spool.unfinished),
        ago(now - entry.usedAt),
      ]),
      { columns },
    ),
    '',
    spool.total(list.directory, entries.length, formatBytes(bytes), formatBytes(list.limitBytes)),
  ];
}

/** Hosts by name, then the folders that were added. */
export function viewHosts(hosts: readonly KnownHost[], folders: readonly string[], columns: number): Line[] {
  const { hosts: words, none } = text().words;
  if (hosts.length + folders.length === 0) return [words.empty];
  return table(
    [
      { title: words.columns.name, shrinks: true },
      { title: words.columns.address, shrinks: true },
      { title: words.columns.from },
      { title: words.columns.last },
    ],
    [
      ...hosts.map((host) => [
        host.name,
        host.address ?? none,
        words.from[host.from],
        host.lastReceipt === undefined ? none : localTime(host.lastReceipt.startedAt).slice(0, 16),
      ]),
      ...folders.map((folder) => [folder, none, words.from.added, none]),
    ],
    { columns },
  );
}

const levelStyle: Readonly<Record<Finding['level'], Style>> = { ok: 'ok', warning: 'warn', problem: 'error' };

/** What doctor found, problems with what to do. */
export function viewFindings(findings: readonly Finding[], columns: number): Line[] {
  const words = text().words.doctor;
  const indent = 6;
  const room = Math.max(30, columns - indent);
  const lines = findings.flatMap((finding): Line[] => {
    const [first = '', ...rest] = wrap(words.finding(finding.subject, finding.text), room);
    const hint = finding.hint === undefined ? [] : wrap(finding.hint, room - 2);
    return [
      [span(levelStyle[finding.level], padEnd(words.levels[finding.level], indent)), first],
      ...rest.map((part) => ' '.repeat(indent) + part),
      ...hint.map((part, at): Line => [' '.repeat(indent), span('dim', `${at === 0 ? '→' : ' '} ${part}`)]),
    ];
  });
  const problems = findings.filter((finding) => finding.level === 'problem').length;
  const warnings = findings.filter((finding) => finding.level === 'warning').length;
  const verdict: Line =
    problems + warnings === 0
      ? [span('ok', words.clear)]
      : [span(problems > 0 ? 'error' : 'warn', words.problems(problems, warnings))];
  return [...lines, '', verdict];
}
