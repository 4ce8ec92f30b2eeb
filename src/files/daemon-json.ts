// dockerd's daemon.json: keys merged into what is there, which of them a reload makes true, and how `docker info` proves it.
// @see https://docs.docker.com/reference/cli/dockerd/#configuration-reload-behavior

/** The file that dockerd reads unless it is told another one. */
export const daemonJsonPath = '/etc/docker/daemon.json';

export interface MergedDaemon {
  readonly text: string;
  /** Top-level keys whose value changes. */
  readonly changed: readonly string[];
  /** Of these: what takes effect by SIGHUP. */
  readonly reload: readonly string[];
  /** Of these: what waits for a restart of the engine. */
  readonly restart: readonly string[];
}

export type DaemonObject = Readonly<Record<string, unknown>>;

// dockerd names these as the ones it takes over on SIGHUP; all others are read at its start.
const reloadable = new Set([
  'allow-nondistributable-artifacts',
  'authorization-plugins',
  'debug',
  'default-runtime',
  'features',
  'insecure-registries',
  'labels',
  'live-restore',
  'max-concurrent-downloads',
  'max-concurrent-uploads',
  'max-download-attempts',
  'registry-mirrors',
  'runtimes',
  'shutdown-timeout',
]);

/** The object in a daemon.json; an empty file is an empty object, as for dockerd. Undefined for anything else. */
export function parseDaemon(text: string): DaemonObject | undefined {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Objects are merged by key, lists united, everything else replaced; no key is ever dropped. Undefined if `present` is not
 * an object of JSON. Where nothing changes, the text stays as it is, byte for byte.
 */
export function mergeDaemon(present: string | undefined, keys: DaemonObject): MergedDaemon | undefined {
  const before = parseDaemon(present ?? '');
  if (before === undefined) return undefined;
  const after = mergeObjects(before, keys);
  const changed = Object.keys(keys).filter((key) => !isEqual(own(before, key), own(after, key)));
  const unchanged = changed.length === 0 && present !== undefined && present.trim() !== '';
  return {
    text: unchanged ? present : `${JSON.stringify(after, undefined, indentOf(present ?? ''))}\n`,
    changed,
    reload: changed.filter((key) => reloadable.has(key)),
    restart: changed.filter((key) => !reloadable.has(key)),
  };
}

/** Whether `docker info` shows that a key has this value; undefined where it says nothing about that key. */
export function isShownByInfo(info: unknown, key: string, value: unknown): boolean | undefined {
  if (!isObject(info)) return false;
  const registries = isObject(info.RegistryConfig) ? info.RegistryConfig : {};
  switch (key) {
    case 'registry-mirrors':
      return all(value, (mirror) => includes(registries.Mirrors, `${mirror.replace(/\/+$/, '')}/`));
    case 'insecure-registries':
      return all(value, (registry) => isInsecure(registries, registry));
    case 'labels':
      return all(value, (label) => includes(info.Labels, label));
    case 'debug':
      return info.Debug === value;
    case 'live-restore':
      return info.LiveRestoreEnabled === value;
    case 'default-runtime':
      return info.DefaultRuntime === value;
    case 'runtimes': {
      const runtimes = isObject(info.Runtimes) ? info.Runtimes : {};
      return isObject(value) && Object.keys(value).every((name) => Object.hasOwn(runtimes, name));
    }
    default:
      return undefined;
  }
}

function isInsecure(registries: DaemonObject, registry: string): boolean {
  const host = registry.replace(/^https?:\/\//, '');
  const configs = isObject(registries.IndexConfigs) ? registries.IndexConfigs : {};
  const config = own(configs, host);
  return includes(registries.InsecureRegistryCIDRs, host) || (isObject(config) && config.Secure === false);
}

function all(value: unknown, holds: (word: string) => boolean): boolean {
  return Array.isArray(value) && value.every((word) => typeof word === 'string' && holds(word));
}

function includes(list: unknown, word: string): boolean {
  return Array.isArray(list) && list.includes(word);
}

function mergeObjects(before: DaemonObject, keys: DaemonObject): DaemonObject {
  // fromEntries makes own properties of whatever name, `__proto__` too.
  return Object.fromEntries([
    ...Object.entries(before).map(([key, value]) => [
      key,
      Object.hasOwn(keys, key) ? mergeValues(value, own(keys, key)) : value,
    ]),
    ...Object.entries(keys).filter(([key]) => !Object.hasOwn(before, key)),
  ]);
}

function mergeValues(before: unknown, after: unknown): unknown {
  if (isObject(before) && isObject(after)) return mergeObjects(before, after);
  if (Array.isArray(before) && Array.isArray(after)) {
    const fresh = after.filter((value) => !before.some((old) => isEqual(old, value)));
    return [...before, ...fresh];
  }
  return after;
}

function isObject(value: unknown): value is DaemonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function own(object: DaemonObject, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

/** Order of keys does not count. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, at) => isEqual(one, b[at]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(own(a, key), own(b, key)))
  );
}

/** As the file has it; two spaces where it does not tell. */
function indentOf(text: string): string {
  return /^\s*\{\r?\n([ \t]{1,8})\S/.exec(text)?.[1] ?? '  ';
}
