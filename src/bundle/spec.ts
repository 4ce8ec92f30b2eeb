// bundle.yaml: what a user writes, checked to the last word, with the line of everything that is wrong.
// @see docs/bundle-yaml.md
import { constants } from 'node:fs';
import { open, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAirgapError } from '../errors.js';
import { isTarget } from '../oci/host-file.js';
import { type PlatformWish, parsePlatforms } from '../oci/platform.js';
import { familiarReference, parseReference } from '../oci/reference.js';
import { hasCode, plainly } from '../streams/fs-errors.js';
import { text } from '../text/text.js';
import { issueError } from './spec-problems.js';
import { type SpecText, specSchema } from './spec-schema.js';
import { maxYamlBytes, parseYaml, specError, type YamlFile } from './yaml-file.js';

export interface SpecImage {
  /** As on the command line; a path in it is relative to the folder of bundle.yaml. */
  readonly source: string;
  readonly as?: string;
  readonly platforms?: PlatformWish;
}

export interface SpecFile {
  /** On this machine, absolute. */
  readonly from: string;
  /** Over there, absolute. */
  readonly to: string;
  /** Four octal digits. */
  readonly mode: string;
  readonly kind: 'file' | 'compose';
}

export interface SpecRepo {
  readonly from: string;
  readonly baseurl?: string;
  readonly gpgkey?: string;
}

export interface SpecPackages {
  readonly folder: string;
  /** Name of the set, unique in the bundle. */
  readonly set: string;
}

/** What travels beside images. */
export interface SpecPayload {
  readonly files: readonly SpecFile[];
  readonly repos: readonly SpecRepo[];
  readonly packages: readonly SpecPackages[];
  /** To be merged into daemon.json; JSON values only. */
  readonly daemon: Readonly<Record<string, unknown>>;
}

export interface Spec {
  /** As it was named. */
  readonly path: string;
  /** Absolute, links resolved. */
  readonly folder: string;
  readonly name: string;
  readonly images: readonly SpecImage[];
  /** Compose files that name further images; each is in the payload, too. */
  readonly compose: readonly string[];
  readonly payload: SpecPayload;
  /** By the name of an image, familiar spelling: what it is called in a registry. */
  readonly push: ReadonlyMap<string, string>;
  readonly targets: readonly string[];
  /** The line of what these keys lead to, for what is found wrong later. */
  lineOf(keys: readonly PropertyKey[]): number | undefined;
}

/** Whether a set of packages may be called so: it is also a folder's name and a word of recipes. */
export function isSetName(name: string): boolean {
  return /^[a-z0-9][a-z0-9._-]{0,63}$/.test(name);
}

/**
 * Reads bundle.yaml and finds every file that it names. `checkSource` throws for a source that no store reads.
 * @throws {AirgapError} SPEC_INVALID with the line
 */
export async function readSpec(file: string, checkSource: (source: string) => void): Promise<Spec> {
  const yaml = parseYaml(await readYaml(file), file);
  const written = checkSpec(yaml, checkSource);
  const folder = await realpath(path.dirname(path.resolve(file)));
  const find = (from: string, keys: readonly PropertyKey[], kind: 'file' | 'folder'): Promise<string> =>
    findInside({ folder, from, kind, fail: (problem) => specError(file, yaml.lineOf(keys), problem) });
  const files: SpecFile[] = [];
  for (const [at, { from, to, mode = '0644' }] of (written.files ?? []).entries())
    files.push({ from: await find(from, ['files', at, 'from'], 'file'), to, mode, kind: 'file' });
  const compose: string[] = [];
  for (const [at, from] of (written.compose ?? []).entries()) {
    const found = await find(from, ['compose', at], 'file');
    compose.push(found);
    files.push({
      from: found,
      to: composeTarget(yaml, written.name, from, at),
      mode: '0644',
      kind: 'compose',
    });
  }
  const repos: SpecRepo[] = [];
  for (const [at, { from, baseurl, gpgkey }] of (written.repos ?? []).entries()) {
    repos.push({
      from: await find(from, ['repos', at, 'from'], 'file'),
      ...(baseurl === undefined ? {} : { baseurl }),
      ...(gpgkey === undefined ? {} : { gpgkey: await find(gpgkey, ['repos', at, 'gpgkey'], 'file') }),
    });
  }
  const packages: SpecPackages[] = [];
  for (const [at, from] of (written.packages ?? []).entries()) {
    const found = await find(from, ['packages', at], 'folder');
    packages.push({ folder: found, set: setName(yaml, from, at) });
  }
  refuseTwice(
    yaml,
    'files',
    files.map(({ to }) => to),
  );
  refuseTwice(
    yaml,
    'packages',
    packages.map(({ set }) => set),
  );
  refuseTwice(yaml, 'targets', written.targets ?? []);
  return {
    path: file,
    folder,
    name: written.name,
    images: (written.images ?? []).map(specImage),
    compose,
    payload: { files, repos, packages, daemon: written.daemon ?? {} },
    push: new Map(
      Object.entries(written.push ?? {}).map(([name, as]) => [familiarReference(parseReference(name)), as]),
    ),
    targets: written.targets ?? [],
    lineOf: yaml.lineOf,
  };
}

/** Reads a YAML file that is not trusted to be small or a file at all. @throws {AirgapError} SPEC_INVALID */
export async function readYaml(file: string): Promise<Uint8Array> {
  const say = text().words.spec;
  try {
    // A fifo would hang: without waiting it opens, and is seen to be none.
    const handle = await open(file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      if (!(await handle.stat()).isFile()) throw specError(file, undefined, say.notFile(file));
      const buffer = Buffer.alloc(maxYamlBytes + 1);
      let length = 0;
      for (;;) {
        const { bytesRead } = await handle.read(buffer, length, buffer.length - length, length);
        length += bytesRead;
        // One byte more than allowed is enough for the parser to say so.
        if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
      }
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (isAirgapError(error)) throw error;
    const detail = plainly(error);
    throw specError(file, undefined, hasCode(error, 'ENOENT') ? say.noFile : say.unreadable(detail));
  }
}

function checkSpec(yaml: YamlFile, checkSource: (source: string) => void): SpecText {
  const say = text().words.spec;
  const parsed = specSchema.safeParse(yaml.value);
  if (!parsed.success) throw issueError(yaml, parsed.error.issues);
  const { images, compose, files, repos, packages, daemon } = parsed.data;
  for (const [at, image] of (images ?? []).entries()) {
    try {
      checkSource(typeof image === 'string' ? image : image.from);
    } catch (error) {
      if (!isAirgapError(error)) throw error;
      const { message, hint } = error;
      const problem =
        hint === undefined ? message : `${message}; ${hint.charAt(0).toLowerCase()}${hint.slice(1)}`;
      throw specError(yaml.path, yaml.lineOf(['images', at, 'from']), problem);
    }
  }
  const lists = [images, compose, files, repos, packages];
  if (lists.every((list) => (list ?? []).length === 0) && Object.keys(daemon ?? {}).length === 0)
    throw specError(yaml.path, undefined, say.empty);
  return parsed.data;
}

function specImage(image: NonNullable<SpecText['images']>[number]): SpecImage {
  if (typeof image === 'string') return { source: image };
  const { from, as, platform } = image;
  return {
    source: from,
    ...(as === undefined ? {} : { as }),
    ...(platform === undefined ? {} : { platforms: parsePlatforms([platform].flat().join(',')) }),
  };
}

interface FindOptions {
  readonly folder: string;
  readonly from: string;
  readonly kind: 'file' | 'folder';
  readonly fail: (problem: string) => Error;
}

/** The file behind a path, which no link may lead out of the folder. */
async function findInside({ folder, from, kind, fail }: FindOptions): Promise<string> {
  const say = text().words.spec;
  const found = await realpath(path.resolve(folder, from)).catch(() => {
    throw fail(say.notThere(from));
  });
  if (found !== folder && !found.startsWith(folder === '/' ? '/' : `${folder}/`))
    throw fail(say.leavesFolder(from));
  const status = await stat(found);
  if (kind === 'file' && !status.isFile()) throw fail(say.notFile(from));
  if (kind === 'folder' && !status.isDirectory()) throw fail(say.notFolder(from));
  return found;
}

function composeTarget(yaml: YamlFile, name: string, from: string, at: number): string {
  const to = path.posix.join('/srv/airgap/compose', name, from);
  if (isTarget(to)) return to;
  throw specError(yaml.path, yaml.lineOf(['compose', at]), text().words.spec.composeTarget(from));
}

function setName(yaml: YamlFile, from: string, at: number): string {
  const set = path.basename(path.resolve('/', from));
  if (isSetName(set)) return set;
  throw specError(yaml.path, yaml.lineOf(['packages', at]), text().words.spec.setName(from));
}

function refuseTwice(yaml: YamlFile, key: string, values: readonly string[]): void {
  const at = values.findIndex((one, place) => values.indexOf(one) !== place);
  const twice = values[at];
  if (twice !== undefined)
    throw specError(yaml.path, yaml.lineOf([key, at]), text().words.spec.twice(key, twice));
}
