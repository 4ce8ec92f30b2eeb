// Words of the screen: headings, columns, questions, what each key does.
import { options, plan, run } from './en-screen-run.js';
import { count } from './format.js';

const actions = {
  'list.toggle': 'choose',
  'list.open': 'open',
  'list.filter': 'filter',
  'list.sort': 'sort',
  'list.all': 'choose all that are shown',
  'images.kind': 'images, containers, compose, bundles',
  'images.bundle': 'add an image or a bundle',
  'images.again': 'look again',
  'images.running': 'choose all containers that run',
  'inspect.files': 'biggest files of the layer',
  'inspect.config': 'settings, layers',
  'targets.add': 'add',
  'targets.edit': 'change what was added',
  'targets.forget': 'forget what was added',
  'targets.probe': 'look again',
  'targets.login': 'log in to a registry',
  'targets.logout': 'log out of a registry',
  'targets.engine': 'another engine of the host',
  'extras.add': 'add',
  'extras.browse': 'look through folders',
  'extras.edit': 'change what was added',
  'extras.remove': 'take out what was added',
  'extras.mode': 'mode of a file',
  'plan.start': 'start',
  'plan.copy': 'copy as command',
  'plan.save': 'save as bundle.yaml',
  'plan.options': 'options',
  'plan.again': 'plan again',
  'options.clear': 'take back',
  'run.pause': 'pause, go on',
  'run.cancel': 'stop',
  'run.retry': 'try again',
  'run.pauseAll': 'pause all, go on with all',
  'run.cancelAll': 'stop all',
  'run.retryAll': 'try all again',
  'proof.json': 'save',
  'proof.html': 'page to print',
  'history.repeat': 'repeat',
  'list.up': 'up',
  'list.down': 'down',
  'list.pageUp': 'a page up',
  'list.pageDown': 'a page down',
  'list.first': 'to the first',
  'list.last': 'to the last',
  'app.next': 'next',
  'app.previous': 'back one',
  'app.images': 'images',
  'app.targets': 'targets',
  'app.extras': 'extras',
  'app.plan': 'plan',
  'app.run': 'run',
  'app.history': 'history',
  'app.back': 'back',
  'app.help': 'help',
  'app.quit': 'quit',
  'app.stop': 'stop what runs, then leave',
  'app.suspend': 'back to the shell; fg returns',
};

/** The same in a word, for the lines at the bottom. */
const short = {
  'list.all': 'all',
  'images.kind': 'containers',
  'images.bundle': 'add',
  'images.running': 'all that run',
  'inspect.files': 'biggest files',
  'inspect.config': 'settings',
  'targets.login': 'log in',
  'targets.engine': 'engine',
  'targets.edit': 'change',
  'targets.forget': 'forget',
  'extras.browse': 'folders',
  'extras.edit': 'change',
  'extras.mode': 'mode',
  'plan.copy': 'copy',
  'plan.save': 'save',
  'plan.limit': 'limit',
  'plan.split': 'volumes',
  'plan.sign': 'sign',
  'plan.again': 'again',
  'app.help': 'more',
};

/** Of the screen that `airgap` without a command opens. */
export const screen = {
  actions,
  short,
  tabs: {
    images: 'Images',
    targets: 'Targets',
    extras: 'Extras',
    plan: 'Plan',
    run: 'Run',
    history: 'History',
  },
  /** Headings of screens that have no tab. */
  titles: { inspect: 'Image', options: 'Options', proof: 'Proof' },
  help: { title: 'Keys', close: 'Any key closes this' },
  keys: { on: 'Where', key: 'Key', does: 'What it does', everywhere: 'everywhere' },
  window: (first: number, last: number, total: number) => `${first}–${last} of ${total}`,
  filter: 'Filter: ',
  nothingMatches: (filter: string) => `Nothing here matches “${filter}”`,
  loading: 'Looking…',
  images: {
    empty: 'There are no images here; + adds one of a registry, a folder or an archive',
    noContainers: 'There are no containers here',
    noCompose: 'There is no compose file in this folder',
    noBundles:
      'No bundle was found on a drive. + adds one: its folder or .tar, or a folder that holds its volumes',
    kinds: { image: 'Images', container: 'Containers', compose: 'Compose', bundle: 'Bundles' },
    columns: { name: 'IMAGE', size: 'SIZE', layers: 'LAYERS', age: 'CREATED', about: 'STORE' },
    containerColumns: { name: 'CONTAINER', about: 'STATE' },
    composeColumns: { name: 'COMPOSE FILE', about: 'IMAGES' },
    bundleColumns: { name: 'BUNDLE', about: 'WHAT IS IN IT' },
    bundle: (b: {
      name: string;
      images: number;
      files: number;
      packages: number;
      missing: readonly number[];
    }) =>
      [
        `${b.name}: ${count(b.images, 'image')}`,
        ...(b.files === 0 ? [] : [count(b.files, 'file')]),
        ...(b.packages === 0 ? [] : ['packages']),
        ...(b.missing.length === 0 ? [] : [`lacks volume ${b.missing.join(', ')}`]),
      ].join(', '),
    sorted: { name: 'by name', size: 'by size', age: 'by age' },
    none: 'Choose images with Space; Enter shows what is inside',
    again: 'Looking again…',
    seen: (n: number) => `${count(n, 'image')} ${n === 1 ? 'is' : 'are'} there now`,
    travels: (target: string, bytes: string) => `${target} lacks ${bytes}`,
    composeLacks: (all: number, missing: readonly string[]) =>
      missing.length === 0
        ? `${count(all, 'image')}, all here`
        : `${count(all, 'image')}, not here: ${missing.slice(0, 3).join(', ')}`,
  },
  /** What is chosen, and what comes next. */
  status: {
    things: (parts: readonly string[]) => parts.join(', '),
    image: (n: number) => count(n, 'image'),
    container: (n: number) => count(n, 'container'),
    compose: (n: number) => count(n, 'compose file'),
    bundle: (n: number) => count(n, 'bundle'),
    files: (n: number) => count(n, 'file'),
    targets: (names: readonly string[]) =>
      names.length < 3 ? `to ${names.join(', ')}` : `to ${names.length} targets`,
    weight: (shared: number | undefined, bytes: string) =>
      shared === undefined || shared === 0 ? bytes : `${count(shared, 'shared layer')}, ${bytes}`,
    choose: {
      images: 'choose images with Space',
      targets: 'choose where it goes with Space',
    },
    next: (screen: string, key: string) => `next: ${screen} (${key})`,
  },
  inspect: {
    reading: 'reading the layer; Esc stops it',
    stopped: 'stopped before the end',
    ask: 'Enter reads the layer and shows its biggest files',
    heldBy: (targets: readonly string[]) => `held by ${targets.join(', ')}`,
    layerHeldBy: (targets: readonly string[]) => `this layer is held by ${targets.join(', ')}`,
  },
  targets: {
    columns: { name: 'TARGET', state: 'STATE', last: 'LAST SEND' },
    empty:
      'No hosts are known yet. Press + to add one: [user@]host[:port], a folder such as a drive’s, or a registry, as registry.lan:5000/',
    from: {
      here: 'where airgap runs',
      config: 'ssh config',
      receipt: 'earlier send',
      drive: 'drive',
      typed: 'added',
    },
    none: 'Choose where it goes with Space; Enter looks at it',
    asking: 'looking…',
    notAsked: 'not looked at yet',
    ready: (engine: string, platform: string, free: string | undefined) =>
      free === undefined ? `${engine}, ${platform}` : `${engine}, ${platform}, ${free} free`,
    detail: (engine: string, store: string, images: number) =>
      `${engine}, ${store}, ${count(images, 'image')} there`,
    passport: (host: string) => `passport of ${host}`,
    passportImages: (n: number) => `holds ${count(n, 'image')}`,
    passportAbout: (file: string) => `Space: what this host holds is left out of the bundle (${file})`,
    registry: (user: string | undefined) =>
      user === undefined ? 'a registry, reached' : `a registry, reached as ${user}`,
    registryAbout: (origin: string) => `${origin} answers; images are pushed there, for hosts to pull`,
    pushed: 'earlier push',
    otherEngines: (names: readonly string[]) => `E takes another engine: ${names.join(', ')}`,
    oneEngine: 'No other engine is known there; Enter looks',
    noLogin: 'There is a login at registries only: choose one with the cursor',
    folder: (free: string | undefined) => (free === undefined ? 'a folder' : `${free} free`),
    holds: (n: number, all: number) =>
      n === all ? 'has all that is chosen' : `has ${n} of the ${count(all, 'image')} chosen`,
  },
  extras: {
    columns: { name: 'FILE', to: 'WHERE IT GOES', mode: 'MODE', from: 'FROM', size: 'SIZE' },
    empty: 'No repo config was found here. Press + to add a file, o to look for one',
    none: 'Files travel beside images; what each would change is in the plan',
    repoFolder: 'repo folder of the host',
    packages: 'repository in a bundle',
    browse: 'Enter opens a folder, Space chooses a file, or a folder of packages',
    cut: (n: number) => `only the first ${n} are shown`,
    found: 'That was found here and stays in the list; Space takes it out of the choice',
    from: { here: 'this machine', ready: 'airgap’s own', typed: 'added' },
  },
  plan,
  options,
  /** For who hears the screen. */
  linear: {
    place: (title: string, at: number, all: number) => `${title}, screen ${at} of ${all}. ? tells the keys`,
    chosen: 'chosen',
    row: (at: number, all: number) => `row ${at} of ${all}`,
    host: (host: string, percent: number) => `${host}, about ${percent} percent`,
  },
  run,
  history: {
    columns: { number: '#', when: 'WHEN', host: 'HOST', images: 'IMAGES', sent: 'SENT' },
    empty: 'Nothing has been sent yet',
    none: 'Enter shows how it was proved, r does it again',
    outOf: (bundle: string, names: string) => `${bundle}: ${names}`,
    imported: (bundle: string) =>
      `That came out of the bundle ${bundle}: choose it under Bundles on Images (1, then t), and where it goes`,
    withoutFiles: (files: readonly string[]) =>
      `The receipt does not tell where these came from: ${files.join(', ')}`,
  },
  fields: {
    target: 'Host [user@]host[:port], a folder, or a registry HOST[:PORT]/[PREFIX]: ',
    extra: 'File, .repo, .list or .sources file, KEY=JSON of daemon.json, or packages FOLDER/: ',
    'extra-place': 'Where it goes, /TARGET[:MODE]: ',
    'extra-mode': 'Mode, such as 640, empty for 644: ',
    bundle: 'docker://…, oci:FOLDER, docker-archive:FILE, or the folder or .tar of a bundle: ',
    option: (name: string) => `${name}, empty for none: `,
    'save-spec': 'Save as: ',
    'save-json': 'Save the receipt as: ',
    'save-html': 'Save the page as: ',
  },
  /** What ends a line that is typed. */
  typing: { take: 'take it', leave: 'leave it' },
  pasted: {
    lines: (n: number) => `Only the first of ${n} pasted lines was taken`,
    cleaned: 'What cannot be seen in it was left out',
  },
  confirm: {
    quit: (what: string) => `${what} is still running. Stop it cleanly and leave? [y/N]`,
    forget: (what: string) => `Forget ${what}? [y/N]`,
    logout: (what: string) => `Forget the login to ${what}? [y/N]`,
    overwrite: (what: string) => `${what} is there. Write over it? [y/N]`,
    start: (what: string) => `Without ${what}: the plan says why. Start the others? [y/N]`,
    cancel: (what: string) => `Stop ${what}? What has arrived stays for the next try [y/N]`,
  },
  saved: (file: string) => `Saved as ${file}`,
  /** `outside`: what does not lie beside the file; `unsaid`: what it has no word for. */
  savedSpec: (file: string, outside: readonly string[], unsaid: readonly string[]) =>
    [
      `Saved as ${file}`,
      ...(outside.length === 0 ? [] : [`without what does not lie beside it: ${outside.join(', ')}`]),
      ...(unsaid.length === 0 ? [] : [`what it cannot say stays for the command line: ${unsaid.join(', ')}`]),
    ].join('; '),
  noName: 'Nothing was saved: a file needs a name',
  esc: 'Esc leaves it',
  press: (key: string, does: string) => `${key} ${does}`,
  seeRun: '5 shows the run that asks',
};
