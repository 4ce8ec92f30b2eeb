// The config of an image that a container is made into: its image's own, one layer more, and what the user wants changed.
// @see image-spec v1.1 config.md; the instructions of `docker commit --change`
import path from 'node:path';
import { AirgapError } from '../errors.js';
import type { DiffId } from '../oci/digest.js';
import { text } from '../text/text.js';

export interface CommitConfigOptions {
  /** Of the image that the container was made from. */
  readonly rawConfig: Uint8Array;
  /** What the container has written. */
  readonly diffId: DiffId;
  /** ISO 8601. */
  readonly created: string;
  /** For the line of the history. */
  readonly createdBy: string;
  readonly author?: string | undefined;
  readonly message?: string | undefined;
  /** Dockerfile instructions, such as `CMD ["/bin/app"]`. */
  readonly changes: readonly string[];
}

type Settings = Record<string, unknown>;

/** The config blob. `rawConfig` has been parsed before, so it is a config. @throws {AirgapError} USAGE for a change that is none */
export function committedConfig(options: CommitConfigOptions): Buffer {
  const { rawConfig, diffId, created, createdBy, author, message, changes } = options;
  const base = JSON.parse(Buffer.from(rawConfig).toString('utf8')) as {
    readonly config?: Settings | null;
    readonly history?: readonly object[] | null;
    readonly rootfs: { readonly diff_ids?: readonly string[] | null };
  };
  const by = author === undefined ? {} : { author };
  const line = {
    created,
    created_by: createdBy,
    ...by,
    ...(message === undefined ? {} : { comment: message }),
  };
  const settings: Settings = { ...base.config };
  let hasCmd = false;
  for (const change of changes) {
    const { name, value } = instruction(change);
    apply(settings, { name, value, change });
    // As in a Dockerfile: the image's own arguments are not meant for another program.
    if (name === 'ENTRYPOINT' && !hasCmd) delete settings.Cmd;
    hasCmd ||= name === 'CMD';
  }
  return Buffer.from(
    JSON.stringify({
      ...base,
      ...by,
      created,
      config: settings,
      rootfs: { ...base.rootfs, type: 'layers', diff_ids: [...(base.rootfs.diff_ids ?? []), diffId] },
      history: [...(base.history ?? []), line],
    }),
  );
}

/** Refused before a container is read. @throws {AirgapError} USAGE */
export function checkChanges(changes: readonly string[]): void {
  for (const change of changes) apply({}, { ...instruction(change), change });
}

interface Instruction {
  readonly name: string;
  readonly value: string;
  /** As it was given. */
  readonly change: string;
}

function instruction(change: string): Pick<Instruction, 'name' | 'value'> {
  const [, name = '', value = ''] = /^\s*([A-Za-z]+)\s+(.*\S)\s*$/s.exec(change) ?? [];
  return { name: name.toUpperCase(), value };
}

function apply(settings: Settings, { name, value, change }: Instruction): void {
  const word = (raw: string): string => expanded(raw, { env: linesOf(settings.Env), change });
  switch (name) {
    case 'CMD':
      settings.Cmd = command(value);
      return;
    case 'ENTRYPOINT':
      settings.Entrypoint = command(value);
      return;
    case 'ENV':
      settings.Env = withVariables(linesOf(settings.Env), pairs(value, { word, change }));
      return;
    case 'LABEL':
      settings.Labels = {
        ...(settings.Labels as object | undefined),
        ...Object.fromEntries(pairs(value, { word, change })),
      };
      return;
    case 'EXPOSE':
      settings.ExposedPorts = {
        ...(settings.ExposedPorts as object | undefined),
        ...ports(word(value), change),
      };
      return;
    case 'VOLUME':
      settings.Volumes = {
        ...(settings.Volumes as object | undefined),
        ...emptyFor((jsonWords(value) ?? split(value)).map(word)),
      };
      return;
    case 'USER':
      settings.User = word(value);
      return;
    case 'WORKDIR':
      settings.WorkingDir = path.posix.resolve('/', String(settings.WorkingDir ?? ''), word(value));
      return;
    default:
      throw wrongChange(change);
  }
}

/** `["/bin/app", "-v"]`, or a line for a shell. */
function command(value: string): readonly string[] {
  return jsonWords(value) ?? ['/bin/sh', '-c', value];
}

function jsonWords(value: string): readonly string[] | undefined {
  try {
    const parsed: unknown = JSON.parse(value);
    return Array.isArray(parsed) && parsed.every((word) => typeof word === 'string') ? parsed : undefined;
  } catch {
    return undefined;
  }
}

interface Words {
  readonly word: (raw: string) => string;
  readonly change: string;
}

/** `A=1 B="two words"`, or in the old way `A all the rest`. */
function pairs(value: string, { word, change }: Words): readonly (readonly [string, string])[] {
  const [, key, rest] = /^([^\s=]+)\s+(.+)$/s.exec(value) ?? [];
  if (key !== undefined && rest !== undefined) return [[word(key), word(rest)]];
  const pair = /("[^"=]+"|'[^'=]+'|[^\s="']+)=((?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\])*)(?:\s+|$)/gsy;
  const found: (readonly [string, string])[] = [];
  let end = 0;
  for (const [whole, name = '', given = ''] of value.matchAll(pair)) {
    end += whole.length;
    found.push([word(name), word(given)]);
  }
  if (found.length === 0 || end !== value.length) throw wrongChange(change);
  return found;
}

/** Quotes and backslashes taken away, variables put in, as in a Dockerfile. */
function expanded(
  raw: string,
  { env, change }: { readonly env: readonly string[]; readonly change: string },
): string {
  const variable = (name: string): string =>
    env.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const part = /'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)|\$(?:(\w+)|\{(\w+)\})|([^'"\\$]+)/gsy;
  let made = '';
  let end = 0;
  for (const [whole, single, double, escaped, bare, braced, plain] of raw.matchAll(part)) {
    end += whole.length;
    const name = bare ?? braced;
    if (double !== undefined) made += withinQuotes(double, variable, change);
    else made += name === undefined ? (single ?? escaped ?? plain ?? '') : variable(name);
  }
  if (end !== raw.length) throw wrongChange(change);
  return made;
}

/** There a backslash is one unless it stands before what would mean something. */
function withinQuotes(text: string, variable: (name: string) => string, change: string): string {
  return text.replace(
    /\\(["\\$])|\$(?:(\w+)|\{(\w+)\})?/g,
    (_whole, escaped: string | undefined, bare: string | undefined, braced: string | undefined) => {
      const name = bare ?? braced;
      if (escaped === undefined && name === undefined) throw wrongChange(change);
      return escaped ?? variable(name ?? '');
    },
  );
}

const linesOf = (env: unknown): readonly string[] => (Array.isArray(env) ? env.map(String) : []);

function withVariables(
  env: readonly string[],
  more: readonly (readonly [string, string])[],
): readonly string[] {
  const lines = [...env];
  for (const [name, value] of more) {
    const at = lines.findIndex((line) => line.startsWith(`${name}=`));
    lines.splice(at < 0 ? lines.length : at, 1, `${name}=${value}`);
  }
  return lines;
}

function ports(value: string, change: string): Readonly<Record<string, object>> {
  const asked = split(value);
  if (!asked.every((port) => /^\d{1,5}(?:\/(?:tcp|udp|sctp))?$/.test(port))) throw wrongChange(change);
  return emptyFor(asked.map((port) => (port.includes('/') ? port : `${port}/tcp`)));
}

const split = (value: string): readonly string[] => value.split(/\s+/);

function emptyFor(keys: readonly string[]): Readonly<Record<string, object>> {
  return Object.fromEntries(keys.map((key) => [key, {}]));
}

function wrongChange(change: string): AirgapError {
  return new AirgapError('USAGE', { problem: text().words.spec.wrongChange(change.slice(0, 200)) });
}
