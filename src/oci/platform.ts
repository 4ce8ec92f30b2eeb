// os/architecture[/variant], as image-spec and the Go world spell them. @see image-spec v1.1 image-index.md
import { AirgapError } from '../errors.js';

export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
}

const word = /^[a-z0-9_.-]{1,40}$/i;

// What `uname -m` and people say → what image-spec says, with the variant that is implied.
const aliases: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armv7l: ['arm', 'v7'],
  armv7: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  armv6l: ['arm', 'v6'],
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  loongarch64: ['loong64'],
};

// `go tool dist list`, by what container engines run on. An os may be newer than this list if the architecture is known.
const systems = new Set([
  'linux',
  'windows',
  'freebsd',
  'netbsd',
  'openbsd',
  'darwin',
  'solaris',
  'illumos',
  'wasip1',
]);
const architectures = new Set(
  '386 amd64 arm arm64 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x sparc64 wasm'.split(
    ' ',
  ),
);

/** Parses `linux/arm64`, `linux/arm/v7`, `arm64` (linux implied). @throws {AirgapError} PLATFORM_INVALID */
export function parsePlatform(input: string): Platform {
  const words = input.toLowerCase().split('/');
  if (words.length > 3 || words.some((part) => !word.test(part))) {
    throw new AirgapError('PLATFORM_INVALID', { input: input.slice(0, 100) });
  }
  const [first = '', second, third] = words;
  const named =
    second === undefined ? { os: 'linux', architecture: first } : { os: first, architecture: second };
  const platform = normalisePlatform({ ...named, ...(third === undefined ? {} : { variant: third }) });
  const isKnown = architectures.has(platform.architecture);
  if (!isKnown && (second === undefined || !systems.has(platform.os))) {
    throw new AirgapError('PLATFORM_INVALID', { input: input.slice(0, 100) });
  }
  return platform;
}

/** Several platforms of one image, or all that there are of it. */
export type PlatformWish = 'all' | readonly Platform[];

/** Parses `all`, or platforms with commas between them, each once. @throws {AirgapError} PLATFORM_INVALID */
export function parsePlatforms(input: string): PlatformWish {
  if (input === 'all') return 'all';
  const platforms = input.split(',').map(parsePlatform);
  return [...new Map(platforms.map((platform) => [formatPlatform(platform), platform])).values()];
}

/** The platform of a wish for just one. */
export function onlyPlatform(wish: PlatformWish | undefined): Platform | undefined {
  return wish !== undefined && wish !== 'all' && wish.length === 1 ? wish[0] : undefined;
}

/** The canonical spelling: `x86_64` → `amd64`, `aarch64` → `arm64`; arm64's only variant v8 is left out. */
export function normalisePlatform(platform: Platform): Platform {
  const [architecture, implied] = aliases[platform.architecture] ?? [platform.architecture];
  const variant = platform.variant || implied;
  const dropped = (architecture === 'arm64' && variant === 'v8') || variant === undefined;
  return { os: platform.os.toLowerCase(), architecture, ...(dropped ? {} : { variant }) };
}

/** `linux/arm/v7`. */
export function formatPlatform(platform: Platform): string {
  return [platform.os, platform.architecture, platform.variant].filter(Boolean).join('/');
}

/** Whether an image for `image` runs on a machine of `machine`; an unnamed variant on either side fits any. */
export function platformFits(image: Platform, machine: Platform): boolean {
  const a = normalisePlatform(image);
  const b = normalisePlatform(machine);
  if (a.os !== b.os) return false;
  if (a.architecture === b.architecture) {
    if (a.variant === undefined || b.variant === undefined || a.variant === b.variant) return true;
    return a.architecture === 'arm' && a.variant < b.variant;
  }
  return a.architecture === '386' && b.architecture === 'amd64';
}
