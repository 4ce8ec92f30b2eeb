// A flat Debian repository: Packages and Release out of what dpkg-deb reads in each .deb. @see deb-control(5), apt-secure(8)
import { createHash } from 'node:crypto';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import type { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { hexOf } from '../oci/digest.js';
import { text } from '../text/text.js';
import type { Metadata, PackageFile } from './packages.js';
import { runProgram } from './run-program.js';

export interface MetadataOptions {
  readonly host: Host;
  readonly fail: (problem: string) => AirgapError;
  readonly signal?: AbortSignal;
}

// The longest of Debian (a kernel's, with all that it provides) is far below.
const maxControlBytes = 1024 * 1024;

// dpkg's own grammars. @see deb-control(5), deb-version(7)
const namePattern = /^[a-z0-9][a-z0-9+.-]{1,199}$/;
const versionPattern = /^(?:\d{1,9}:)?([0-9][A-Za-z0-9.+~-]{0,199})$/;
const architecturePattern = /^[a-z0-9][a-z0-9-]{0,60}$/;

/** What the repository says of a file is what was measured here, never what its control file claims. */
const measured = /^(?:Filename|Size|MD5sum|SHA1|SHA256|SHA512):/i;

/** Reads every package to its end. @throws {AirgapError} PACKAGES_INVALID, PROGRAM_MISSING */
export async function debMetadata(
  files: readonly PackageFile[],
  options: MetadataOptions,
): Promise<Metadata> {
  const names: string[] = [];
  const placed = new Map<PackageFile, string>();
  const paragraphs = new Map<string, string>();
  for (const file of files) {
    const control = await readControl(file, options);
    const field = (name: string): string =>
      new RegExp(`^${name}:[ \\t]*(.*?)[ \\t]*$`, 'mi').exec(control)?.[1] ?? '';
    const name = field('Package');
    const [, version] = versionPattern.exec(field('Version')) ?? [];
    const architecture = field('Architecture');
    const isWhole = namePattern.test(name) && version !== undefined && architecturePattern.test(architecture);
    if (!isWhole) throw options.fail(text().words.packages.control(path.basename(file.file)));
    // apt-get download writes the epoch's colon as %3a, which no bundle holds; Debian's own archive leaves the epoch out.
    const place = `${name}_${version}_${architecture}.deb`;
    names.push(name);
    placed.set(file, place);
    const own = [`Filename: ./${place}`, `Size: ${file.bytes}`, `SHA256: ${hexOf(file.digest)}`];
    paragraphs.set(place, `${control}${own.join('\n')}\n`);
  }
  const sorted = [...paragraphs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, paragraph]) => paragraph);
  const packages = Buffer.from(sorted.join('\n'));
  const compressed = gzipSync(packages, { level: 9 });
  const made = new Map<string, Buffer>([
    ['Packages', packages],
    ['Packages.gz', compressed],
  ]);
  made.set('Release', release(made));
  return { names, placed, made };
}

async function readControl({ file }: PackageFile, { host, fail, signal }: MetadataOptions): Promise<string> {
  const say = text().words.packages;
  const name = path.basename(file);
  const limits = { maxBytes: maxControlBytes, ...(signal === undefined ? {} : { signal }) };
  const told = await runProgram(host, ['dpkg-deb', '--field', path.resolve(file)], limits);
  if (told.exitCode !== 0) throw fail(say.unreadable(name, told.complaint));
  // To its end: a package that was cut has a control file all the same.
  const whole = await runProgram(host, ['dpkg-deb', '--fsys-tarfile', path.resolve(file)], {
    ...limits,
    maxBytes: 0,
  });
  if (whole.exitCode !== 0) throw fail(say.unreadable(name, whole.complaint));
  const lines = told.stdout.replace(/\n+$/, '').split('\n');
  // An empty line would begin another package.
  const isForm = lines.every((line) => /^[!-9;-~]+:/.test(line) || /^[ \t]+\S/.test(line));
  if (told.isCut || !isForm) throw fail(say.control(name));
  const kept: string[] = [];
  let isDropped = false;
  for (const line of lines) {
    if (!/^[ \t]/.test(line)) isDropped = measured.test(line);
    if (!isDropped) kept.push(line);
  }
  return `${kept.join('\n')}\n`;
}

function release(made: ReadonlyMap<string, Buffer>): Buffer {
  const rows = [...made].map(
    ([name, bytes]) => ` ${createHash('sha256').update(bytes).digest('hex')} ${bytes.byteLength} ${name}`,
  );
  // A date must stand there, and a clock must not.
  const head = ['Origin: airgap', 'Label: airgap', 'Suite: airgap', 'Date: Thu, 01 Jan 1970 00:00:00 UTC'];
  return Buffer.from(`${[...head, 'SHA256:', ...rows].join('\n')}\n`);
}
