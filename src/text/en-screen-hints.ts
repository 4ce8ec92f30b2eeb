// Hints where the screen is in use: what to press there, where the command line would be told an option or a command. A code that
// is not here has one hint for both.

import type { ErrorCode, ErrorFacts } from '../errors.js';
import { logCommand, programOf, pruneCommand, registryOf } from './engine-commands.js';
import { packagePrograms } from './error-facts.js';

const again = 'press r to try again';
const rest = 'press r: what has arrived is kept and only the rest travels';
const inShell = (command: string): string => `In a shell (Ctrl-Z goes there, fg returns): ${command}`;
/** The form of the plan: every option of the command line. */
const set = (option: string, value: string): string => `set ${option} to ${value} in the options (4, then o)`;
const capital = (clause: string): string => clause.slice(0, 1).toUpperCase() + clause.slice(1);

/** `r` means the same on every screen that shows errors. */
export const screenHints = {
  USAGE: (f) => f.hint ?? 'Correct the line, or leave it with Esc',
  PROMPT_REFUSED: (f) => `Press r to be asked again, and answer${f.isWord === true ? '' : ' with yes'}`,
  RECEIPT_UNKNOWN: () => 'Press 6 to see all receipts',
  IMAGE_UNKNOWN: (f) =>
    f.near.length > 0
      ? `Did you mean ${f.near.join(', ')}? Choose it on Images (1)`
      : 'Choose what is there now on Images (1), where r looks again',
  LAYER_UNKNOWN: () => 'Press Esc, and Enter on the image: its layers may be others now',
  IMAGE_INCOMPLETE: () => 'Pull or build the image again, then press r',
  PLATFORM_MISSING: (f) =>
    f.found.length > 0
      ? capital(
          `${set('--platform', f.found[0] ?? '')}${f.pull === undefined ? '' : `, or bring the other here: ${f.pull}`}`,
        )
      : 'Pull the image for that platform, then press r',
  ENGINE_MISSING: () => `Install it, then ${again}`,
  ENGINE_UNREACHABLE: (f) => `Start it (systemctl start ${f.engine}) or check DOCKER_HOST, then ${again}`,
  ENGINE_DENIED: () => 'Leave with q and run airgap with sudo, or join the docker group and log in again',
  DIGEST_MISMATCH: () => `The source is damaged: pull, build or copy the image again, then ${again}`,
  SIZE_MISMATCH: () => `The source is damaged: pull, build or copy the image again, then ${again}`,
  ARCHIVE_TRUNCATED: () => `The copy was cut short: copy or export the archive again, then ${again}`,
  SOURCE_GONE: () => `Check that the image is still there, then ${again}`,
  SPOOL_FULL: () => `${inShell('airgap spool prune')} frees room; then ${again}`,
  CACHE_FULL: () => `${inShell('airgap spool prune')} frees room; then ${again}`,
  SPOOL_BUSY: () => `Wait for it to end, then ${again}`,
  SPOOL_DAMAGED: () => `${inShell('airgap spool prune --all')}; then ${again}`,
  SPOOL_DENIED: () => 'Make the folder writable for this user, or name another with $XDG_CACHE_HOME',
  CODEC_FAILED: () => `${capital(set('--compress', 'none'))}; if that works, please report this`,
  PROGRAM_MISSING: (f) =>
    packagePrograms[f.program] === undefined
      ? `Install ${f.program}, then ${again}`
      : `Install it (on Debian apt-get install ${packagePrograms[f.program]}), then ${again}`,
  HOST_UNKNOWN: () => 'Check the spelling (e changes a host that was added), /etc/hosts and ~/.ssh/config',
  HOST_REFUSED: () => `Check that sshd runs there and that port and firewall are right, then ${again}`,
  HOST_TIMEOUT: () => `Check cable, address and firewall, then ${again}`,
  HOST_KEY_UNKNOWN: () =>
    'Press r to be asked whether that key is right; ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub tells it on that machine',
  HOST_KEY_CHANGED: (f) =>
    `Someone may be in between. Ask who runs the machine; if it was reinstalled, remove line ${f.line} of ${f.file} and press r`,
  SSH_AUTH_FAILED: (f) =>
    `Press r to be asked again, or try ssh ${f.host} by hand; user and key of a host stand in ~/.ssh/config (User, IdentityFile)`,
  SSH_KEY_UNREADABLE: () => 'Check the file that IdentityFile names in ~/.ssh/config, and its passphrase',
  SSH_UNSUPPORTED: () => `The ssh program of this machine may have it: ${set('--ssh', 'openssh')}`,
  SSH_CONFIG_INVALID: () => `Correct the file, then ${again}`,
  SSH_LOST: () => `Check cable and network, then ${rest}`,
  FAR_ENGINE_MISSING: (f) =>
    f.others?.[0] !== undefined
      ? capital(set('--engine', f.others[0]))
      : `Install docker there; what was found tells, in a shell (Ctrl-Z), airgap doctor ${f.host}`,
  FAR_ENGINE_DOWN: (f) => `Start it there (systemctl start ${f.engine}), then ${again}`,
  FAR_ENGINE_DENIED: (f) =>
    `Press r to be asked for it, or put ${f.user} into the docker group there: usermod -aG docker ${f.user}`,
  FAR_ENGINE_UNSUPPORTED: (f) => `${inShell(`airgap doctor ${f.host}`)} tells what was found`,
  FAR_SUDO_DENIED: () => `Check that the user may run docker by sudo there, and the password: ${again}`,
  FAR_TOOL_MISSING: (f) =>
    f.tool === 'zstd' || f.tool === 'gzip'
      ? `Install ${f.tool} there, or ${set('--compress', 'auto')}`
      : 'It is part of every usual system (coreutils, busybox); check PATH of that user',
  FAR_ANSWER: (f) =>
    `Check that ssh ${f.host} true prints nothing (a login script may print text), then ${again}`,
  FAR_SILENT: () => `Check the load of that machine, then ${rest}`,
  FAR_FAILED: (f) => `${inShell(`airgap doctor ${f.host}`)} tells the state of that machine`,
  PULL_FAILED: (f) =>
    `That host must reach ${registryOf(f.image)}, trust it and be let in. ${inShell(`airgap mirror-config ${registryOf(f.image)} --for ${programOf(f.engine)}`)} tells the settings`,
  STAGE_BUSY: () => `Wait for it to end, then ${again}`,
  STAGE_DENIED: () => `Make it writable for that user, or ${set('--stage', 'another folder')}`,
  STAGE_DAMAGED: () => `Nothing of it was loaded: ${again}; if it happens twice, check that machine’s disk`,
  RUN_BUSY: () => `Wait for it to end, then ${again}`,
  TARGET_FULL: (f) => `Free some room there${pruneCommand(f.engine, [' (', ')'])}, then ${again}`,
  TARGET_PLATFORM: (f) =>
    `Take the image for ${f.hostPlatform}, or ${set('--platform', f.imagePlatform)} to send it all the same`,
  LOAD_REJECTED: (f) =>
    `Nothing was changed there. Check its log${logCommand(f.engine, [' (', ')'])} and, in a shell (Ctrl-Z), airgap doctor ${f.host}`,
  VERIFY_FAILED: () => `Its name was not set there: ${again}; if it happens twice, check that machine’s disk`,
  BUNDLE_INVALID: () => `Choose another folder, or ${again}: that finishes what is there`,
  BUNDLE_DAMAGED: () => 'Nothing of it was used: remove that bundle and start again',
  BUNDLE_EXISTS: () =>
    'Press o on the plan (4): --replace writes over it, --name gives this one another name',
  SIGNATURE_INVALID: () =>
    'Name an SSH private key, or the public half of one that your agent holds, as --sign of the options (4, then o)',
  DRIVE_FULL: () =>
    'Make room or take a larger drive, then press r; --split of the options (4, then o) spreads it over several',
  DRIVE_FILE_LIMIT: () => capital(set('--split', '4GB')),
  DRIVE_FAILED: () => `Check that the drive is there and not write-protected, then ${again}`,
  VOLUME_TOO_SMALL: () => capital(set('--split', 'that much or more')),
  PASSPORT_INVALID: () => 'Take it out of the choice on Targets (2), and bring a new one from that host',
  FILE_REFUSED: (f) =>
    f.problem === 'folder'
      ? 'Choose another place for it on Extras (3)'
      : 'Nothing was changed. Look at that path on the host first',
  FILE_INVALID: () => `Nothing was changed. Correct the file here, then ${again}`,
  FILE_CHANGED: () => `Nothing was changed: ${again}, and look at the difference in the plan`,
  INSTALL_FAILED: () => `Every file there is as it was. Check room and rights, then ${again}`,
  REGISTRY_DENIED: (f) =>
    f.problem === 'forbidden'
      ? 'Check the name, and ask who runs the registry for the right to it'
      : f.problem === 'unasked' || f.problem === 'scheme'
        ? 'Check the address, and ask who runs the registry for a login with user and password, or with a token'
        : `Press r on that registry in Targets (2) to log in; for a source: ${inShell(`airgap login ${f.registry}`)}`,
  REGISTRY_LIMIT: (f) =>
    `Wait, then press r: what has arrived is kept${f.at?.kind === 'elsewhere' ? '' : `. A login raises the limit; in a shell (Ctrl-Z): airgap login ${f.registry}`}`,
  REGISTRY_FAILED: () => 'Press r later: what has arrived is kept. Its own log tells why',
  REGISTRY_PUSH: () => 'See to what the registry says, then press r: what has arrived is kept',
  PUSH_BASE_MISSING: () =>
    inShell('push the bundle that it was made on top of first: airgap push BASE REGISTRY'),
  HOSTS_FAILED: () => 'Press R to send to those again: what has arrived is kept',
  CANCELLED: (f) => (f.resumable ? 'Press r to resume: what has arrived is kept' : 'Nothing was changed'),
} satisfies { readonly [C in ErrorCode]?: (facts: ErrorFacts[C]) => string };
