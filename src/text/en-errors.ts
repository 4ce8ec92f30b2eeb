// The sentence and the hint of every error code. One clause, subject first, no full stop; the hint is an imperative.

import type { ErrorCode, ErrorFacts } from '../errors.js';
import { shortDigest } from '../oci/digest.js';
import { bundleErrors } from './en-bundle-errors.js';
import { registryErrors } from './en-registry.js';
import { documentProblems, sourceProblem } from './en-source-problems.js';
import { logCommand, pruneCommand } from './engine-commands.js';
import {
  containerLister,
  isContainer,
  isEngine,
  isRegistry,
  packagePrograms,
  serviceOf,
  telltalePort,
  transportPrefix,
} from './error-facts.js';
import { formatBytes } from './format.js';
import type { ErrorText } from './text.js';

const list = (words: readonly string[]): string => words.join(', ');
const tail = (words: readonly string[], lead: string): string =>
  words.length === 0 ? '' : `; ${lead} ${list(words)}`;
const again = 'run the same command again: what has arrived is kept and only the rest travels';

/** `on port 22` where the host was named as it is reached, `at user@10.0.0.7:22` where that says more. */
function where(host: string, address: string): string {
  const port = telltalePort(host, address);
  return port === undefined ? `at ${address}` : `on port ${port}`;
}

const referenceProblems: Readonly<Record<string, string>> = {
  digest: 'what follows @ is not sha256: and 64 hex digits',
  tag: 'the tag may hold letters, digits, _ . - and at most 128 of them',
  id: '64 hex digits alone are an ID, not a name; write it as sha256:…',
  registry: 'the registry is not a host name',
  uppercase: 'a repository is written in lower case',
  repository: 'the repository may hold lower-case letters, digits and . _ - between them',
  path: 'the file or folder is missing',
  colons: 'it has two colons, and only a registry may have a port',
  algorithm: 'engines take sha256:… for an ID, so it cannot be a name',
  address: 'engines take no IPv6 address as the registry of a name',
  length: 'the name is longer than 255 characters',
  login: 'user and password do not belong into it',
  container: 'what follows container: is no name or ID of a container',
};

const referenceHints: Readonly<Record<string, string>> = {
  path: 'Write it as docker-archive:FILE[:NAME], oci-archive:FILE[:NAME] or oci:FOLDER[:NAME]',
  login: 'Write the name alone, and log in: airgap login REGISTRY',
  address: 'Give the registry a host name, or the image another name: IMAGE=NAME',
};

const placeHints: Readonly<Record<NonNullable<ErrorFacts['REFERENCE_INVALID']['of']>, string>> = {
  registry:
    'Write it as HOST[:PORT] or HOST[:PORT]/PREFIX, for example registry.lan or registry:5000/team: a name without a dot needs its port',
  host: 'Write it as HOST[:PORT] without a path, for example registry.lan or registry:5000: a name without a dot needs its port',
  prefix: 'Write it as a path, for example mirror or site/mirror',
};

export const errors = {
  USAGE: {
    message: (f) => f.problem,
    hint: (f) =>
      f.hint !== undefined
        ? f.hint
        : f.command === undefined
          ? 'Run airgap --help, or airgap COMMAND --help for examples'
          : `Run airgap ${f.command} --help for examples`,
  },
  REFERENCE_INVALID: {
    message: (f) => {
      const wanted = f.of === undefined ? 'an image name' : f.of === 'prefix' ? 'a prefix' : 'a registry';
      const what = `"${f.input}" is not ${wanted}`;
      return f.of !== undefined && f.problem === 'registry'
        ? what
        : `${what}: ${referenceProblems[f.problem] ?? f.problem}`;
    },
    hint: (f) =>
      f.of !== undefined && f.problem !== 'login'
        ? placeHints[f.of]
        : (referenceHints[f.problem] ??
          'Write it as NAME[:TAG], for example nginx:1.27 or registry.lan/team/app:2'),
  },
  PLATFORM_INVALID: {
    message: (f) => `"${f.input}" is not a platform`,
    hint: () => 'Write it as os/arch[/variant], for example linux/amd64 or linux/arm/v7',
  },
  RATE_INVALID: {
    message: (f) => `"${f.input}" is not a rate`,
    hint: () => 'Write bytes a second with a unit, for example 2MB, 500kB, or bits as 20Mbit',
  },
  HOST_INVALID: {
    message: (f) => `"${f.input}" is not a host`,
    hint: () => 'Write [user@]host[:port], ssh://user@host:port, or an alias from ~/.ssh/config',
  },
  STORE_UNKNOWN: {
    message: (f) => `airgap cannot read images from "${f.transport}:"`,
    hint: (f) =>
      f.transport.startsWith('nerdctl-')
        ? 'nerdctl’s are containerd-container+default:NAME, containerd-compose+default:FILE and containerd-running+default:'
        : f.near !== undefined && f.near.length > 0
          ? `Did you mean ${list(f.near)}?`
          : `Use one of ${list(f.known.map(transportPrefix))}; a name without prefix is docker-daemon:`,
  },
  PROMPT_REFUSED: {
    message: (f) => `${f.isWord === true ? 'Nobody answered' : 'Nobody said yes to'}: ${f.question}`,
    hint: (f) => `Answer it in a terminal, or give ${f.flag}`,
  },
  RECEIPT_UNKNOWN: {
    message: (f) => `There is no receipt ${f.wanted}`,
    hint: () => 'Run airgap receipts to see them all, or name the file of one: airgap receipts show ./FILE',
  },
  RECEIPT_INVALID: {
    message: (f) => `"${f.path}" is not a receipt: ${documentProblems[f.problem](f.detail)}`,
    hint: () => 'Name a file that ends in -receipt.json, as imports leave them in airgap-returns',
  },
  IMAGE_UNKNOWN: {
    message: (f) => `There is no ${isContainer(f.image) ? '' : 'image '}${f.image} in ${f.store}`,
    hint: (f) => {
      const lister = isContainer(f.image) ? containerLister(f.image, f.store) : 'airgap images';
      if (f.near.length > 0)
        return `Did you mean ${list(f.near)}?${isEngine(f.store) ? ` ${lister} lists all` : ''}`;
      if (isRegistry(f.store)) return 'Check repository and tag, and that it has been pushed there';
      return isEngine(f.store)
        ? `Run ${lister} to see what is there`
        : `Leave the name out if it holds one image only: airgap inspect ${f.store}`;
    },
  },
  LAYER_UNKNOWN: {
    message: (f) => `${f.image} has no layer ${f.layer}; it has ${f.count}`,
    hint: () =>
      'Run airgap inspect IMAGE to see them: name one by its number, or by the first digits of its diffID',
  },
  IMAGE_AMBIGUOUS: {
    message: (f) => `${f.source} holds ${f.names.length} images and none was named`,
    hint: (f) =>
      `Name one: ${f.names
        .slice(0, 5)
        .map((name) => `${f.source}:${name}`)
        .join(', ')}`,
  },
  IMAGE_INCOMPLETE: {
    message: (f) => `${f.image} is not whole: ${f.missing} is missing in its store`,
    hint: () => 'Pull or build the image again, then repeat',
  },
  PLATFORM_MISSING: {
    message: (f) => `${f.image} has no ${f.wanted}${tail(f.found, 'it has')}`,
    hint: (f) =>
      f.found.length > 0
        ? `Choose one with --platform ${f.found[0]}${f.pull === undefined ? '' : `, or bring the other here: ${f.pull}`}`
        : f.pull === undefined
          ? 'Pull the image for that platform, then repeat'
          : `Bring it here, then repeat: ${f.pull}`,
  },
  ENGINE_MISSING: {
    message: (f) => `There is no ${f.engine} program on this machine`,
    hint: () =>
      'Install it, or read from another place: containers-storage:NAME (podman), podman-container:NAME, podman-compose:FILE, containerd:NAME, containerd-container:ID, docker-archive:FILE, oci-archive:FILE, oci:FOLDER',
  },
  ENGINE_UNREACHABLE: {
    message: (f) => `${f.engine} does not answer on this machine: ${f.detail}`,
    hint: (f) =>
      f.engine === 'containerd'
        ? `Start it (systemctl start ${serviceOf(f.engine)}), or name its socket in CONTAINERD_ADDRESS`
        : `Start it (systemctl start ${f.engine}), or check DOCKER_HOST and docker context ls`,
  },
  ENGINE_DENIED: {
    message: (f) => `${f.engine} refuses this user on this machine: ${f.detail}`,
    hint: (f) =>
      f.engine === 'containerd'
        ? 'Run airgap with sudo'
        : 'Run airgap with sudo, or join the docker group and log in again',
  },
  ENGINE_ANSWER: {
    message: (f) => `${f.command} failed on this machine: ${f.detail}`,
    hint: () => 'Run that command by hand to see the whole message',
  },
  DIGEST_INVALID: {
    message: (f) => `${f.where} names "${f.input}", which is not a sha256 digest`,
    hint: () => 'The source is damaged or made by a tool that airgap does not know; export it again',
  },
  DIGEST_MISMATCH: {
    message: (f) =>
      `${f.what} does not match its digest: got ${shortDigest(f.got)}, want ${shortDigest(f.want)}`,
    hint: () => 'The source is damaged: pull, build or copy the image again, then repeat',
  },
  SIZE_MISMATCH: {
    message: (f) => `${f.what} has the wrong size: got ${f.got} bytes, want ${f.want}`,
    hint: () => 'The source is damaged: pull, build or copy the image again, then repeat',
  },
  DOCUMENT_INVALID: {
    message: (f) => `${f.what} is not what the specification asks for: ${sourceProblem(f.problem)}`,
    hint: () => 'The source is damaged or made by a tool that airgap does not know; export it again',
  },
  DOCUMENT_TOO_LARGE: {
    message: (f) => `${f.what} is larger than ${formatBytes(f.limitBytes)}, which no real image needs`,
    hint: () => 'Do not use this source unless you know who made it',
  },
  LAYER_UNSUPPORTED: {
    message: (f) => `${f.what} has a layer that cannot be carried: ${f.mediaType}`,
    hint: () => 'Foreign and encrypted layers stay at their registry: build the image from another base',
  },
  LAYOUT_INVALID: {
    message: (f) => `${f.path} is not an OCI layout: ${sourceProblem(f.problem)}`,
    hint: () => 'Name the folder that holds oci-layout and index.json',
  },
  ARCHIVE_INVALID: {
    message: (f) => `${f.path} is not an image archive: ${sourceProblem(f.problem)}`,
    hint: () =>
      'Make it with docker save, podman save or skopeo copy, and name it docker-archive:FILE or oci-archive:FILE',
  },
  ARCHIVE_TRUNCATED: {
    message: (f) => `${f.path} ends too early`,
    hint: () => 'The copy was cut short: copy or export the archive again, then repeat',
  },
  ARCHIVE_HOSTILE: {
    message: (f) => `${f.path} holds "${f.entry}", which no honest archive has: ${sourceProblem(f.problem)}`,
    hint: () => 'Do not use this archive unless you know who made it',
  },
  ARCHIVE_BOMB: {
    message: (f) => `${f.path} unpacks to more than ${formatBytes(f.limitBytes)}, far beyond its own size`,
    hint: () => 'Do not use this archive unless you know who made it',
  },
  SOURCE_GONE: {
    message: (f) => `${f.source} went away while it was read: ${f.detail}`,
    hint: () => 'Check that the image is still there, then run the same command again',
  },
  SPOOL_FULL: {
    message: (f) =>
      `This machine has no room for the spool in ${f.path}: ${formatBytes(f.neededBytes)} needed, ${formatBytes(f.freeBytes)} free`,
    hint: () => 'Free some room (airgap spool prune), or give another folder with --spool DIR',
  },
  SPOOL_BUSY: {
    message: (f) => `Another airgap (process ${f.pid}) is writing the same layer into ${f.path}`,
    hint: () => 'Wait for it to end, then run the same command again, or give --spool DIR',
  },
  SPOOL_DAMAGED: {
    message: (f) => `The spool in ${f.path} is damaged: ${f.problem}`,
    hint: () => 'Run airgap spool prune --all, then repeat',
  },
  SPOOL_DENIED: {
    message: (f) => `The spool in ${f.path} cannot be written: ${f.problem}`,
    hint: () => 'Give a folder that this user may write with --spool DIR, or check $HOME and $XDG_CACHE_HOME',
  },
  STATE_DENIED: {
    message: (f) => `The folder for receipts and locks, ${f.path}, cannot be written: ${f.problem}`,
    hint: () => 'Make it writable for this user, or name another with $XDG_STATE_HOME',
  },
  TARGETS_INVALID: {
    message: (f) => `The hosts and folders that were added cannot be read from ${f.path}: ${f.problem}`,
    hint: (f) => `Mend the file, or remove it and add them again: rm ${f.path}`,
  },
  CODEC_FAILED: {
    message: (f) => `${f.codec} failed: ${f.detail}`,
    hint: () => 'Repeat with --compress none; if that works, please report this',
  },
  PROGRAM_MISSING: {
    message: (f) => `There is no program ${f.program} on this machine`,
    hint: (f) =>
      packagePrograms[f.program] === undefined
        ? `Install ${f.program}, or choose another way (airgap send --help)`
        : `Install it: on Debian apt-get install ${packagePrograms[f.program]}, elsewhere the package of that name`,
  },
  HOST_UNKNOWN: {
    message: (f) => `There is no machine called ${f.address}${f.host === f.address ? '' : ` (${f.host})`}`,
    hint: () => 'Check the spelling, /etc/hosts and ~/.ssh/config; airgap hosts lists those known',
  },
  HOST_REFUSED: {
    message: (f) => `${f.host} does not accept SSH connections ${where(f.host, f.address)}`,
    hint: () => 'Check that sshd runs there and that port and firewall are right (-p PORT)',
  },
  HOST_TIMEOUT: {
    message: (f) => `${f.host} did not answer within ${f.seconds} s (${f.during})`,
    hint: () => 'Check cable, address and firewall, then run the same command again',
  },
  HOST_KEY_UNKNOWN: {
    message: (f) => `${f.host} is not known yet: its ${f.keyType} key is ${f.fingerprint}`,
    hint: () =>
      'Compare it with ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub on that machine, then run in a terminal to accept it, or give --accept-new-host-key',
  },
  HOST_KEY_CHANGED: {
    message: (f) =>
      `${f.host} shows another key than the one known in ${f.file} line ${f.line}: ${f.keyType} ${f.fingerprint}`,
    hint: (f) =>
      `Someone may be in between. Ask who runs the machine; if it was reinstalled, remove line ${f.line} of ${f.file} and connect again`,
  },
  HOST_KEY_REVOKED: {
    message: (f) =>
      `The key of ${f.host} is revoked in ${f.file} line ${f.line}: ${f.keyType} ${f.fingerprint}`,
    hint: () => 'Do not connect; ask who runs the machine',
  },
  SSH_AUTH_FAILED: {
    message: (f) => `${f.host} does not let ${f.user} in${tail(f.tried, 'tried')}`,
    hint: (f) =>
      `Try ssh ${f.host} by hand; give a key with -i KEY, another user with user@host, or --ssh openssh for certificates and security keys`,
  },
  SSH_KEY_UNREADABLE: {
    message: (f) => `The private key cannot be used: ${f.problem}`,
    hint: () => 'Check the file given with -i or IdentityFile, and its passphrase',
  },
  SSH_UNSUPPORTED: {
    message: (f) => `${f.host} asks for something the built-in SSH does not have: ${f.problem}`,
    hint: () => 'Repeat with --ssh openssh, which uses the ssh program of this machine',
  },
  SSH_CONFIG_INVALID: {
    message: (f) => `${f.path} cannot be used: ${f.problem}`,
    hint: (f) =>
      f.path === '-o'
        ? 'Give -o what man ssh_config names, or repeat with --ssh openssh for what only that ssh knows'
        : 'Correct the file, or give another with -F FILE (-F none for none)',
  },
  SSH_LOST: {
    message: (f) => `The connection to ${f.host} was lost: ${f.detail}`,
    hint: () => `Check cable and network, then ${again}`,
  },
  CHANNEL_REFUSED: {
    message: (f) => `${f.host} allows no further session on this connection`,
    hint: () => 'Raise MaxSessions in its sshd_config, or wait until other sessions have ended',
  },
  FAR_ENGINE_MISSING: {
    message: (f) =>
      f.others?.[0] === undefined
        ? `${f.host} has no container engine${tail(f.looked, 'looked for')}`
        : `${f.host} has no ${f.looked.join(', ')}; it has ${f.others.join(', ')}`,
    hint: (f) =>
      f.others?.[0] !== undefined
        ? `Repeat with --engine ${f.others[0]}`
        : 'Install docker or podman there, or name the engine with --engine; airgap doctor HOST tells what was found',
  },
  FAR_ENGINE_DOWN: {
    message: (f) => `${f.engine} on ${f.host} does not answer: ${f.detail}`,
    hint: (f) => {
      if (f.engine.startsWith('podman')) return 'Log in there and try podman info: it must answer';
      const start = `Start it there: systemctl start ${serviceOf(f.engine)}`;
      return f.other === undefined ? start : `${start}; or load into ${f.other} with --engine ${f.other}`;
    },
  },
  FAR_ENGINE_DENIED: {
    message: (f) => `${f.engine} on ${f.host} refuses ${f.user}, and sudo needs a password`,
    hint: (f) =>
      f.engine === 'docker'
        ? `Run in a terminal to be asked for it, or put ${f.user} into the docker group there: usermod -aG docker ${f.user}`
        : 'Run in a terminal to be asked for it, or log in there as root',
  },
  FAR_ENGINE_UNSUPPORTED: {
    message: (f) => `${f.engine} on ${f.host} cannot be used: ${f.problem}`,
    hint: () => 'airgap doctor HOST tells what was found; --engine chooses another',
  },
  FAR_SUDO_DENIED: {
    message: (f) => `sudo on ${f.host} says no: ${f.problem}`,
    hint: () => 'Check the password, and that sudo lets the user run the engine there',
  },
  FAR_TOOL_MISSING: {
    message: (f) => `${f.host} lacks ${f.tool}, which airgap needs there`,
    hint: (f) =>
      f.tool === 'zstd' || f.tool === 'gzip'
        ? `Install ${f.tool} there, or leave out --compress to take what that machine can read`
        : 'It is part of every usual system (coreutils, busybox); check PATH of that user',
  },
  FAR_ANSWER: {
    message: (f) => `${f.host} answered ${f.command} with something else than expected: ${f.problem}`,
    hint: (f) => `Check that ssh ${f.host} true prints nothing (a login script may print text), then repeat`,
  },
  FAR_SILENT: {
    message: (f) => `${f.host} has not said a word for ${f.seconds} s (${f.command})`,
    hint: () => `Check the load of that machine, then ${again}`,
  },
  FAR_FAILED: {
    message: (f) => `${f.command} failed on ${f.host} with exit code ${f.exitCode}: ${f.detail}`,
    hint: () => 'airgap doctor HOST tells the state of that machine',
  },
  STAGE_BUSY: {
    message: (f) => `The stage ${f.stage} on ${f.host} is in use by ${f.owner}`,
    hint: () => 'Wait for it to end, or give another folder with --stage DIR',
  },
  STAGE_DENIED: {
    message: (f) => `${f.host} cannot write its stage ${f.stage}: ${f.detail}`,
    hint: () => 'Give a folder that the user may write with --stage DIR',
  },
  STAGE_DAMAGED: {
    message: (f) => `Segment ${f.segment} of layer ${shortDigest(f.layer)} changed in the stage on ${f.host}`,
    hint: () =>
      'Nothing of it was loaded. Run the same command again; if it happens twice, check that machine’s disk',
  },
  RUN_BUSY: {
    message: (f) => `Another airgap (process ${f.pid}) is sending to ${f.host} from this machine`,
    hint: () => 'Wait for it to end, then run the same command again',
  },
  TARGET_FULL: {
    message: (f) =>
      `${f.host} has no room in ${f.path}${f.neededBytes === undefined ? '' : `: ${formatBytes(f.neededBytes)} needed`}${f.freeBytes === undefined ? '' : `, ${formatBytes(f.freeBytes)} free`}`,
    hint: (f) =>
      `Free some room there${pruneCommand(f.engine, [' (', ')'])}, or give another folder with --stage DIR`,
  },
  TARGET_PLATFORM: {
    message: (f) => `${f.image} is for ${f.imagePlatform}, ${f.host} is ${f.hostPlatform}`,
    hint: (f) =>
      `Take the image for ${f.hostPlatform}, or give --platform ${f.imagePlatform} to send it all the same`,
  },
  NAME_TAKEN: {
    message: (f) => `${f.host} already has another image called ${f.name}`,
    hint: (f) =>
      f.bundle === undefined
        ? 'Leave out --no-clobber to move the name, or give another with IMAGE=NAME'
        : 'Leave out --no-clobber to move the name, push the bundle below another path (--prefix PATH), or out of its folder that image alone (oci:FOLDER:NAME=OTHER)',
  },
  LOAD_REJECTED: {
    message: (f) => `The engine on ${f.host} did not take ${f.image}: ${f.detail}`,
    hint: (f) =>
      `Nothing was changed there. Check its log${logCommand(f.engine, [' (', ')'])} and airgap doctor HOST`,
  },
  VERIFY_FAILED: {
    message: (f) =>
      `${f.image} on ${f.host} is not what was sent: ${f.what} is ${shortDigest(f.got)}, want ${shortDigest(f.want)}`,
    hint: () =>
      'Its name was not set there. Run the same command again; if it happens twice, check that machine’s disk',
  },
  ...bundleErrors,
  ...registryErrors,
  HOSTS_FAILED: {
    message: (f) => `${f.failed} of ${f.total} hosts failed`,
    hint: () => 'Run the same command again for those: what has arrived is kept',
  },
  CANCELLED: {
    message: () => 'Stopped',
    hint: (f) =>
      f.resumable ? 'Run the same command to resume: what has arrived is kept' : 'Nothing was changed',
  },
} satisfies { [C in ErrorCode]: ErrorText<C> };
