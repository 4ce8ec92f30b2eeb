// An engine that hangs: it must never hold airgap for ever, and one that is only slow must not be taken for it.
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ava from 'ava';
import type { EngineCall, Far, Play } from '../../src/far/facts.js';
import type { FarOptions } from '../../src/far/far.js';
import { createNear } from '../helpers/airgap.js';
import { type FarBox, otherShells, type Shell, withFar } from '../helpers/far-box.js';
import { farImage, putAll } from '../helpers/far-image.js';
import { ociFiles, testImage, testLayer, writeFiles } from '../helpers/images.js';
import { until } from '../rig/command.js';

// One after another: each starts dozens of processes.
const test = ava.serial;
const call: EngineCall = { engine: 'docker', sudo: 'no' };
const temporary = 'airgap.local/loading:test-1';
const hang = 'echo $$ >>"$BIN/pids"; exec tail -f /dev/null';

/** A folder of programs that stand before the real ones. */
async function withPrograms(
  programs: Readonly<Record<string, string>>,
  use: (env: NodeJS.ProcessEnv, bin: string) => Promise<void>,
): Promise<void> {
  const bin = await mkdtemp(path.join(tmpdir(), 'airgap-bin-'));
  try {
    for (const [name, text] of Object.entries(programs)) {
      await writeFile(path.join(bin, name), `#!/bin/sh\n${text}\n`);
      await chmod(path.join(bin, name), 0o755);
    }
    await use({ ...process.env, PATH: `${bin}:${process.env.PATH}`, BIN: bin }, bin);
  } finally {
    const pids = await readFile(path.join(bin, 'pids'), 'utf8').catch(() => '');
    for (const pid of pids.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL');
      } catch {
        // Ended by what the test is about.
      }
    }
    await rm(bin, { recursive: true, force: true });
  }
}

/** A far side under this shell whose docker is this script. */
const withDocker = (
  shell: Shell,
  docker: string,
  use: (box: FarBox, bin: string) => Promise<void>,
  more: { far?: Partial<FarOptions>; programs?: Readonly<Record<string, string>> } = {},
): Promise<void> =>
  withPrograms({ docker, ...more.programs }, (env, bin) =>
    withFar(shell, (box) => use(box, bin), { env, ...(more.far === undefined ? {} : { far: more.far }) }),
  );

/** Puts a whole image before an engine. */
async function playWhole(far: Far): Promise<Play> {
  const image = farImage({ storeKind: 'graphdriver', name: temporary });
  await putAll(far, image.segments);
  const play = await far.openPlay(call, temporary);
  for (const line of image.recipe) await play.line(line);
  return play;
}

for (const shell of otherShells) {
  test(`a load that never ends is given up, and what it leaves is ended by begin (${shell})`, (t) =>
    withDocker(
      shell,
      `[ "$1" != load ] || { cat >/dev/null; ${hang}; }`,
      async ({ far, mine }) => {
        const play = await playWhole(far);
        await play.abort();
        await t.throwsAsync(play.loaded, { code: 'CANCELLED' });
        await far.begin();
        t.deepEqual(await readdir(path.join(mine, 'work')), []);
      },
      { far: { timeouts: { graceMs: 300 } } },
    ));
}

test('an engine that takes nothing for too long is no longer spoken for', (t) =>
  withDocker(
    'dash',
    `[ "$1" != load ] || { cat >/dev/null; ${hang}; }`,
    async ({ far }) => {
      const play = await playWhole(far);
      await t.throwsAsync(play.loaded, { code: 'FAR_SILENT' });
      await far.begin();
    },
    // Time flies there.
    { far: { timeouts: { silenceMs: 8000 } }, programs: { sleep: 'exit 0' } },
  ));

test('a play that waits for its near side is spoken for however long that takes', (t) =>
  withDocker(
    'dash',
    `[ "$1" != load ] || { cat >/dev/null; ${hang}; }`,
    async ({ start }) => {
      const playing = await start('play', ['engine=docker', `name=${temporary}`]);
      let beats = 0;
      playing.stdout.on('data', (chunk: Buffer) => {
        beats += chunk.toString().split('beat').length - 1;
      });
      // Far more than an engine would get that has all its lines and does nothing.
      await until('many beats', async () => (beats > 250 ? true : undefined));
      playing.kill();
      await playing.exit;
      t.pass();
    },
    { programs: { sleep: 'exit 0' } },
  ));

const slow = {
  hold: ['tag', ['image=x', 'name=airgap.local/base:x'], ''],
  verify: ['image', [`name=${temporary}`], ''],
  name: ['tag', ['from=x', 'to=y', 'previous=airgap.local/previous:x'], ''],
  unname: ['image', [], `name ${temporary}\n`],
  held: ['image', [], ''],
} as const;

for (const [command, [verb, words, stdin]] of Object.entries(slow)) {
  test(`a docker that takes its time over ${command} is not taken for dead`, (t) =>
    withDocker(
      'dash',
      `if [ "$1" = ${verb} ]; then while [ ! -e "$BIN/go" ]; do ${'/bin/sleep 0.1'}; done; fi
case "$*" in *' x') echo new ;; image*' y') echo "Error: no such image" >&2; exit 1 ;; *) echo old ;; esac`,
      async ({ start }, bin) => {
        const asked = await start(command, ['engine=docker', ...words]);
        asked.stdin.end(stdin);
        let told = '';
        asked.stdout.on('data', (chunk: Buffer) => {
          told += chunk.toString();
        });
        await until('a beat', async () => (told.includes('beat\n') ? true : undefined));
        await writeFile(path.join(bin, 'go'), '');
        t.is((await asked.exit).exitCode, 0, told);
      },
      { programs: { sleep: 'exec /bin/sleep 0.05' } },
    ));
}

test('a tidying call to an engine that hangs ends soon after everything is to stop', (t) => {
  const stop = new AbortController();
  return withDocker(
    'dash',
    `: >"$BIN/asked"; ${hang}`,
    async ({ far }, bin) => {
      const unnaming = far.unname(call, [temporary]);
      unnaming.catch(() => undefined);
      await until('docker to be asked', () =>
        access(path.join(bin, 'asked')).then(
          () => true,
          () => undefined,
        ),
      );
      stop.abort();
      await t.throwsAsync(unnaming, { code: 'CANCELLED' });
      await t.throwsAsync(far.unname(call, [temporary]), { code: 'CANCELLED' }, 'one that begins later, too');
      await far.forget([]);
    },
    { far: { timeouts: { graceMs: 1000 }, signal: stop.signal } },
  );
});

test('Ctrl-C ends a send whose engine hangs', (t) =>
  withPrograms(
    {
      docker: `case $1 in
--version) echo 'Docker version 20.10.24, build x' ;;
info) case $* in *DockerRootDir*) exit 1 ;; *) echo '{"ServerVersion":"20.10.24","Driver":"overlay2","OSType":"linux","Architecture":"x86_64","DockerRootDir":"/var/tmp"}' ;; esac ;;
load) cat >/dev/null; : >"$BIN/loading"; ${hang} ;;
image) [ "$2" = ls ] || { ${hang}; } ;;
esac`,
    },
    async (env, bin) => {
      const near = await createNear({ PATH: env.PATH, BIN: bin });
      try {
        const source = path.join(near.folder, 'source');
        await mkdir(source);
        const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('base', 30_000)] });
        await writeFiles(source, ociFiles([image]));
        const { child, outcome } = near.start(['send', 'local:', `oci:${source}`, '--json']);
        let ended = false;
        outcome.then(
          () => (ended = true),
          () => (ended = true),
        );
        try {
          await until('the load to run', () =>
            ended
              ? true
              : access(path.join(bin, 'loading')).then(
                  () => true,
                  () => undefined,
                ),
          );
          child.kill('SIGINT');
          const { errorCode, stdout } = await outcome;
          t.is(errorCode, 'CANCELLED', stdout);
        } finally {
          child.kill('SIGKILL');
        }
      } finally {
        await near.remove();
      }
    },
  ));
