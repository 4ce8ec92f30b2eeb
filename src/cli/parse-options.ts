// Words of the command line into typed options: rates, codecs, hosts, IMAGE=NAME. Pure; wrong words are usage errors.
import { AirgapError } from '../errors.js';
import { parseReference } from '../oci/reference.js';
import type { ImageChoice, SendOptions } from '../runs/api.js';
import { isLanguage, type Language, languages, nearLanguages } from '../text/language.js';
import { type Catalogue, text } from '../text/text.js';

const wrong = (): Catalogue['words']['commands']['wrong'] => text().words.commands.wrong;

/** A usage error about one command. */
export function usage(problem: string, command?: string): AirgapError<'USAGE'> {
  return new AirgapError('USAGE', { problem, ...(command === undefined ? {} : { command }) });
}

const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3, t: 4 };

/**
 * Bytes a second of `2MB`, `500kB`, `20Mbit`, `20Mbps`, `1MiB/s`; a number alone is bytes. `kb` and `mb` are refused:
 * some read them as bits, others as bytes. @throws {AirgapError} RATE_INVALID
 */
export function parseRate(input: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?) ?(?:([kKmMgG])(i?))?(B(?:\/s)?|[bB]its?(?:\/s)?|bps)?$/.exec(
    input.trim(),
  );
  const [, number = '', prefix = '', binary = '', word = ''] = match ?? [];
  const base = binary === '' ? 1000 : 1024;
  const bits = /^(?:[bB]it|bps)/.test(word);
  const scale = base ** (powers[prefix.toLowerCase()] ?? 0) / (bits ? 8 : 1);
  const bytes = Math.floor(Number(number) * scale);
  if (match === null || !Number.isSafeInteger(bytes) || bytes < 1) {
    throw new AirgapError('RATE_INVALID', { input: input.slice(0, 100) });
  }
  return bytes;
}

/** Bytes of `4GB`, `700MiB`, `4g`; a number alone is bytes. @throws {AirgapError} USAGE */
export function parseSize(input: string, option: string, command: string): number {
  const match = /^(\d{1,12}(?:\.\d{1,6})?) ?([kKmMgGtT]?)(i?)[bB]?$/.exec(input.trim());
  const [, number = '', prefix = '', binary = ''] = match ?? [];
  const scale = (binary === '' ? 1000 : 1024) ** (powers[prefix.toLowerCase()] ?? 0);
  const bytes = Math.floor(Number(number) * scale);
  if (match === null || !Number.isSafeInteger(bytes) || bytes < 1)
    throw usage(wrong().size(option, input.slice(0, 40)), command);
  return bytes;
}

/** `auto`, `none`, `zstd[:1-19]`, `gzip[:1-9]`. @throws {AirgapError} USAGE */
export function parseCompress(input: string, command: string): NonNullable<SendOptions['compress']> {
  if (input === 'auto') return 'auto';
  if (input === 'none') return { codec: 'none' };
  const match = /^(zstd|gzip)(?::(\d{1,2}))?$/.exec(input);
  const codec = match?.[1] === 'zstd' ? 'zstd' : 'gzip';
  const level = match?.[2] === undefined ? undefined : Number(match[2]);
  const most = codec === 'zstd' ? 19 : 9;
  if (match === null || (level !== undefined && (level < 1 || level > most))) {
    throw usage(wrong().compress(input.slice(0, 40)), command);
  }
  return { codec, ...(level === undefined ? {} : { level }) };
}

/** `docker`, `podman`, `podman:root`, `containerd`, `containerd:NAMESPACE`, `k3s`, `rke2`, `k3s-images`, `rke2-images`, or `layout:/FOLDER` on the host. @throws {AirgapError} USAGE */
export function parseEngine(input: string, command: string): string {
  if (
    /^(?:docker|podman(?::root)?|(?:k3s|rke2)(?:-images)?|containerd(?::[A-Za-z0-9][A-Za-z0-9_.-]{0,75})?)$/.test(
      input,
    )
  )
    return input;
  const folder = /^(?:layout|k3s-images|rke2-images):(\/.*[^/].*)$/.exec(input)?.[1];
  // What the far side's own pattern for folders refuses, told before there is a connection.
  if (folder === undefined || folder.split('/').includes('..') || /\p{Cc}/u.test(folder)) {
    throw usage(wrong().engine(input.slice(0, 100)), command);
  }
  return input;
}

/** Hosts of `HOST[,HOST…]`; what each means is for the core. @throws {AirgapError} USAGE */
export function parseHosts(input: string, command: string): readonly string[] {
  const hosts = input.split(',').map((host) => host.trim());
  if (hosts.includes('')) throw usage(wrong().emptyHost, command);
  const twice = hosts.find((host, at) => hosts.indexOf(host) !== at);
  if (twice !== undefined) throw usage(wrong().sameHost(twice.slice(0, 100)), command);
  return hosts;
}

/** Images of `IMAGE[=NAME]…`, with `--as` for a single one. The last `=` parts them. @throws {AirgapError} USAGE, REFERENCE_INVALID */
export function parseImages(
  inputs: readonly string[],
  as: string | undefined,
  command: string,
): readonly ImageChoice[] {
  if (as !== undefined && inputs.length !== 1) throw usage(wrong().asOne, command);
  return inputs.map((input) => {
    const at = input.lastIndexOf('=');
    const source = at < 0 ? input : input.slice(0, at);
    const name = at < 0 ? undefined : input.slice(at + 1);
    if (source === '' || name === '') throw usage(wrong().emptyImage(input.slice(0, 100)), command);
    if (as !== undefined && name !== undefined) throw usage(wrong().asTwice, command);
    const wanted = name ?? as;
    // A name that no engine takes is refused before anything is opened.
    if (wanted !== undefined) parseReference(wanted);
    return { source, ...(wanted === undefined ? {} : { as: wanted }) };
  });
}

/** `Key=Value` or `Key Value` as ssh takes it; whether there is such a key is for the core. @throws {AirgapError} USAGE */
export function parseSshOption(input: string, command: string): string {
  if (/^\s*[A-Za-z0-9]+(?:\s*=\s*|\s+)\S/.test(input)) return input;
  throw usage(wrong().sshOption(input.slice(0, 100)), command);
}

/** A whole number within bounds. @throws {AirgapError} USAGE */
export function parseWhole(
  input: string,
  bounds: {
    readonly option: string;
    readonly least: number;
    readonly most: number;
    readonly command: string;
  },
): number {
  const value = /^\d{1,9}$/.test(input) ? Number(input) : Number.NaN;
  if (value >= bounds.least && value <= bounds.most) return value;
  throw usage(wrong().number(bounds.option, input.slice(0, 40), bounds.least, bounds.most), bounds.command);
}

/** A language of --lang. What it changes was chosen before the line was parsed. @throws {AirgapError} USAGE */
export function parseLanguage(input: string): Language {
  if (isLanguage(input)) return input;
  throw usage(wrong().language(input.slice(0, 40), nearLanguages(input), languages));
}

/** One of some words. @throws {AirgapError} USAGE */
export function parseChoice<T extends string>(
  input: string,
  known: readonly T[],
  option: string,
  command: string,
): T {
  const found = known.find((word) => word === input);
  if (found !== undefined) return found;
  throw usage(wrong().choice(option, input.slice(0, 40), known), command);
}
