// What goes into a bundle beside images: files as they were checked here, and folders of packages made into repositories.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import path from 'node:path';
import type { BundlePackages } from '../bundle/manifest.js';
import { buildRepository, type RepositoryFile } from '../bundle/packages.js';
import { formOf } from '../bundle/place.js';
import type { PlannedPayload } from '../bundle/plan-export.js';
import { isSetName, type Spec, type SpecPackages } from '../bundle/spec.js';
import type { PackageFile, Payload } from '../bundle/writer.js';
import { AirgapError } from '../errors.js';
import { packFiles } from '../files/pack-files.js';
import type { Host } from '../hosts/host.js';
import { digestFromHex } from '../oci/digest.js';
import { text } from '../text/text.js';
import type { ExportOptions } from './api.js';
import { payloadFiles, refuseUnknownKeys } from './payload.js';
import { readFiles } from './read-files.js';

export interface PackedPayload {
  readonly payloads: readonly Payload[];
  readonly packages: readonly BundlePackages[];
  readonly packageFiles: readonly PackageFile[];
  /** The same, as a plan shows it. */
  readonly planned: PlannedPayload;
}

export interface PackPayloadOptions {
  readonly options: Pick<ExportOptions, 'files' | 'packages' | 'allowFolders' | 'destination'>;
  readonly spec: Spec | undefined;
  /** This machine: dpkg-deb and createrepo_c run there. */
  readonly host: Host;
  readonly signal: AbortSignal;
}

/** Nothing is written. @throws {AirgapError} SPEC_INVALID, FILE_REFUSED, FILE_INVALID, PACKAGES_INVALID, PROGRAM_MISSING, USAGE */
export async function packPayload({
  options,
  spec,
  host,
  signal,
}: PackPayloadOptions): Promise<PackedPayload> {
  refuseUnknownKeys(spec);
  // The line has the last word: of daemon.json a later key wins.
  const wanted = await readFiles([...(await payloadFiles(spec)), ...(options.files ?? [])]);
  const { files, refusals } = packFiles(wanted, options.allowFolders ?? []);
  const [refusal] = refusals;
  if (refusal !== undefined) throw new AirgapError(refusal.code, refusal.facts as never);
  const sets = [...(spec?.payload.packages ?? []), ...(options.packages ?? []).map(setOf)];
  refuseTwice(sets);
  const repositories = [];
  const inTar = formOf(options.destination) === 'tar';
  for (const { folder, set } of sets)
    repositories.push(await buildRepository({ folder, set, host, inTar, signal }));
  return {
    payloads: files.map(({ kind, to, mode, content }) => ({
      kind,
      to,
      mode,
      size: content.byteLength,
      open: () => [content],
    })),
    packages: repositories.map(({ set, kind, names }) => ({ set, kind, names })),
    packageFiles: repositories.flatMap((repository, at) =>
      repository.files.map((file) => ({
        path: file.path.slice('packages/'.length),
        size: file.bytes,
        open: () => readAsMeasured(file, sets[at]?.folder ?? ''),
      })),
    ),
    planned: {
      files: files.map(({ kind, to, mode, content }) => ({ kind, to, mode, bytes: content.byteLength })),
      packages: repositories.map(({ set, kind, names, files: made }) => ({
        set,
        kind,
        names: names.length,
        fileCount: made.length,
        bytes: made.reduce((sum, { bytes }) => sum + bytes, 0),
      })),
    },
  };
}

/** A folder of --packages: its own name is that of the set. */
function setOf(folder: string): SpecPackages {
  const whole = path.resolve(folder);
  const set = path.basename(whole);
  if (isSetName(set)) return { folder: whole, set };
  throw new AirgapError('PACKAGES_INVALID', { path: folder, problem: text().words.packages.setName });
}

function refuseTwice(sets: readonly SpecPackages[]): void {
  const twice = sets.find(({ set }, at) => sets.findIndex((one) => one.set === set) !== at);
  if (twice === undefined) return;
  const { folder, set } = twice;
  throw new AirgapError('PACKAGES_INVALID', { path: folder, problem: text().words.packages.setTwice(set) });
}

/** The repository's lists name digests: a file that has changed since they were made would never be installed. */
async function* readAsMeasured(file: RepositoryFile, folder: string): AsyncGenerator<Uint8Array> {
  if ('content' in file) {
    yield file.content;
    return;
  }
  const hash = createHash('sha256');
  const fail = (cause?: unknown): AirgapError =>
    new AirgapError(
      'PACKAGES_INVALID',
      { path: folder, problem: text().words.packages.changed(path.basename(file.from)) },
      { cause },
    );
  let bytes = 0;
  const chunks = createReadStream(file.from, { highWaterMark: 1024 * 1024 });
  try {
    for await (const chunk of chunks) {
      hash.update(chunk);
      bytes += chunk.length;
      if (bytes > file.bytes) throw fail();
      yield chunk;
    }
  } catch (error) {
    throw error instanceof AirgapError ? error : fail(error);
  }
  if (digestFromHex(hash.digest('hex'), file.from) !== file.digest) throw fail();
}
