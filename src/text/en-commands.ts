// Words of the command line itself: what each command and option is for, examples, and what a wrong line is told.
import { loginHelp } from './en-login.js';
import { pushHelp, pushOptions } from './en-push.js';
import { wrong } from './en-wrong.js';

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
    more: 'HOST is [user@]host[:port], ssh://user@host:port or an alias from ~/.ssh/config; several are separated by commas. IMAGE is NAME[:TAG], docker-archive:FILE[:NAME], oci-archive:FILE[:NAME], oci:FOLDER[:NAME], docker://HOST/NAME[:TAG] (a registry’s), containers-storage:NAME (podman’s), containerd:NAME, container:NAME, podman-container:NAME or containerd-container:ID (committed first; CONTAINER:latest over there unless =NAME says otherwise) or compose:FILE (every image it names; podman-compose:FILE and containerd-compose:FILE of theirs) or running: (the image of every container that runs; podman-running: of podman’s, containerd-running: of a kubelet’s); IMAGE=NAME gives it another name there.\nAfter a cut, the same command sends only the rest.',
    examples: [
      'airgap send web1 nginx:1.27',
      'airgap send root@10.0.0.7:2222 app:2 worker:2 -i ~/.ssh/site',
      'airgap send web1,web2,web3 app:2 --limit 20Mbit',
      'airgap send web1 docker-archive:app.tar=registry.lan/app:2',
      'airgap send web1 container:shop=shop:fixed compose:compose.yaml',
      'airgap send web1 -f bundle.yaml',
      'airgap send web1 app:2 --file app.env:/opt/app/app.env:640 --repo docker-ce.repo',
    ],
  },
  plan: {
    summary: 'Show what send would do, and send nothing',
    examples: ['airgap plan web1 nginx:1.27', 'airgap plan web1,web2 app:2 --json'],
  },
  export: {
    summary: 'Write images, files and packages into a bundle, for machines that no cable reaches',
    more: 'DEST is a folder, such as a USB drive, in which the bundle becomes a folder of its own, or a file that ends in .tar. IMAGE is as in airgap send. On the far machine: sh import.sh. Run again after a failure, the same command finishes what is there.',
    examples: [
      'airgap export /media/usb nginx:1.27 redis:4-alpine',
      'airgap export site.tar app:2 --compress zstd',
      'airgap export /media/usb app:2 --for edge1.json --split 4GB',
      'airgap export /media/usb -f bundle.yaml --locked',
      'airgap export /media/usb --repo docker-ce.repo --packages rpms',
    ],
  },
  import: {
    summary: 'Prove a bundle, then load its images and put its files in place, here or on a host',
    more: 'BUNDLE is the folder or .tar that airgap export wrote; of a split bundle, the folders that hold its volumes. On a machine without airgap, sh import.sh in the bundle does the same.',
    examples: [
      'airgap import /media/usb/airgap-bundle',
      'airgap import site.tar --to web1',
      'airgap import /media/usb1 /media/usb2 --only app:2',
    ],
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
      'airgap inspect app:2 --files 3',
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
    summary: 'List the hosts of the ssh config, of earlier sends, and those that were added',
    examples: ['airgap hosts', 'airgap hosts -F site.conf', 'airgap hosts add root@10.0.0.7:2222'],
  },
  hostsAdd: {
    summary: 'Remember a host, a folder such as a drive’s, or a registry, for the list and the screen',
    examples: ['airgap hosts add root@10.0.0.7:2222', 'airgap hosts add registry.lan:5000/site'],
  },
  hostsForget: {
    summary: 'Forget a host, folder or registry that was added',
    examples: ['airgap hosts forget /media/usb'],
  },
  receipts: {
    summary: 'List what was sent where, newest first',
    examples: ['airgap receipts', 'airgap receipts show 1'],
  },
  show: {
    summary: 'Show one receipt: by its number in the list, by its ID, or out of a file',
    more: 'An import leaves its receipt in airgap-returns beside the bundle.',
    examples: [
      'airgap receipts show 1',
      'airgap receipts show 5f20aa93 --json',
      'airgap receipts show 1 --html --output receipt.html',
      'airgap receipts show /media/usb/airgap-returns/20260301T140509Z-edge1-receipt.json --html',
    ],
  },
  verify: {
    summary: 'Prove a bundle: every byte, its recipes and indexes, and who signed it',
    more: 'BUNDLE is its folder, its .tar, or a folder that holds its volumes; name several for volumes in several places. Without airgap, sha256sum -c SHA256SUMS inside proves the bytes.',
    examples: [
      'airgap verify /media/usb/edge-stack',
      'airgap verify /media/usb1 /media/usb2 --deep',
      'airgap verify edge-stack.tar --allowed-signers site.signers --require-signature',
    ],
  },
  showBundle: {
    summary: 'Show what is inside a bundle: images, layers, files, packages, signer',
    more: 'Reads what the bundle says of itself; airgap verify proves it.',
    examples: ['airgap show /media/usb/edge-stack', 'airgap show edge-stack.tar --json'],
  },
  passport: {
    summary: 'Print what a host holds, so that airgap export --for leaves it out',
    more: 'Without HOST: of this machine. Where there is no airgap, import.sh of any bundle prints the same.',
    examples: [
      'airgap passport edge1 > edge1.json',
      'airgap passport --output /media/usb/site.json',
      'airgap export /media/usb app:2 --for edge1.json',
    ],
  },
  rollback: {
    summary: 'Put the files back that a send has changed: here, or on a host',
    more: 'Without RECEIPT the newest change there, also one by import.sh. A file that was changed since is left alone, unless --force.',
    examples: [
      'airgap rollback web1',
      'airgap rollback web1 5f20aa93',
      'airgap rollback',
      'airgap rollback --receipt 5f20aa93',
    ],
  },
  ...pushHelp,
  ...loginHelp,
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
  destination: 'folder or .tar to write to',
  host: 'the host, as ssh knows it',
  target:
    '[user@]host[:port], an alias of the ssh config, a folder that begins with / . or ~, or a registry with a slash: registry.lan:5000/',
  hosts: 'one host, or several separated by commas',
  images: 'what to send; IMAGE=NAME renames it there',
  image: 'the image',
  shell: 'bash, zsh or fish',
  bundle: 'folder or .tar of a bundle, or a folder that holds its volumes',
  receipt: 'number or ID of the receipt, or the path of its file',
  hostOrHere: 'the host; this machine if absent',
  pushed: 'what to push, bundles or images, and at last the registry: HOST[:PORT][/PREFIX]',
  registry: 'HOST[:PORT] as in image names, or docker.io',
  siteRegistry: 'HOST[:PORT][/PREFIX] of the registry, as airgap push takes it',
  rollbackReceipt: 'ID or number of the receipt; the newest if absent',
};

const options = {
  ...pushOptions,
  spec: 'bundle.yaml to bring as well; its targets stand in for HOST',
  specExport: 'bundle.yaml to pack as well; bundle.lock is written beside it',
  locked: 'refuse what is not as bundle.lock has it',
  packages: 'folder of .deb or .rpm files to carry as a local repository; may be repeated',
  noPause: 'let a container run on while it is copied',
  author: 'author of the image made of a container',
  message: 'message of the image made of a container',
  change: 'Dockerfile instruction for the image made of a container; may be repeated',
  configFile: 'ssh config file to use instead of ~/.ssh/config (none for none)',
  identity: 'private key to log in with; may be repeated',
  port: 'port of the SSH server',
  jump: 'reach the host through these hosts, as ssh -J',
  sshOption: 'an option in the form of ssh_config; may be repeated',
  ssh: 'SSH client: built in (ssh2) or the program of this machine (openssh)',
  acceptNew: 'trust the key of a host that is not known yet',
  limit: 'send at most this much a second and host: 2MB, 500kB, 20Mbit',
  platform: 'take this platform of an image, and send it even if the host is another',
  layerFiles: 'show the biggest files instead: of the layer with this number or diffID, or of every layer',
  platformHere: 'take this platform of an image that has several',
  as: 'name to set there, for a single image',
  engine:
    'engine to load into: docker, podman, podman:root, containerd[:NAMESPACE], k3s, rke2; k3s-images, rke2-images or layout:DIR only store',
  engineAsked:
    'engine to ask: docker, podman, podman:root, containerd[:NAMESPACE], k3s, rke2, k3s-images, rke2-images, or layout:DIR',
  stage: 'folder on the host for what has arrived',
  spool: 'folder on this machine for packed layers',
  compress:
    'auto, none, gzip or gzip:1 to :9, zstd or zstd:1 to :19 (:9 where Node has no zstd); layers that are spooled already keep theirs',
  channels: 'parallel SSH channels for layers (1 to 16)',
  importTo: 'load on this host instead of here',
  only: 'only this image; may be repeated',
  imagesOnly: 'leave the files of the bundle out',
  installPackages: 'bring the packages of the bundle there, and have its package manager install them',
  filesOnly: 'leave the images of the bundle out',
  bundleName: 'name of the bundle and of its folder',
  platformsTaken: 'take this platform of an image, several of them, or all that it has',
  split: 'cut into volumes of at most this size: 4GB, 700MiB',
  passport: 'passport of a host: what all such hosts hold is left out; may be repeated',
  base: 'earlier bundle that has arrived: its images are left out; may be repeated',
  sign: 'sign with this SSH key, or the public half of one that the agent holds',
  replace: 'write over another bundle of that name',
  noReadBack: 'do not read everything again from the drive',
  dryRunExport: 'show the plan and write nothing',
  noClobber: 'refuse where a name is taken by another image there',
  user: 'user to log in as; asked for if absent',
  passwordStdin: 'take the password from stdin',
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
  html: 'print a page for a browser or a printer, complete in itself',
  output: 'file to write the page to instead',
  outputPassport: 'file to write it to instead',
  deep: 'also unpack every layer and prove what it unpacks to',
  allowedSigners: 'keys to trust, as ssh-keygen reads them: NAME KEYTYPE KEY a line',
  requireSignature: 'fail where no key of --allowed-signers has signed',
  names: 'print names only, one a line',
  help: 'show this help',
  version: 'show the version',
  lang: 'language to speak: en or zh; without it AIRGAP_LANG decides, then the locale',
  noMouse: 'with no command: open the screen without the mouse',
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
