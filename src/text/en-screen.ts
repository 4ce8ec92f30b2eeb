// Words of the screen: headings, columns, questions, what each key does.
import { count } from './format.js';

const actions = {
  'list.toggle': 'choose',
  'list.open': 'open',
  'list.filter': 'filter',
  'list.sort': 'sort',
  'list.all': 'choose all that are shown',
  'images.kind': 'images, containers, compose',
  'images.again': 'look again',
  'images.running': 'choose all containers that run',
  'inspect.files': 'biggest files of the layer',
  'inspect.config': 'settings, layers',
  'targets.add': 'add',
  'targets.edit': 'change what was added',
  'targets.forget': 'forget what was added',
  'targets.probe': 'look again',
  'extras.add': 'add',
  'extras.browse': 'look through folders',
  'extras.edit': 'change what was added',
  'extras.mode': 'mode of a file',
  'plan.start': 'start',
  'plan.copy': 'copy as command',
  'plan.save': 'save as bundle.yaml',
  'plan.compress': 'compression',
  'plan.limit': 'bandwidth limit',
  'plan.platform': 'platform',
  'plan.split': 'cut a bundle into volumes',
  'plan.sign': 'sign a bundle',
  'plan.again': 'plan again',
  'run.pause': 'pause, go on',
  'run.cancel': 'stop',
  'run.retry': 'try again',
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
  'images.running': 'all that run',
  'inspect.files': 'biggest files',
  'inspect.config': 'settings',
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
  titles: { inspect: 'Image', proof: 'Proof' },
  help: { title: 'Keys', close: 'Any key closes this' },
  keys: { on: 'Where', key: 'Key', does: 'What it does', everywhere: 'everywhere' },
  window: (first: number, last: number, total: number) => `${first}–${last} of ${total}`,
  filter: 'Filter: ',
  nothingMatches: (filter: string) => `Nothing here matches “${filter}”`,
  loading: 'Looking…',
  images: {
    empty: 'There are no images here',
    noContainers: 'There are no containers here',
    noCompose: 'There is no compose file in this folder',
    kinds: { image: 'Images', container: 'Containers', compose: 'Compose files' },
    columns: { name: 'IMAGE', size: 'SIZE', layers: 'LAYERS', age: 'CREATED', about: 'STORE' },
    containerColumns: { name: 'CONTAINER', about: 'STATE' },
    composeColumns: { name: 'COMPOSE FILE', about: 'IMAGES' },
    sorted: { name: 'by name', size: 'by size', age: 'by age' },
    none: 'Choose images with Space; Enter shows what is inside',
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
  },
  targets: {
    columns: { name: 'TARGET', state: 'STATE', last: 'LAST SEND' },
    empty: 'No hosts are known yet. Press + to add one: [user@]host[:port], or a folder such as a drive’s',
    from: { config: 'ssh config', receipt: 'earlier send', drive: 'drive', typed: 'added' },
    none: 'Choose where it goes with Space; Enter looks at a host',
    asking: 'looking…',
    notAsked: 'not looked at yet',
    ready: (engine: string, platform: string, free: string | undefined) =>
      free === undefined ? `${engine}, ${platform}` : `${engine}, ${platform}, ${free} free`,
    detail: (engine: string, store: string, images: number) =>
      `${engine}, ${store}, ${count(images, 'image')} there`,
    passport: (host: string) => `passport of ${host}`,
    passportImages: (n: number) => `holds ${count(n, 'image')}`,
    passportAbout: (file: string) => `Space: what this host holds is left out of the bundle (${file})`,
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
    from: { here: 'this machine', ready: 'airgap’s own', typed: 'added' },
  },
  plan: {
    nothing: 'Choose at least one image, or a file, and a target',
    packages: (hosts: string) => `Packages travel in bundles only, not to ${hosts}`,
    making: 'Asking the targets what they have…',
    ready: 'Nothing has been sent. Enter starts',
    refused: (targets: readonly string[]) =>
      targets.length === 0
        ? 'This cannot start as it is'
        : `This cannot start as it is: mend what is told above, or take ${targets.join(', ')} out of the choice (2)`,
    notNow: 'There is no plan yet that could start; what is wrong stands in the plan',
    busy: 'An earlier run is not over: 5 shows it; stop it (x) or let it go on (p) first',
    options: (o: { compress: string; limit: string; platform: string; split: string; sign: string }) =>
      [
        `compression ${o.compress}`,
        `limit ${o.limit === '' ? 'none' : o.limit}`,
        `platform ${o.platform === '' ? 'as is' : o.platform}`,
        ...(o.split === '' ? [] : [`volumes of ${o.split}`]),
        ...(o.sign === '' ? [] : [`signed with ${o.sign}`]),
      ].join('   '),
    command: 'As a command',
    copied: {
      terminal:
        'The command was handed to the terminal’s clipboard; where it has none, it stands at the end of the plan',
      screen:
        'The command was handed to the clipboard of the terminal outside of screen; where it has none, it stands at the end of the plan',
      tmux: 'The command was handed to tmux, for the terminal’s clipboard and for its own paste (prefix ])',
      'old-tmux': 'The command lies in the buffer of tmux: prefix ] pastes it',
    },
    saved: (file: string) => `Saved as ${file}`,
    notTold: 'The time is not known yet: the first send to a host measures the way',
    time: (duration: string, by: 'link' | 'limit') =>
      by === 'link'
        ? `about ${duration} at the pace of the last send`
        : `about ${duration} at the limit, or more`,
    failed: (target: string) => `No plan for ${target}: `,
    driveFull: (needed: string, free: string) =>
      `It does not fit: at most ${needed} are needed and ${free} are free. Make room there, or choose less`,
  },
  /** For who hears the screen. */
  linear: {
    place: (title: string, at: number, all: number) => `${title}, screen ${at} of ${all}. ? tells the keys`,
    chosen: 'chosen',
    row: (at: number, all: number) => `row ${at} of ${all}`,
    host: (host: string, percent: number) => `${host}, about ${percent} percent`,
  },
  run: {
    none: 'Nothing runs. Make a plan, then start it',
    states: {
      running: 'running',
      pausing: 'pausing',
      paused: 'paused; p goes on',
      stopping: 'stopping cleanly',
      stopped: 'stopped; r sends the rest',
      done: 'done',
      failed: 'failed',
    },
    nothing: 'There is nothing here that this could be done with now',
    log: 'What happened',
    title: (kind: 'send' | 'export', targets: readonly string[]) =>
      kind === 'send' ? `To ${targets.join(', ')}` : `Into ${targets.join(', ')}`,
    allDone: 'Everything arrived and was proved. 6 shows the receipts',
    allWritten: 'Written and sealed. Carry it over, and run sh import.sh there',
    goesOn: 'It goes on while you look elsewhere',
    /** A notification of the terminal, which nobody can scroll. */
    ended: (state: 'done' | 'failed', targets: readonly string[]) => `${targets.join(' ')} ${state}`,
  },
  history: {
    columns: { number: '#', when: 'WHEN', host: 'HOST', images: 'IMAGES', sent: 'SENT' },
    empty: 'Nothing has been sent yet',
    none: 'Enter shows how it was proved, r does it again',
    outOf: (bundle: string, names: string) => `${bundle}: ${names}`,
    imported: (bundle: string) => `That came out of the bundle ${bundle}; import it again with airgap import`,
    withoutFiles: (files: readonly string[]) =>
      `The receipt does not tell where these came from: ${files.join(', ')}`,
  },
  fields: {
    target: 'Host [user@]host[:port], or a folder: ',
    extra: 'File, .repo, .list or .sources file, KEY=JSON of daemon.json, or packages FOLDER/: ',
    'extra-place': 'Where it goes, /TARGET[:MODE]: ',
    'extra-mode': 'Mode, such as 640, empty for 644: ',
    compress: 'Compression, auto, zstd[:1-19], gzip[:1-9] or none: ',
    limit: 'Limit a host, such as 20Mbit or 2MB, empty for none: ',
    platform: 'Platform, such as linux/arm64, empty for the image’s own: ',
    split: 'Most bytes of a volume, such as 4GB, empty for one bundle: ',
    sign: 'SSH key that signs the bundle, empty for none: ',
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
    overwrite: (what: string) => `${what} is there. Write over it? [y/N]`,
    cancel: (what: string) => `Stop ${what}? What has arrived stays for the next try [y/N]`,
  },
  saved: (file: string) => `Saved as ${file}`,
  savedWithout: (file: string, outside: readonly string[]) =>
    `Saved as ${file} without what does not lie beside it: ${outside.join(', ')}`,
  esc: 'Esc leaves it',
  press: (key: string, does: string) => `${key} ${does}`,
  seeRun: '5 shows the run that asks',
};
