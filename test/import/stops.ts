// import.sh that is stopped, killed, started twice, or waits for the next drive: nothing half is left, nothing is lost.
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import { expectRuns, inspectImage, listNames } from '../helpers/image-proofs.js';
import { bundleOn, makeDrive, realLayer, runImport, runnable, stageLeft } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { until } from '../rig/command.js';
import { needsOf, type Ran, type RigHost, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];

for (const kind of kinds) {
  const needs = [...needsOf(kind), 'busybox', 'gzip'];
  const { serial: test } = needing(...needs);
  const rig = shareRig({ test: needing(...needs), hosts: [kind], near: false });
  const title = (claim: string): string => `${claim} (${kind})`;
  /** What is no matter of the store. */
  const onOne = (claim: string, body: (t: ExecutionContext) => Promise<void>): void => {
    if (kind === 'd20') test(claim, body);
  };

  const fresh = async () => {
    const host = rig.host(kind);
    await host.wipe();
    const drive = await makeDrive(host);
    const base = [
      await realLayer({ busybox: true }),
      await realLayer({ randomBytes: 12_000_000, seed: kind }),
    ];
    const images = [
      await runnable('docker.io/plant/app:1', 'one', base),
      await runnable('docker.io/plant/app:2', 'two', base),
    ];
    const { inside, outside } = { ...(await bundleOn(drive, { images })), outside: drive.outside };
    return { host, drive, images, folder: inside[0] ?? '', outside };
  };

  /** A docker whose load waits, before it reads anything, until a file is there. */
  const gate = async (
    host: RigHost,
  ): Promise<{
    readonly env: Record<string, string>;
    reached: () => boolean;
    open: () => Promise<void>;
    close: () => Promise<void>;
  }> => {
    const place = path.join(host.home, 'gate');
    await rm(place, { recursive: true, force: true });
    await mkdir(place);
    const real = (await host.inside(['sh', '-c', 'command -v docker'])).stdout.trim();
    const script = `#!/bin/sh\ncase "$1" in load) : >/root/gate/reached; while [ ! -e /root/gate/open ]; do sleep 0.1; done ;; esac\nexec ${real} "$@"\n`;
    await writeFile(path.join(place, 'docker'), script, { mode: 0o755 });
    return {
      env: { PATH: `/root/gate:${process.env.PATH ?? ''}` },
      reached: () => existsSync(path.join(place, 'reached')),
      open: () => writeFile(path.join(place, 'open'), ''),
      close: () => rm(place, { recursive: true, force: true }),
    };
  };

  /** Waits for the load of an import. A busy machine takes its time; an import that ends before has something to say. */
  const loadOf = async (ran: Promise<Ran>, reached: () => boolean): Promise<void> => {
    let over: Ran | undefined;
    void ran.then((said) => {
      over = said;
    });
    await until(
      'the load begins',
      () => {
        if (over !== undefined) throw new Error(`it ended with ${over.exitCode}: ${over.stderr}`);
        return reached() || undefined;
      },
      240_000,
    );
  };

  /** Starts an import and tells its process's number, as it is inside. */
  const start = async (host: RigHost, folder: string, env: Record<string, string> = {}) => {
    const file = path.join(host.home, 'pid');
    await rm(file, { force: true });
    const words = ['-c', `echo $$ >/root/pid.new; mv /root/pid.new /root/pid; exec sh "$0" "$@"`];
    const ran: Promise<Ran> = runImport(host, folder, [], { shell: ['sh', ...words], env });
    const pid = await until('the import starts', async () =>
      existsSync(file) ? (await readFile(file, 'utf8')).trim() : undefined,
    );
    return {
      ran,
      send: (signal: string) => host.inside(['sh', '-c', `kill -s ${signal} ${pid}`], { mayFail: true }),
    };
  };

  onOne(title('a second import at the same time is refused'), async (t) => {
    const { host, folder } = await fresh();
    const { env, reached, open, close } = await gate(host);
    const { ran } = await start(host, folder, env);
    await loadOf(ran, reached);
    const second = await runImport(host, folder);
    t.is(second.exitCode, 44, second.stderr);
    t.regex(second.stderr, /is in use by process \d+ \[STAGE_BUSY\]/);
    await open();
    const first = await ran;
    t.is(first.exitCode, 0, first.stderr);
    await expectRuns(host.docker, 'plant/app:2', 'two');
    await close();
    t.is(await stageLeft(host), '');
  });

  onOne(
    title('an import that is only just starting counts, and whoever is refused touches nothing'),
    async (t) => {
      const { host, folder } = await fresh();
      const procs = '/root/.cache/airgap/b0b0b0b0b0b0b0b0/procs';
      const place = path.join(host.home, 'starting');
      await mkdir(place, { recursive: true });
      // An entry is there a moment before what stands in it. The other is of a start of the machine long ago.
      const script = `mkdir -p ${procs}\necho x import 1 >${procs}/1\n: >${procs}/$$\n: >/root/starting/begun\nwhile [ ! -e /root/starting/go ]; do sleep 0.1; done\nrm ${procs}/$$\n`;
      await writeFile(path.join(place, 'import.sh'), script);
      const starting = host.inside(['sh', '/root/starting/import.sh']);
      await until('it starts', () => existsSync(path.join(place, 'begun')) || undefined);
      const before = await stageLeft(host);
      const refused = await runImport(host, folder);
      t.is(refused.exitCode, 44, refused.stderr);
      t.regex(refused.stderr, /is in use by process \d+ \[STAGE_BUSY\]/);
      const rest = (said: string): string[] => said.split('\n').filter((line) => line.includes('procs/'));
      t.deepEqual(rest(await stageLeft(host)), rest(before));
      await writeFile(path.join(place, 'go'), '');
      await starting;
      const said = await runImport(host, folder);
      t.is(said.exitCode, 0, said.stderr);
      t.is(await stageLeft(host), '');
      await rm(place, { recursive: true });
    },
  );

  // Which signal it is, is no matter of the engine.
  for (const [signal, code] of (
    [
      ['INT', 130],
      ['TERM', 143],
      ['HUP', 129],
    ] as const
  ).filter(([one]) => kind === 'd20' || one === 'TERM')) {
    test(title(`${signal} in the middle of a load leaves no name, no file and no process`), async (t) => {
      const { host, folder } = await fresh();
      const { env, reached, open, close } = await gate(host);
      const { ran, send } = await start(host, folder, env);
      await loadOf(ran, reached);
      await send(signal);
      await open();
      const said = await ran;
      await close();
      t.is(said.exitCode, code, said.stderr);
      t.regex(said.stderr, /Stopped \[CANCELLED\]/);
      t.deepEqual(await listNames(host.docker), []);
      t.is(await stageLeft(host), '');
      const left = await host.inside([
        'sh',
        '-c',
        'grep -l -z -a ^AIRGAP_FAR= /proc/[0-9]*/environ 2>/dev/null || :',
      ]);
      t.is(left.stdout, '');
    });
  }

  test(
    title('stopped or killed at any moment, all names are set or none, and the next import is whole'),
    async (t) => {
      const { host, folder } = await fresh();
      for (let round = 0; round < (kind === 'd20' ? 10 : 6); round += 1) {
        const signal = ['TERM', 'KILL'][round % 2] ?? 'TERM';
        const { ran, send } = await start(host, folder);
        // What a killed import has left is removed by the next one that comes so far.
        const before = await listNames(host.docker);
        const waitMs = Math.floor(Math.random() * 4000);
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        await send(signal);
        const said = await ran;
        const names = (await listNames(host.docker)).filter((name) => !name.startsWith('airgap.local/'));
        if (signal === 'TERM') {
          t.true(
            [0, 2].includes(names.length),
            `${signal} after ${waitMs} ms: ${names.join()} ${said.stderr}`,
          );
          const after = (await listNames(host.docker)).filter((name) => !before.includes(name));
          t.deepEqual(after, names, `${signal} after ${waitMs} ms: ${said.stderr}`);
          t.is(await stageLeft(host), '', `${signal} after ${waitMs} ms`);
        }
        if (names.length > 0) await host.wipe();
      }
      const said = await runImport(host, folder);
      t.is(said.exitCode, 0, said.stderr);
      t.deepEqual(await listNames(host.docker), ['plant/app:1', 'plant/app:2']);
      await expectRuns(host.docker, 'plant/app:1', 'one');
      t.is(await stageLeft(host), '');
    },
  );

  for (const fails of [false, true]) {
    const outcome = fails ? 'and is given back when the import fails' : 'and the import leaves nothing of it';
    test(title(`taken-meanwhile: a new name that somebody takes is moved, ${outcome}`), async (t) => {
      const { host, folder } = await fresh();
      await host.inside(['sh', '-c', 'tar -c -C /etc hostname | docker import - other:1'], {
        env: { DOCKER_HOST: host.dockerHost },
      });
      const place = path.join(host.home, 'gate');
      await mkdir(place, { recursive: true });
      const real = (await host.inside(['sh', '-c', 'command -v docker'])).stdout.trim();
      // Somebody else takes the name right after the import has seen that it is free.
      const script = `#!/bin/sh
case "$*" in
  'image inspect '*plant/app:1)
    if [ ! -e /root/gate/taken ]; then
      : >/root/gate/taken
      ${real} "$@" && exit 1
      said=$?
      ${real} tag other:1 plant/app:1
      exit "$said"
    fi
    ;;
  'tag '*plant/app:2) ${fails ? 'exit 1' : ':'} ;;
esac
exec ${real} "$@"
`;
      await writeFile(path.join(place, 'docker'), script, { mode: 0o755 });
      const said = await runImport(host, folder, [], {
        env: { PATH: `/root/gate:${process.env.PATH ?? ''}` },
      });
      t.true(existsSync(path.join(place, 'taken')));
      await rm(place, { recursive: true });
      t.is(said.exitCode === 0, !fails, said.stderr);
      const [one, other] = await Promise.all(
        ['plant/app:1', 'other:1'].map((name) => inspectImage(host.docker, name)),
      );
      t.is(one?.id === other?.id, fails);
      t.deepEqual(await listNames(host.docker), [
        'other:1',
        'plant/app:1',
        ...(fails ? [] : ['plant/app:2']),
      ]);
      t.is(await stageLeft(host), '');
    });
  }

  onOne(title('an engine that has no room is told before it is given anything'), async (t) => {
    const { host, folder } = await fresh();
    const { env, close } = await gate(host);
    await writeFile(
      path.join(host.home, 'gate/df'),
      '#!/bin/sh\necho "Filesystem 1024-blocks Used Available Capacity Mounted on"\necho "/dev/x 100000 95000 5000 95% /"\n',
      { mode: 0o755 },
    );
    const said = await runImport(host, folder, [], { env });
    await close();
    t.is(said.exitCode, 45, said.stderr);
    t.regex(said.stderr, /has no room in .*: [\d.]+ MB needed, 5\.1 MB free \[TARGET_FULL\]/);
    t.deepEqual(await listNames(host.docker), []);
  });
}

const needs = [...needsOf('d20'), 'busybox', 'gzip', 'script'];
const { serial: test } = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d20'], near: false });

test('drives are asked for one after another, and what was on them is kept over a restart', async (t) => {
  const host = rig.host('d20');
  const drive = await makeDrive(host);
  const base = [await realLayer({ busybox: true }), await realLayer({ randomBytes: 600_000, seed: 'drive' })];
  const images = [await runnable('docker.io/plant/app:1', 'one', base)];
  const { inside, volumes } = await bundleOn(drive, { images, volumeBytes: 900_000 });
  t.true(volumes.length >= 3, String(volumes.length));
  const places = inside.map((_, at) => `${drive.inside}/stick${at}`);
  for (const [at, place] of places.entries())
    await host.inside(['sh', '-c', `mkdir ${place} && mv ${inside[at]} ${place}/`]);
  const script = `${places[0]}/site.vol001/import.sh`;
  const onTerminal = (words: string, input: string): Promise<Ran> =>
    host.inside(
      [
        'env',
        `DOCKER_HOST=${host.dockerHost}`,
        'HOME=/root',
        'LC_ALL=C',
        'script',
        '-qec',
        `sh ${script} ${words}`,
        '/dev/null',
      ],
      { input, mayFail: true },
    );
  // The first stick, then the second; nobody has the third yet.
  const first = await onTerminal(places[0] ?? '', `${places[1]}\n\u0004`);
  t.is(first.exitCode, 23, first.stdout);
  t.regex(first.stdout, /Insert the next drive with volume 2/);
  t.regex(await stageLeft(host), /kept\/[0-9a-f]{64}\.2\/SHA256SUMS/);
  // Both are gone; what was on them is there.
  const later = places.slice(2);
  await host.inside([
    'sh',
    '-c',
    `cp ${script} /root/import.sh; mv ${places[0]} ${drive.inside}/gone0; mv ${places[1]} ${drive.inside}/gone1`,
  ]);
  const said = await runImport(host, '/root', later);
  t.is(said.exitCode, 0, said.stderr);
  await expectRuns(host.docker, 'plant/app:1', 'one');
  t.is(await stageLeft(host), '');
});
