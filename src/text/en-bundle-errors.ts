// The sentences and hints of bundles, drives, passports, specs, and of files that are put on a host.
import type { BundleProblem, ErrorCode } from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import { documentProblems } from './en-source-problems.js';
import { formatBytes, formatEnough } from './format.js';
import type { ErrorText } from './text.js';

const invalid = {
  'no-seal': 'it has no SHA256SUMS, so its export did not finish',
  'not-found': 'there is no such file or folder',
  'not-a-bundle': 'it is neither a bundle’s folder nor its tar',
  mixed: 'its volumes belong to different bundles',
} as const;

/** What is wrong with a file of a bundle; also the words of findings. */
export const bundleProblems: Readonly<Record<BundleProblem, string>> = {
  missing: 'is missing',
  unknown: 'does not belong to it',
  size: 'has another size',
  digest: 'was changed',
  form: 'is not written as it should be',
  'not-sealed': 'is not in SHA256SUMS',
  'not-listed': 'is not in airgap.json',
  recipe: 'does not fit its image',
  index: 'does not name the images of airgap.json',
  'diff-id': 'does not unpack to its layer',
  codec: 'cannot be unpacked',
  'not-a-file': 'is not a plain file',
  name: 'has a name that no bundle holds',
  unreadable: 'cannot be read',
};

const signature = {
  missing: 'has no signature',
  wrong: 'has a signature that does not fit it',
  'unknown-signer': 'is signed by nobody you allow',
  key: 'cannot be signed with that key',
  outdated: 'is signed by a key that is no longer allowed',
} as const;

const refused = {
  folder: 'lies in no folder where files may be put',
  symlink: 'is behind a symbolic link',
  'not-a-file': 'is not a plain file there',
  owner: 'lies in a folder that others can write to',
} as const;

const list = (words: readonly (string | number)[]): string => words.join(', ');

export const bundleErrors = {
  BUNDLE_INVALID: {
    message: (f) => `"${f.path}" is not a bundle: ${invalid[f.problem]}`,
    hint: (f) =>
      f.problem === 'no-seal'
        ? 'Run the same airgap export again: it finishes what is there'
        : 'Name the folder or .tar that airgap export has written',
  },
  BUNDLE_VERSION: {
    message: (f) => `"${f.path}" has format version ${f.version}, this airgap knows ${f.known}`,
    hint: () => 'Use the airgap that made it, or a newer one',
  },
  BUNDLE_DAMAGED: {
    message: (f) => `"${f.path}" is damaged: ${f.file} ${bundleProblems[f.problem]}`,
    hint: () => 'Nothing of it was used. Copy the bundle again, then run airgap verify on it',
  },
  BUNDLE_FINDINGS: {
    message: (f) => `"${f.path}" did not pass: ${f.count === 1 ? 'one finding' : `${f.count} findings`}`,
    hint: () => 'Do not use it. Copy the bundle again, or make it again with airgap export',
  },
  BUNDLE_EXISTS: {
    message: (f) => `"${f.path}" holds another bundle`,
    hint: (f) =>
      `Give another ${/\.tar$/i.test(f.path) ? 'file name' : '--name'}, or --replace to write over it`,
  },
  BUNDLE_VOLUME_MISSING: {
    message: (f) =>
      `${f.missing.length === 1 ? 'Volume' : 'Volumes'} ${list(f.missing)} of ${f.of} of ${f.name} ${f.missing.length === 1 ? 'is' : 'are'} missing`,
    hint: () => 'Insert the drive that holds it, name its folder, too, and run the same command again',
  },
  BUNDLE_BASE_MISSING: {
    message: (f) =>
      `${f.host} lacks ${f.layers.length === 1 ? 'a layer' : `${f.layers.length} layers`} that the bundle leaves out of ${f.image}: ${list(f.layers.map(shortDigest))}`,
    hint: (f) =>
      `Run airgap passport on that host, carry the passport home, and make the bundle again: airgap export DEST ${f.image} --for PASSPORT`,
  },
  BUNDLE_CODEC: {
    message: (f) => `${f.host} has no program that unpacks ${f.codec}`,
    hint: () => 'Make the bundle again with airgap export --compress gzip',
  },
  SIGNATURE_INVALID: {
    message: (f) => `"${f.path}" ${signature[f.problem]}${f.detail === '' ? '' : `: ${f.detail}`}`,
    hint: (f) =>
      f.problem === 'key'
        ? 'Name an SSH private key, or the public half of one that your agent holds (ssh-add), with --sign'
        : 'Ask who made it; --allowed-signers FILE names the keys you trust',
  },
  DRIVE_FULL: {
    message: (f) =>
      f.neededBytes === undefined
        ? `"${f.path}" is full: ${formatBytes(f.freeBytes)} are left`
        : `"${f.path}" has too little room: ${formatBytes(f.neededBytes)} are needed, ${formatBytes(f.freeBytes)} are free`,
    hint: () =>
      'Make room or take a larger drive, then run the same command again; --split spreads it over several',
  },
  DRIVE_FILE_LIMIT: {
    message: (f) => `"${f.path}" is on a file system that does not take files of that size`,
    hint: () => 'Export into a folder, which is cut to fit, or give --split 4GB',
  },
  DRIVE_FAILED: {
    message: (f) => `"${f.path}" cannot be written or read: ${f.detail}`,
    hint: () => 'Check that the drive is there and not write-protected, then run the same command again',
  },
  VOLUME_TOO_SMALL: {
    message: (f) =>
      `Volumes of ${formatBytes(f.splitBytes)} are too small for this bundle: ${formatEnough(f.leastBytes)} are the least`,
    hint: (f) => `Give --split ${formatEnough(f.leastBytes).replace(' ', '')} or more`,
  },
  PASSPORT_INVALID: {
    message: (f) => `"${f.path}" is not a passport: ${documentProblems[f.problem](f.detail)}`,
    hint: () => 'Make it with airgap passport HOST, or sh import.sh --passport on the host',
  },
  SPEC_INVALID: {
    message: (f) => `"${f.path}"${f.line === undefined ? '' : ` line ${f.line}`}: ${f.problem}`,
    hint: (f) =>
      f.line === undefined
        ? 'Check the path and the file; docs/bundle-yaml.md lists every key'
        : 'Correct that line; docs/bundle-yaml.md lists every key',
  },
  LOCK_DRIFT: {
    message: (f) =>
      `${f.image} is not what ${f.path} says: got ${f.got === '' ? 'nothing' : shortDigest(f.got)}, want ${f.want === '' ? 'nothing' : shortDigest(f.want)}`,
    hint: () => 'Bring back what was locked, or leave out --locked to lock what is there now',
  },
  PACKAGES_INVALID: {
    message: (f) => `"${f.path}" cannot be made a repository: ${f.problem}`,
    hint: () => 'Put .deb or .rpm files of one kind into that folder; see bundles/README.md',
  },
  FILE_REFUSED: {
    message: (f) => `${f.path} on ${f.host} ${refused[f.problem]}`,
    hint: (f) =>
      f.problem === 'folder'
        ? 'Choose another place for it, or allow the folder with --allow-dir'
        : 'Nothing was changed. Look at that path on the host first',
  },
  FILE_FAMILY: {
    message: (f) => `${f.path} is of no use on ${f.host}, which is ${f.family}`,
    hint: () => 'Send .repo files to hosts with rpm, .list and .sources files to hosts with apt',
  },
  FILE_INVALID: {
    message: (f) => `${f.path} would not be valid on ${f.host}: ${f.detail}`,
    hint: () => 'Nothing was changed. Correct the file here and send it again',
  },
  FILE_CHANGED: {
    message: (f) =>
      `${f.path} on ${f.host} has changed since ${f.isRollback === true ? 'it was put there' : 'the plan was made'}`,
    hint: (f) =>
      f.isRollback === true
        ? 'Nothing was changed. Look at that file first; --force puts the earlier one back all the same'
        : 'Nothing was changed. Run the same command again and look at the difference',
  },
  INSTALL_FAILED: {
    message: (f) => `${f.path} could not be put on ${f.host}: ${f.detail}`,
    hint: () => 'Every file there is as it was. Check room and rights, then run the same command again',
  },
  PACKAGES_FAILED: {
    message: (f) => `The package manager on ${f.host} did not install them: ${f.detail}`,
    hint: () => 'The repository stays there; look at its own log, or install by hand from it',
  },
  ROLLBACK_UNKNOWN: {
    message: (f) =>
      f.receipt === 'newest'
        ? `${f.host} keeps no earlier files that could be put back`
        : `${f.host} keeps no files from before receipt ${f.receipt}`,
    hint: () => 'Run airgap receipts to see which runs have put files there',
  },
} satisfies { [C in BundleCode]: ErrorText<C> };

type BundleCode = Extract<
  ErrorCode,
  | `BUNDLE_${string}`
  | `DRIVE_${string}`
  | `FILE_${string}`
  | `PACKAGES_${string}`
  | 'SIGNATURE_INVALID'
  | 'VOLUME_TOO_SMALL'
  | 'PASSPORT_INVALID'
  | 'SPEC_INVALID'
  | 'LOCK_DRIFT'
  | 'INSTALL_FAILED'
  | 'ROLLBACK_UNKNOWN'
>;
