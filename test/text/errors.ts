// The wording of errors: one clause, subject first, no full stop; a hint that tells what to do, with commands that exist.
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { completionTree } from '../../src/cli/completion/tree.js';
import { AirgapError, type ErrorCode, type ErrorFacts, errorCodes } from '../../src/errors.js';
import type { Catalogue } from '../../src/text/catalogue.js';
import { en } from '../../src/text/en.js';
import { setFace } from '../../src/text/text.js';
import { zh } from '../../src/text/zh.js';
import { unlikeChinese } from '../helpers/chinese.js';
import { root } from '../helpers/command-line.js';

const digest = `sha256:${'a'.repeat(64)}`;
const common = {
  host: 'web1',
  image: 'app:2',
  engine: 'docker',
  path: '/srv/x',
  file: '/home/me/.ssh/known_hosts',
};
const key = { keyType: 'ssh-ed25519', fingerprint: 'SHA256:abc' };

// One of each, as it would really be made.
const samples: { readonly [C in ErrorCode]: ErrorFacts[C] } = {
  USAGE: { problem: 'airgap send needs HOST', command: 'send' },
  REFERENCE_INVALID: { input: 'App', problem: 'uppercase' },
  PLATFORM_INVALID: { input: 'a/b/c/d' },
  RATE_INVALID: { input: 'fast' },
  HOST_INVALID: { input: 'a b' },
  STORE_UNKNOWN: { transport: 'zip', known: ['oci'] },
  PROMPT_REFUSED: { question: 'Remove 12 MB', flag: '--yes' },
  RECEIPT_UNKNOWN: { wanted: '7' },
  RECEIPT_INVALID: { path: 'site-receipt.json', problem: 'form', detail: 'images.0.proof' },
  IMAGE_UNKNOWN: { image: 'app:3', store: 'docker', near: ['app:2'] },
  LAYER_UNKNOWN: { image: 'app:2', layer: '9', count: 3 },
  IMAGE_AMBIGUOUS: { source: 'oci:/srv', names: ['a:1', 'b:1'] },
  IMAGE_INCOMPLETE: { image: 'app:2', missing: 'layer 3' },
  PLATFORM_MISSING: { image: 'app:2', wanted: 'linux/arm64', found: ['linux/amd64'] },
  ENGINE_MISSING: common,
  ENGINE_UNREACHABLE: { ...common, detail: 'no such file' },
  ENGINE_DENIED: { ...common, detail: 'permission denied' },
  ENGINE_ANSWER: { ...common, command: 'docker version', detail: 'exit code 1' },
  DIGEST_INVALID: { input: 'md5:1', where: 'The manifest of app:2' },
  DIGEST_MISMATCH: { what: 'Layer 3 of app:2', got: digest, want: digest },
  SIZE_MISMATCH: { what: 'Layer 3 of app:2', got: 1, want: 2 },
  DOCUMENT_INVALID: { what: 'The manifest of app:2', problem: 'json' },
  DOCUMENT_TOO_LARGE: { what: 'The manifest of app:2', limitBytes: 4_000_000 },
  LAYER_UNSUPPORTED: { what: 'Layer 3 of app:2', mediaType: 'x/y' },
  LAYOUT_INVALID: { ...common, problem: 'no-index' },
  ARCHIVE_INVALID: { ...common, problem: 'not-a-tar' },
  ARCHIVE_TRUNCATED: common,
  ARCHIVE_HOSTILE: { ...common, entry: '../x', problem: 'path-escape' },
  ARCHIVE_BOMB: { ...common, limitBytes: 10 },
  SOURCE_GONE: { source: 'app:2', detail: 'docker save ended' },
  SPOOL_FULL: { ...common, neededBytes: 9, freeBytes: 1 },
  SPOOL_BUSY: { ...common, pid: 7 },
  SPOOL_DAMAGED: { ...common, problem: 'an index is cut' },
  SPOOL_DENIED: { path: '/home/me/.cache/airgap/spool', problem: 'permission denied' },
  STATE_DENIED: { path: '/home/me/.local/state/airgap', problem: 'permission denied' },
  TARGETS_INVALID: { path: '/home/me/.local/state/airgap/targets.json', problem: 'not JSON' },
  CODEC_FAILED: { codec: 'zstd', detail: 'out of memory' },
  PROGRAM_MISSING: { program: 'ssh' },
  CACHE_FULL: { path: '/home/me/.cache/airgap/blobs', neededBytes: 9, freeBytes: 1 },
  CACHE_DENIED: { path: '/home/me/.cache/airgap/blobs', problem: 'it is read-only' },
  REGISTRY_UNREACHABLE: { registry: 'registry.lan:5000', problem: 'refused', detail: '' },
  REGISTRY_FAILED: { registry: 'registry.lan', request: 'GET /v2/app/manifests/1', detail: 'HTTP 503' },
  REGISTRY_LIMIT: { registry: 'docker.io', seconds: 3600 },
  REGISTRY_ANSWER: { registry: 'registry.lan', request: 'GET /v2/', detail: 'HTTP 418' },
  REGISTRY_DENIED: { registry: 'registry.lan', repository: 'team/app', problem: 'no-login', detail: '' },
  CREDENTIAL_HELPER: {
    program: 'docker-credential-pass',
    path: '/home/me/.docker/config.json',
    action: 'get',
    problem: 'there is no such program',
  },
  REGISTRY_TLS: { registry: 'registry.lan', problem: 'untrusted', detail: '' },
  REGISTRY_REDIRECT: { registry: 'registry.lan', to: 'http://elsewhere', problem: 'scheme' },
  REGISTRY_BLOCKED: { registry: 'registry.lan', path: '/etc/containers/registries.conf' },
  REGISTRY_CONFIG: { path: '/etc/docker/daemon.json', problem: 'it is no JSON' },
  BUNDLE_INVALID: { path: '/mnt/usb/site', problem: 'no-seal' },
  BUNDLE_VERSION: { path: '/mnt/usb/site', version: 2, known: 1 },
  BUNDLE_DAMAGED: { path: '/mnt/usb/site', file: 'index.json', problem: 'digest' },
  BUNDLE_FINDINGS: { path: '/mnt/usb/site', count: 2 },
  BUNDLE_EXISTS: { path: '/mnt/usb/site' },
  BUNDLE_VOLUME_MISSING: { name: 'site', missing: [2, 3], of: 5 },
  BUNDLE_BASE_MISSING: { ...common, layers: [digest], bundle: 'site' },
  REGISTRY_PUSH: {
    registry: 'registry.lan:5000',
    repository: 'plant/app',
    digest,
    problem: 'full',
    detail: 'quota exceeded',
  },
  PUSH_BASE_MISSING: { registry: 'registry.lan', image: 'app:2', layers: [digest], bundle: 'site' },
  BUNDLE_CODEC: { ...common, codec: 'zstd' },
  SIGNATURE_INVALID: { path: '/mnt/usb/site', problem: 'wrong', detail: 'incorrect signature' },
  DRIVE_FULL: { path: '/mnt/usb', neededBytes: 9, freeBytes: 1 },
  DRIVE_FILE_LIMIT: { path: '/mnt/usb' },
  DRIVE_FAILED: { path: '/mnt/usb', detail: 'read-only file system' },
  VOLUME_TOO_SMALL: { splitBytes: 1, leastBytes: 2 },
  PASSPORT_INVALID: { path: 'site.json', problem: 'form', detail: 'images.0.id' },
  SPEC_INVALID: { path: 'bundle.yaml', line: 3, problem: 'unknown key image, did you mean images' },
  LOCK_DRIFT: { path: 'bundle.lock', image: 'app:2', got: digest, want: digest },
  PACKAGES_INVALID: { path: 'packages', problem: 'no .deb and no .rpm' },
  HOST_UNKNOWN: { ...common, address: 'web1' },
  HOST_REFUSED: { ...common, address: '10.0.0.7:22' },
  HOST_TIMEOUT: { ...common, seconds: 10, during: 'connecting' },
  HOST_KEY_UNKNOWN: { ...common, ...key, files: [] },
  HOST_KEY_CHANGED: { ...common, ...key, line: 3 },
  HOST_KEY_REVOKED: { ...common, ...key, line: 3 },
  SSH_AUTH_FAILED: { ...common, user: 'root', tried: ['publickey'] },
  SSH_KEY_UNREADABLE: { problem: 'wrong passphrase' },
  SSH_UNSUPPORTED: { ...common, problem: 'ProxyCommand' },
  SSH_CONFIG_INVALID: { ...common, problem: 'line 3' },
  SSH_LOST: { ...common, detail: 'reset by peer' },
  CHANNEL_REFUSED: common,
  FAR_ENGINE_MISSING: { ...common, looked: ['docker'], others: ['containerd'] },
  FAR_ENGINE_DOWN: { ...common, detail: 'no answer' },
  FAR_ENGINE_DENIED: { ...common, user: 'me' },
  FAR_ENGINE_UNSUPPORTED: { ...common, problem: 'version 17' },
  FAR_SUDO_DENIED: { ...common, problem: 'wrong password' },
  FAR_TOOL_MISSING: { ...common, tool: 'dd' },
  FAR_ANSWER: { ...common, command: 'probe', problem: 'a line "hello"' },
  FAR_SILENT: { ...common, command: 'play', seconds: 60 },
  FAR_FAILED: { ...common, command: 'put', exitCode: 1, detail: 'no' },
  STAGE_BUSY: { ...common, stage: '/home/me/.cache/airgap', owner: 'process 7' },
  STAGE_DENIED: { ...common, stage: '/srv', detail: 'permission denied' },
  STAGE_DAMAGED: { ...common, layer: digest, segment: 3 },
  RUN_BUSY: { ...common, pid: 7 },
  TARGET_FULL: { ...common, neededBytes: 9, freeBytes: undefined },
  TARGET_PLATFORM: { ...common, imagePlatform: 'linux/arm64', hostPlatform: 'linux/amd64' },
  NAME_TAKEN: { ...common, name: 'app:2' },
  LOAD_REJECTED: { ...common, detail: 'unexpected EOF' },
  PULL_FAILED: {
    host: 'web1',
    image: 'registry.lan:5000/app@sha256:0',
    detail: 'no such host',
    engine: 'docker',
  },
  FILE_REFUSED: { host: 'web1', path: '/etc/x', problem: 'folder' },
  FILE_FAMILY: { host: 'web1', path: '/etc/yum.repos.d/x.repo', family: 'debian' },
  FILE_INVALID: { host: 'web1', path: '/etc/docker/daemon.json', detail: 'not JSON' },
  FILE_CHANGED: { host: 'web1', path: '/etc/docker/daemon.json' },
  INSTALL_FAILED: { host: 'web1', path: '/etc/x', detail: 'read-only file system' },
  PACKAGES_FAILED: { host: 'web1', detail: 'apt-get: exit code 100' },
  ROLLBACK_UNKNOWN: { host: 'web1', receipt: '5f20aa93' },
  VERIFY_FAILED: { ...common, what: 'its ID', got: digest, want: digest },
  HOSTS_FAILED: { failed: 1, total: 2 },
  CANCELLED: { resumable: true },
};

const codes = Object.keys(errorCodes) as ErrorCode[];
const all = codes.map((code) => new AirgapError(code, samples[code]));

test('every code has a sentence and a hint', (t) => {
  for (const { errors } of [en, zh]) t.deepEqual(Object.keys(errors).sort(), [...codes].sort());
  for (const { code, message, hint } of all) {
    t.true(message.length > 5, code);
    t.true((hint ?? '').length > 10, code);
  }
});

test('sentences and hints have no full stop, no apology, no exclamation, one line', (t) => {
  for (const { code, message, hint = '' } of all) {
    for (const sentence of [message, hint]) {
      t.notRegex(
        sentence,
        /[.!]$|\n|sorry|please try|oops|failed to|undefined|NaN|\[object| {2}/i,
        `${code}: ${sentence}`,
      );
      t.regex(
        sentence,
        /^[A-Z"]|^(airgap|docker|registry\.lan|web1|app:2|oci:|zstd|sudo|\/|put|\d)/,
        `${code}: ${sentence}`,
      );
    }
  }
});

/** Sentence and hint of a code in a language. */
const said = <C extends ErrorCode>(catalogue: Catalogue, code: C): readonly string[] => {
  const { message, hint } = catalogue.errors[code];
  return [message(samples[code]), hint(samples[code]), ...onScreen(catalogue, code)];
};

/** The hint of the screen, where it has one of its own. */
const onScreen = <C extends ErrorCode>({ screenHints }: Catalogue, code: C): readonly string[] => {
  const hints: { readonly [K in ErrorCode]?: (facts: ErrorFacts[K]) => string } = screenHints;
  const hint = hints[code];
  return hint === undefined ? [] : [hint(samples[code])];
};

// Of imports, rollbacks and locks, which are the command line's alone.
const neverOnScreen: ReadonlySet<ErrorCode> = new Set([
  'BUNDLE_FINDINGS',
  'BUNDLE_CODEC',
  'BUNDLE_BASE_MISSING',
  'BUNDLE_VOLUME_MISSING',
  'ROLLBACK_UNKNOWN',
  'NAME_TAKEN',
  'LOCK_DRIFT',
]);

test('cli-hint-on-screen: the screen tells what to press, and sends to a shell what only the command line can', (t) => {
  const commands = new Set(completionTree().map(({ path: words }) => words[0]));
  setFace('screen');
  try {
    for (const code of codes.filter((one) => !neverOnScreen.has(one))) {
      const { hint = '' } = new AirgapError(code, samples[code]);
      t.notRegex(hint, /same command|command again|\bRun airgap| {2}|\.$/, `${code}: ${hint}`);
      const [, command = ''] = /airgap ([a-z]+)/.exec(hint) ?? [];
      if (/--[a-z]| -[a-z] [A-Z]/.test(hint) || commands.has(command))
        t.regex(
          hint,
          /[Ss]hell|where the registry is|options \(4, then o\)|Press o on the plan/,
          `${code}: ${hint}`,
        );
    }
  } finally {
    setFace('command line');
  }
  t.regex(new AirgapError('SSH_LOST', samples.SSH_LOST).hint ?? '', /same command/);
});

test('in Chinese every code has a sentence and a hint, one line, in Chinese, written as Chinese is', (t) => {
  for (const code of codes) {
    for (const sentence of said(zh, code)) {
      // What a wrong command line is told is a sentence already when the error is made.
      if (code !== 'USAGE') t.regex(sentence, /\p{Script=Han}/u, code);
      t.notRegex(sentence, /[.!\u3002\uff01]$|\n|undefined|NaN|\[object| {2}/, `${code}: ${sentence}`);
      t.notRegex(sentence, unlikeChinese, `${code}: ${sentence}`);
    }
  }
});

test('a sentence names the same things in both languages', (t) => {
  // Hosts, paths, names, options, commands, figures: whatever is not a word of either language.
  const things = (sentence: string): string[] =>
    (
      sentence.match(
        /--[a-z-]+|web1|app:[23]|\/[a-z/.]+|linux\/\w+|\b\d+(?:\.\d)? [kMG]?B\b|airgap [a-z]+ (?:[a-z]+ )?--?/g,
      ) ?? []
    )
      .filter((thing) => !/airgap (?:to|that|from|has|needs)/.test(thing))
      .sort();
  for (const code of codes) {
    for (const [at, sentence] of said(en, code).entries())
      t.deepEqual([...new Set(things(said(zh, code)[at] ?? ''))], [...new Set(things(sentence))], code);
  }
});

test('digests are cut to twelve digits in sentences and whole in facts', (t) => {
  for (const { code, message, facts } of all) {
    t.notRegex(message, /[0-9a-f]{13,}/, code);
    if ('got' in facts && typeof facts.got === 'string') t.is(facts.got, digest);
  }
});

test('hints and every other sentence name only commands and options that exist', (t) => {
  const tree = completionTree();
  const commands = new Set(tree.map(({ path: words }) => words[0]));
  // What goes on where the tool is not, import.sh does.
  const shell = readFileSync(path.join(root, 'src/far/import/20-options.sh'), 'utf8');
  const options = new Set([
    ...tree.flatMap((command) => command.options.flatMap(({ long }) => long ?? [])),
    ...[...shell.matchAll(/(--[a-z][a-z-]+)/g)].map(([option]) => option),
  ]);
  const ours = readdirSync(path.join(root, 'src/text'))
    .filter((file) => /^(en|zh)-/.test(file))
    .map((file) => path.parse(file).name);
  for (const name of ours) {
    const text = readFileSync(path.join(root, 'src/text', `${name}.ts`), 'utf8').replace(
      /^\s*(\/\/|\/?\*).*$/gm,
      '',
    );
    for (const [, command = ''] of text.matchAll(
      /\bairgap ([a-z]+(?:-[a-z]+)*)\b(?! (?:to|is|needs|was|does|cannot))/g,
    )) {
      const isProse = [
        'to',
        'does',
        'needs',
        'cannot',
        'left',
        'was',
        'with',
        'would',
        'has',
        'could',
        'on',
        'knows',
        'from',
        'that',
        'through',
        'runs',
        'never',
      ].includes(command);
      t.true(isProse || commands.has(command), `${name}: airgap ${command}`);
    }
    for (const [, option = ''] of text.matchAll(/[\s(`](--[a-z][a-z-]+)/g))
      t.true(options.has(option), `${name}: ${option}`);
  }
});

test('errors become JSON without losing anything', (t) => {
  for (const error of all) {
    const { code, message, hint, exitCode } = JSON.parse(JSON.stringify(error));
    t.deepEqual([code, message, hint, exitCode], [error.code, error.message, error.hint, error.exitCode]);
  }
});

test('this machine is not called local: in a sentence', (t) => {
  const facts = { host: 'local:', path: '/etc/yum.repos.d/x.repo', family: 'Debian GNU/Linux 12' };
  const error = new AirgapError('FILE_FAMILY', facts);
  t.is(error.message, '/etc/yum.repos.d/x.repo is of no use on this machine, which is Debian GNU/Linux 12');
  t.is(error.facts.host, 'local:');
});

test('a rollback that is refused speaks of no plan and names --force', (t) => {
  const error = new AirgapError('FILE_CHANGED', { host: 'web1', path: '/opt/x', isRollback: true });
  t.notRegex(error.message, /plan/);
  t.regex(error.hint ?? '', /--force/);
  const none = new AirgapError('ROLLBACK_UNKNOWN', { host: 'local:', receipt: 'newest' });
  t.is(none.message, 'this machine keeps no earlier files that could be put back');
});

test('a host is not named twice in one sentence', (t) => {
  const refused = (host: string, address: string): string =>
    new AirgapError('HOST_REFUSED', { host, address }).message;
  t.is(
    refused('root@10.0.0.7:2222', 'root@10.0.0.7:2222'),
    'root@10.0.0.7:2222 does not accept SSH connections on port 2222',
  );
  t.is(refused('10.0.0.7', 'me@10.0.0.7:22'), '10.0.0.7 does not accept SSH connections on port 22');
  t.is(refused('web1', 'me@10.0.0.7:22'), 'web1 does not accept SSH connections at me@10.0.0.7:22');
});

test('what is missing in an archive or a layout is not looked for in the engine', (t) => {
  const hint = (store: string): string =>
    new AirgapError('IMAGE_UNKNOWN', { image: 'x', store, near: [] }).hint ?? '';
  t.notRegex(hint('oci:/media/usb/layout'), /airgap images/);
  t.regex(hint('docker'), /airgap images/);
});

test('hint-of-another-engine: commands of a hint are those of the engine that is there', (t) => {
  const full = { host: 'web1', path: '/', neededBytes: 2, freeBytes: 1 };
  const hintFor = (engine: string): string => {
    const rejected = new AirgapError('LOAD_REJECTED', { host: 'web1', image: 'app:2', detail: 'no', engine });
    return `${new AirgapError('TARGET_FULL', { ...full, engine }).hint} ${rejected.hint}`;
  };
  t.regex(hintFor('docker'), /docker image prune[\s\S]*journalctl -u docker/);
  t.regex(hintFor('podman:root'), /podman image prune[\s\S]*podman info/);
  t.regex(hintFor('containerd:k8s.io'), /crictl rmi --prune[\s\S]*journalctl -u containerd/);
  t.regex(hintFor('k3s'), /k3s crictl rmi --prune[\s\S]*journalctl -u k3s/);
  t.notRegex(hintFor('layout:/srv/images'), /docker|\(/);
});
