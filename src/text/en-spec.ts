// What is said about bundle.yaml, compose files and package folders: clauses that stand behind the file and line.
import { formatBytes } from './format.js';

const value = (got: unknown): string => {
  if (got === undefined) return 'nothing';
  if (got === null) return 'an empty value';
  if (Array.isArray(got)) return 'a list';
  if (typeof got === 'object') return 'a map';
  const text = JSON.stringify(got) ?? typeof got;
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
};

/** What each key is for: in editors, and in docs/bundle-yaml.md. */
const keys = {
  name: 'name of the bundle',
  images: 'images to carry',
  'images[].from': 'where the image comes from, as on the command line',
  'images[].as': 'name it gets over there',
  'images[].platform':
    'platform to take where the source has several; or some of them, as a list or with commas between; or all',
  compose: 'compose files: every image they name, and the files themselves',
  files: 'files to put on the host',
  'files[].from': 'file beside bundle.yaml',
  'files[].to': 'where it goes over there',
  'files[].mode': 'its mode over there, 0644 where none is given',
  repos: 'repository files; the right folder is chosen by the distribution there',
  'repos[].from': 'a .repo, .list or .sources file',
  'repos[].baseurl': 'scheme and host, or more, in place of those in the file; paths stay',
  'repos[].gpgkey': 'key that the repository is signed with, carried along',
  packages: 'folders of .deb or .rpm files, each carried as a local repository',
  daemon: 'settings merged into /etc/docker/daemon.json',
  push: 'names that images get in a registry, by their own names',
  targets: 'hosts that airgap send goes to where none is named',
} as const;

/** What is wanted at a path, digits of lists left out. */
const wants: Readonly<Record<string, string>> = {
  '': 'a map of keys, such as name and images',
  name: '1 to 64 of a-z 0-9 . _ - that begin with a letter or digit',
  images: 'a list of images',
  'images[]': 'an image such as nginx:1.27, or a map with from',
  'images[].from': 'an image such as nginx:1.27',
  'images[].as': 'an image name such as registry.lan/web/nginx:1.27',
  'images[].platform': 'a platform such as linux/amd64, a list of some, or all',
  'images[].platform[]': 'a platform such as linux/amd64',
  compose: 'a list of compose files',
  'compose[]': 'a path below the folder of this file',
  files: 'a list of maps with from and to',
  'files[]': 'a map with from and to',
  'files[].from': 'a path below the folder of this file',
  'files[].to': 'an absolute path in a folder, of letters, digits and . _ + @ ~ : - /',
  'files[].mode': 'four octal digits in quotes with which others may not write, such as "0644"',
  repos: 'a list of maps with from',
  'repos[]': 'a map with from',
  'repos[].from': 'a path below the folder of this file that ends in .repo, .list or .sources',
  'repos[].baseurl': 'an address that begins with http://, https://, ftp:// or file://',
  'repos[].gpgkey': 'a path below the folder of this file',
  packages: 'a list of folders',
  'packages[]': 'a path below the folder of this file',
  daemon: 'a map of settings that JSON can hold',
  push: 'a map from names of images, such as nginx:1.27, to names in the registry',
  'push[]': 'a name such as web/nginx:1.27',
  targets: 'a list of hosts',
  'targets[]': 'a host without blanks and commas',
};

/** Of bundle.yaml and of what reads it. */
export const spec = {
  keys,
  tooLarge: (bytes: number) => `it is larger than ${formatBytes(bytes)}`,
  notUtf8: 'it is not UTF-8',
  tooDeep: 'it is nested too deep',
  tag: 'a tag (a word that begins with !) stands there, and none is known',
  aliases: 'aliases (words that begin with *) lead back to themselves or multiply too far',
  key: 'a key is not a plain word',
  notYaml: (detail: string) => `it is not YAML: ${detail}`,
  unknownKey: (key: string, where: string, near: readonly string[], known: readonly string[]) =>
    `${where === '' ? 'there is no key' : `${where} has no key`} ${key}; ${near.length > 0 ? `did you mean ${near.join(', ')}?` : `there are ${known.join(', ')}`}`,
  missingKey: (key: string, where: string) =>
    `${where === '' ? 'the key' : `${where}: the key`} ${key} is missing`,
  wrong: (key: string, got: unknown, path: string) =>
    `${key === '' ? 'got' : `${key}: got`} ${value(got)}, want ${wants[path] ?? 'something else'}`,
  empty: 'it names nothing to carry: no images, compose, files, repos, packages or daemon',
  leavesFolder: (from: string) => `${from} leads out of the folder of this file`,
  noFile: 'there is no such file',
  notThere: (from: string) => `there is no file or folder ${from}`,
  notFile: (from: string) => `${from} is not a file`,
  notFolder: (from: string) => `${from} is not a folder`,
  twice: (key: string, what: string) => `${key}: ${what} is there twice`,
  composeTarget: (from: string) =>
    `${from} has a name that cannot be kept over there; use letters, digits and . _ + ~ -`,
  setName: (from: string) => `${from} has a name that no package set can have; use a-z 0-9 . _ -`,
  notLock: 'it is not a lock that airgap has written',
  unreadable: (detail: string) => `it cannot be read: ${detail}`,
  pushUnused: (name: string) => `push: no image of this run is called ${name}`,
  compose: {
    noServices: 'it has no services',
    services: 'services is not a map of maps',
    include: 'it includes other files, whose images are not read; name them one by one as compose:FILE',
    extends: (service: string) => `service ${service} extends another and names no image of its own`,
    build: (service: string) =>
      `service ${service} has build but no image; give it an image name and build it first`,
    noImage: (service: string) => `service ${service} names no image`,
    notText: (service: string, key: string) => `the ${key} of service ${service} is not a word`,
    variable: (service: string, name: string) =>
      `the image of service ${service} needs the variable ${name}; write a default, as in \${${name}:-1.0}`,
    badVariable: (service: string) => `service ${service} has a variable that cannot be read`,
    platform: (service: string, got: string) => `service ${service} has "${got}" for a platform`,
    asMany: (source: string) => `${source} may stand for several images, so it cannot be given one name`,
  },
  packages: 'airgap send cannot bring packages; carry them with airgap export',
  noSelection: (source: string) =>
    `${source} selects nothing; only containerd-running+NAMESPACE: and containerd-compose+NAMESPACE:FILE have a namespace, and running:, podman-running: and containerd-running: have nothing behind them`,
  movedOn: (container: string, image: string) =>
    `Container ${container} runs an image that ${image} stands for no more, and that has no other name here; tag it, or make the container anew`,
  madeOtherwise: (container: string, image: string) =>
    `Container ${container} was not started as ${image} says (another command, variable, user or label, or before that was built): it may run an image that ${image} stood for before, or was started by hand that way; name the image itself`,
  noSnapshot: (container: string) =>
    `Container ${container} has no snapshot in containerd (it was made from a folder), so there is no image below it`,
  noSnapshotOfDocker: (container: string) =>
    `Container ${container} is docker's, which keeps what it writes itself: name it container:NAME`,
  cutDiff: (bytes: number) => `what came of it is no whole tar (${bytes} bytes)`,
  stillPaused: (container: string, why: string) =>
    `container ${container} may still be paused and does not go on by itself: ${why}`,
  severalContainers: (source: string, all: readonly string[]) =>
    `${source} may be several containers; name one by its ID: ${all.join(', ')}`,
  noComposeFile: (source: string) => `${source} needs a compose file behind it, as in ${source}compose.yaml`,
  settingsOf: (container: string, image: string) =>
    `${container} goes with the settings of ${image} (command, variables, user), not with those that it was started with; --change 'CMD ["…"]' gives it others`,
  wrongChange: (change: string) =>
    `--change takes CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, USER, VOLUME and WORKDIR here, as a Dockerfile has them, not "${change}"`,
  podmanList: (name: string, own: string) =>
    `${name} is a list of images, of which podman gives out one at a time; write all of it with podman manifest push --all ${name} oci:FOLDER and name oci:FOLDER, or choose --platform ${own}`,
  supposed: (images: readonly string[]) =>
    `containerd keeps no record of which image ${images.join(', ')} was when ${images.length === 1 ? 'its container was' : 'their containers were'} made; name, layers, command, variables and labels agree`,
  several: (source: string) =>
    `${source} stands for all images that run here, and one is asked for; airgap images lists them`,
  nothingRuns: (source: string) => `No container runs here, so ${source} names no image`,
  noContainer: '--no-pause, --author, --message and --change are for container:NAME, and none is named',
  noSpec: '--locked compares with bundle.lock, and no bundle.yaml is given with -f',
  noTargets: 'No HOST is given, and the file names no targets',
} as const;
