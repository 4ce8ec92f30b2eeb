// What is wrong with a folder of packages: clauses that stand behind its path; what a plan and a receipt say of packages.

import { count, formatBytes } from './format.js';

/** Of folders of packages. */
export const packages = {
  noFolder: 'there is no such folder',
  notFolder: 'it is not a folder',
  none: 'it holds no .deb and no .rpm',
  mixed: 'it holds .deb and .rpm, which no package manager takes together',
  tooMany: (most: number) => `it holds more than ${most} packages`,
  notFile: (name: string) => `${name} is not a plain file`,
  unreadable: (name: string, detail: string) =>
    `${name} is damaged or no package${detail === '' ? '' : `: ${detail}`}`,
  control: (name: string) => `${name} does not say name, version and architecture as it should`,
  name: (path: string) => `${path} is a name that no bundle holds`,
  nameInTar: (name: string) =>
    `the name of ${name} is longer than the 100 bytes that a .tar has for it; a bundle in a folder takes it`,
  twice: (name: string) => `${name} is there twice`,
  changed: (name: string) => `${name} has changed while it was read`,
  label: (set: string) => `packages ${set}`,
  setName: 'its name is that of no package set; use a-z 0-9 . _ -',
  setTwice: (set: string) => `two sets would be called ${set}`,
  tooLarge: 'its lists are too large',
  noManager: (kind: 'deb' | 'rpm') => `there is no package manager for ${kind} there`,
  planned: (facts: { set: string; kind: string; fileCount: number; bytes: number; place: string }) =>
    `packages ${facts.set}  ${facts.kind}, ${count(facts.fileCount, 'file')} (${formatBytes(facts.bytes)}), a repository in ${facts.place}`,
  installs: (names: readonly string[]) => `the package manager there installs ${names.join(' ')}`,
  brought: (set: string, place: string) => `packages ${set}: a repository in ${place}`,
  installed: (set: string, names: readonly string[]) => `packages ${set}: installed ${names.join(' ')}`,
  failed: (message: string) => `Not all packages were installed: ${message}`,
} as const;
