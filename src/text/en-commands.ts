// Words of the command line itself: what each command and option is for, examples, and what a wrong line is told.
import { wrongFiles } from './en-files.js';

/** One command's help. Examples are whole lines that work. */
interface CommandWords {
  readonly summary: string;
  readonly more?: string;
  readonly examples: readonly string[];
}

const help = {
  airgap: {
    summary: 'Brings container images to machines without internet, over SSH: only what is missing travels',
    examples: ['airgap images', 'airgap send web1 nginx:1.27', 'airgap demo'],
  },
  send: {
    summary: 'Send images to hosts, load them there and prove them',
    more: 'HOST is [user@]host[:port], ssh://user@host:port or an alias from ~/.ssh/config; several are separated by commas. IMAGE is NAME[:TAG], docker-archive:FILE[:NAME], oci-archive:FILE[:NAME] or oci:FOLDER[:NAME]; IMAGE=NAME gives it another name there.\nAfter a cut, the same command sends only the rest.',
    examples: [
      'airgap send web1 nginx:1.27',
      'airgap send root@10.0.0.7:2222 app:2 worker:2 -i ~/.ssh/site',
      'airgap send web1,web2,web3 app:2 --limit 20Mbit',
      'airgap send web1 docker-archive:app.tar=registry.lan/app:2',
      'airgap send web1 app:2 --file app.env:/opt/app/app.env:640 --repo docker-ce.repo',
    ],
  },
  plan: {
    summary: 'Show what send would do, and send nothing',
    examples: ['airgap plan web1 nginx:1.27', 'airgap plan web1,web2 app:2 --json'],
  },
  images: {
    summary: 'List the images on this machine',
    examples: ['airgap images', 'airgap images --json'],
  },
  inspect: {
    summary: 'Show what an image runs and which layers it has',
    examples: [
      'airgap inspect nginx:1.27',
      'airgap inspect oci-archive:app.tar',
      'airgap inspect app:2 --json',
    ],
  },
  doctor: {
    summary: 'Tell what is there, what is missing and what to do, here or on a host',
    examples: ['airgap doctor', 'airgap doctor web1'],
  },
  clean: {
    summary: 'Remove what airgap left on a host: its stage of unfinished sends',
    examples: ['airgap clean web1', 'airgap clean web1 --yes'],
  },
  spool: {
    summary: 'List the layers kept ready on this machine',
    examples: ['airgap spool', 'airgap spool prune', 'airgap spool prune --all'],
  },
  prune: {
    summary: 'Remove layers that are beyond the limit or no longer useful',
    examples: ['airgap spool prune', 'airgap spool prune --all'],
  },
  hosts: {
    summary: 'List the hosts of the ssh config and of earlier sends',
    examples: ['airgap hosts', 'airgap hosts -F site.conf'],
  },
  receipts: {
    summary: 'List what was sent where, newest first',
    examples: ['airgap receipts', 'airgap receipts show 1'],
  },
  show: {
    summary: 'Show one receipt: by its number in the list, or by its ID',
    examples: ['airgap receipts show 1', 'airgap receipts show 5f20aa93 --json'],
  },
  rollback: {
    summary: 'Put the files back that a send has changed: here, or on a host',
    more: 'Without RECEIPT the newest. A file that was changed since is left alone, unless --force.',
    examples: ['airgap rollback web1', 'airgap rollback web1 5f20aa93', 'airgap rollback'],
  },
  demo: {
    summary: 'Send two images over a real SSH connection on this machine, cut one and resume it',
    more: 'Needs neither docker nor sshd, touches nothing of yours, takes less than a minute.',
    examples: ['airgap demo'],
  },
  completion: {
    summary: 'Print a completion script for a shell',
    examples: [
      'airgap completion bash > ~/.local/share/bash-completion/completions/airgap',
      'airgap completion zsh > ~/.zfunc/_airgap',
      'airgap completion fish > ~/.config/fish/completions/airgap.fish',
    ],
  },
} satisfies Record<string, CommandWords>;

/** Every command that has help. */
export type CommandName = keyof typeof help;

const args = {
  host: 'the host, as ssh knows it',
  hosts: 'one host, or several separated by commas',
  images: 'what to send; IMAGE=NAME renames it there',
  image: 'the image',
  shell: 'bash, zsh or fish',
  receipt: 'number or ID of the receipt',
  hostOrHere: 'the host; this machine if absent',
  rollbackReceipt: 'ID of the receipt; the newest if absent',
};

const options = {
  configFile: 'ssh config file to use instead of ~/.ssh/config (none for none)',
  identity: 'private key to log in with; may be repeated',
  port: 'port of the SSH server',
  jump: 'reach the host through these hosts, as ssh -J',
  sshOption: 'an option in the form of ssh_config; may be repeated',
  ssh: 'SSH client: built in (ssh2) or the program of this machine (openssh)',
  acceptNew: 'trust the key of a host that is not known yet',
  limit: 'send at most this much a second and host: 2MB, 500kB, 20Mbit',
  platform: 'take this platform of an image, and send it even if the host is another',
  as: 'name to set there, for a single image',
  engine: 'engine to load into: docker, or layout:DIR to store only',
  stage: 'folder on the host for what has arrived',
  spool: 'folder on this machine for packed layers',
  compress: 'auto, none, or zstd or gzip with a level: zstd:3',
  channels: 'parallel SSH channels for layers (1 to 16)',
  noClobber: 'refuse where a name is taken by another image there',
  file: 'put a file there: SOURCE:/TARGET[:MODE]; may be repeated',
  repo: 'put a .repo, .list or .sources file where its package manager reads it',
  daemonKey: 'merge KEY=JSON into /etc/docker/daemon.json; may be repeated',
  allowDir: 'allow files below one more folder there; may be repeated',
  reload: 'reload the engine after daemon.json has changed, and prove it',
  force: 'put files back even if they were changed since',
  dryRun: 'show the plan and send nothing',
  json: 'print JSON: one event a line for runs, one document for lists',
  quiet: 'print errors only',
  yes: 'take yes for an answer; never for the key of a host',
  all: 'remove everything that is not in use',
  allClients: 'also remove what other machines staged there',
  names: 'print names only, one a line',
  help: 'show this help',
  version: 'show the version',
};

/** What a wrong command line is told. Each is the message of a USAGE error. */
const wrong = {
  ...wrongFiles,
  command: (name: string, near: string | undefined) =>
    `There is no command ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
  option: (name: string, near: string | undefined) =>
    `There is no option ${name}${near === undefined ? '' : `; did you mean ${near}?`}`,
  optionValue: (option: string) => `${option} needs a value`,
  argument: (command: string, name: string) => `airgap ${command} needs ${name}`,
  tooMany: (command: string) => `airgap ${command} was given too many arguments`,
  conflict: 'Two of the options cannot be used together',
  choice: (option: string, got: string, known: readonly string[]) =>
    `${option} cannot be "${got}"; it is one of ${known.join(', ')}`,
  number: (option: string, got: string, least: number, most: number) =>
    `${option} cannot be "${got}"; it is a whole number from ${least} to ${most}`,
  compress: (got: string) =>
    `--compress cannot be "${got}"; it is auto, none, zstd, zstd:1 to zstd:19, gzip or gzip:1 to gzip:9`,
  emptyHost: 'A host is empty; write HOST or HOST,HOST',
  sameHost: (host: string) => `${host} is named twice`,
  emptyImage: (got: string) => `"${got}" is not IMAGE or IMAGE=NAME`,
  asOne: 'With --as there can be only one image; write IMAGE=NAME for several',
  asTwice: '--as and IMAGE=NAME name the same image twice',
  quietJson: '--quiet and --json cannot be used together',
};

const headings = {
  Usage: 'Usage:',
  Arguments: 'Arguments:',
  Options: 'Options:',
  Commands: 'Commands:',
  examples: 'Examples:',
};

/** Of the command line. */
export const commands = { help, args, options, wrong, headings };
