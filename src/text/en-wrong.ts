// What a wrong command line is told.
import { wrongFiles } from './en-files.js';

/** What a wrong command line is told. Each is the message of a USAGE error. */
export const wrong = {
  ...wrongFiles,
  command: (name: string, near: string | undefined) =>
    `There is no command ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
  option: (name: string, near: string | undefined) =>
    `There is no option ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
  optionValue: (option: string) => `${option} needs a value`,
  argument: (command: string, name: string) => `airgap ${command} needs ${name}`,
  notAdded: (name: string) => `${name} was not added, so it cannot be forgotten`,
  tooMany: (command: string) => `airgap ${command} was given too many arguments`,
  optionFile: (option: string, file: string, detail: string) =>
    `"${file}" of ${option} cannot be read: ${detail}`,
  conflict: (one: string, other: string) => `${one} and ${other} cannot be used together`,
  choice: (option: string, got: string, known: readonly string[]) =>
    `${option} cannot be "${got}"; it is one of ${known.join(', ')}`,
  language: (got: string, near: readonly string[], known: readonly string[]) =>
    `--lang cannot be "${got}"; ${near.length > 0 ? `did you mean ${near.join(' or ')}?` : `it is one of ${known.join(', ')}`}`,
  number: (option: string, got: string, least: number, most: number) =>
    `${option} cannot be "${got}"; it is a whole number from ${least} to ${most}`,
  compress: (got: string) =>
    `--compress cannot be "${got}"; it is auto, none, zstd, zstd:1 to zstd:19, gzip or gzip:1 to gzip:9`,
  compressedTar: (got: string) =>
    `"${got}" is neither a folder nor a .tar; a .tar is right, layers are compressed inside of it`,
  bundleName: (got: string) =>
    `--name cannot be "${got}"; it is lower-case letters, digits and . _ - and at most 64 of them`,
  size: (option: string, got: string) => `${option} cannot be "${got}"; write a size such as 4GB or 700MiB`,
  engine: (got: string) =>
    `--engine cannot be "${got}"; it is docker, podman[:root], containerd[:NAMESPACE], k3s, rke2, k3s-images[:DIR], rke2-images[:DIR] or layout:DIR with an absolute folder`,
  sshOption: (got: string) => `-o cannot be "${got}"; it is KEY=VALUE`,
  emptyHost: 'A host is empty; write HOST or HOST,HOST',
  sameHost: (host: string) => `${host} is named twice`,
  emptyImage: (got: string) => `"${got}" is not IMAGE or IMAGE=NAME`,
  sameName: (name: string) => `Two different images would be called ${name} there`,
  asOne: 'With --as there can be only one image; write IMAGE=NAME for several',
  asTwice: '--as and IMAGE=NAME name the same image twice',
  requireSignature: '--require-signature needs --allowed-signers FILE: the keys that may sign',
};
