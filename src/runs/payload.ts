// What a bundle.yaml brings beside images, as the files that --file, --repo and --daemon-key would name: one way for both.
import path from 'node:path';
import type { Spec, SpecRepo } from '../bundle/spec.js';
import { specError } from '../bundle/yaml-file.js';
import { unknownDaemonKey } from '../files/daemon-keys.js';
import { textOf } from '../files/plan-files.js';
import { keyTarget, lintRepo, pointRepo, repoForm } from '../files/repo-file.js';
import { text } from '../text/text.js';
import type { FileChoice } from './api.js';
import { readWhole } from './read-files.js';

/** Repository files come pointed at their mirror and key. @throws {AirgapError} USAGE where a file cannot be read */
export async function payloadFiles(spec: Spec | undefined): Promise<FileChoice[]> {
  if (spec === undefined) return [];
  const { files, repos, daemon } = spec.payload;
  const choices: FileChoice[] = files.map(({ from, to, mode, kind }) => ({ kind, source: from, to, mode }));
  for (const repo of repos) {
    // Several repositories may be signed with one key.
    for (const choice of await repoChoices(repo))
      if (!choices.some((one) => isSameKey(one, choice))) choices.push(choice);
  }
  if (Object.keys(daemon).length > 0)
    choices.push({
      kind: 'daemon',
      source: spec.path,
      content: Buffer.from(JSON.stringify(daemon)),
      keyPlaces: new Map(
        Object.keys(daemon).map((key) => [key, `${spec.path}:${spec.lineOf(['daemon', key]) ?? 1}`]),
      ),
    });
  return choices;
}

/** For runs that have no way for package files: an error, not left out. @throws {AirgapError} SPEC_INVALID */
export function refusePackages(spec: Spec | undefined): void {
  if (spec !== undefined && spec.payload.packages.length > 0)
    throw specError(spec.path, undefined, text().words.spec.packages);
}

/**
 * For exports: nobody knows the host, so a key that no dockerd has is told with its line. A send may ask the host's own dockerd.
 * @throws {AirgapError} SPEC_INVALID
 */
export function refuseUnknownKeys(spec: Spec | undefined): void {
  const unknown = unknownDaemonKey(spec?.payload.daemon ?? {});
  if (spec === undefined || unknown === undefined) return;
  const { key, near } = unknown;
  throw specError(spec.path, spec.lineOf(['daemon', key]), text().files.unknownKey(key.slice(0, 100), near));
}

/** The key first: whoever reads the repository file finds it. */
async function repoChoices({ from, baseurl, gpgkey }: SpecRepo): Promise<FileChoice[]> {
  const form = repoForm(from) ?? 'repo';
  const raw = await readWhole(from);
  const written = textOf(raw);
  const key = gpgkey === undefined ? undefined : { source: gpgkey, content: await readWhole(gpgkey) };
  const keyPath = key === undefined ? undefined : keyTarget(form, path.basename(key.source), key.content);
  // What is wrong is found again where files are planned, with the lines that its writer knows.
  const isSound = written !== undefined && lintRepo(form, written) === undefined;
  const change = {
    ...(baseurl === undefined ? {} : { baseurl }),
    ...(keyPath === undefined ? {} : { keyPath }),
  };
  const content = isSound ? Buffer.from(pointRepo(form, written, change)) : raw;
  return [
    ...(key === undefined ? [] : [{ kind: 'key' as const, ...key, to: keyPath, mode: '0644' }]),
    { kind: 'repo', source: from, content, mode: '0644' },
  ];
}

function isSameKey(a: FileChoice, b: FileChoice): boolean {
  if (a.kind !== 'key' || b.kind !== 'key' || a.to !== b.to) return false;
  return Buffer.compare(a.content ?? Buffer.of(), b.content ?? Buffer.of()) === 0;
}
