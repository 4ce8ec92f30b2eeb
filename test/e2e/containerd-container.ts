// containerd-container: — a container of nerdctl, of `ctr` or of a pod becomes an image over there, and containerd is left as it was.
// nerdctl is not in Debian: its containers are those of containerd that bear its labels.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseConfig } from '../../src/oci/manifest.js';
import { committedConfig } from '../../src/stores/commit-config.js';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { testLayer } from '../helpers/images.js';
import { needing } from '../helpers/needs.js';
import { buildBase, buildImage, runImage } from '../helpers/real-images.js';
import { withTempDir } from '../helpers/tmp.js';
import { run, until } from '../rig/command.js';
import {
  type ContainerdHost,
  needsOfContainerd,
  outerContainerds,
  shareContainerd,
} from '../rig/containerd.js';
import { runPod } from '../rig/cri.js';
import { openRigHost, type RigHost } from '../rig/rig.js';

const test = needing(...needsOfContainerd(...outerContainerds));
const rig = shareContainerd({ test, hosts: outerContainerds });
let docker: RigHost;

const shop = 'docker.io/plant/shop:1';
const other = 'docker.io/plant/shop:2';
const pause = { c16: 'registry.k8s.io/pause:3.6', c21: 'registry.k8s.io/pause:3.10' } as const;
/** It says on a mount that it has come so far: what is mounted is no part of a container. */
const script =
  'echo hello >/greeting; busybox rm /app/old.txt; : >/seen/yes; while :; do echo x >>/log; busybox sleep 0.1; done';
/** What nerdctl calls its containers. */
const newId = (): string => randomBytes(32).toString('hex');

test.serial.before('images are made that go on running', async () => {
  docker = await openRigHost('d20');
  const from = await buildBase(rig.near.docker, 1_200_000);
  for (const tag of [1, 2]) {
    const files = { 'app/old.txt': 'old\n', 'app/new.txt': `${tag}\n` };
    const cmd = ['/bin/busybox', 'sleep', '600'];
    await buildImage(rig.near.docker, { reference: `plant/shop:${tag}`, from, layers: [{ files }], cmd });
  }
  for (const name of Object.values(pause)) await rig.near.docker(['tag', 'plant/shop:2', name]);
});

test.after.always('docker stops', async () => {
  await docker?.stop();
});

interface Scene {
  readonly host: ContainerdHost;
  readonly near: Near;
  /** Starts a container as nerdctl names it, and waits until it has written. @returns its ID */
  start(name: string, script: string): Promise<string>;
  state(id: string): Promise<string | undefined>;
}

async function withScene(
  kind: (typeof outerContainerds)[number],
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const host = rig.host(kind);
  const near = await createNear({ CONTAINERD_ADDRESS: host.seenSocket, DOCKER_HOST: rig.near.dockerHost });
  const namespace = 'default';
  try {
    await host.wipe();
    const names = ['plant/shop:1', 'plant/shop:2', pause[kind]];
    await host.importFrom(rig.near.docker, names, [namespace, 'k8s.io']);
    await use({
      host,
      near,
      start: async (name, text) => {
        const id = newId();
        const seen = `/run/seen-${id}`;
        await host.inside(['mkdir', '-p', seen]);
        const mount = ['--mount', `type=bind,src=${seen},dst=/seen,options=rbind:rw`];
        const label = ['--label', `nerdctl/name=${name}`, '--label', 'nerdctl/namespace=default'];
        const command = ['/bin/busybox', 'sh', '-c', text];
        await host.ctr(['run', '-d', ...label, ...mount, shop, id, ...command], { namespace });
        // Not by exec: in a chroot that would be one of the machine's.
        await until('what it writes', async () => {
          const { exitCode } = await host.inside(['test', '-e', `${seen}/yes`], { mayFail: true });
          return exitCode === 0 ? true : undefined;
        });
        return id;
      },
      state: async (id) => {
        const { stdout } = await host.ctr(['tasks', 'ls'], { namespace });
        return stdout
          .split('\n')
          .map((line) => line.split(/\s+/))
          .find(([first]) => first === id)?.[2];
      },
    });
  } finally {
    await host.wipe();
    await near.remove();
  }
}

/** What happens there meanwhile; a name that is set afterwards tells that all of it is here. */
async function eventsOf(host: ContainerdHost, during: () => Promise<void>): Promise<string> {
  const child: ChildProcess = spawn('ctr', ['-a', host.seenSocket, '-n', 'default', 'events']);
  let seen = '';
  child.stdout?.on('data', (chunk) => {
    seen += String(chunk);
  });
  const shows = async (mark: string): Promise<void> => {
    const set: string[] = [];
    await until(mark, async () => {
      // Another one each time: the first may come before anybody listens.
      const name = `docker.io/plant/${mark}:${set.length}`;
      set.push(name);
      await host.ctr(['images', 'tag', shop, name], { namespace: 'default' });
      return set.some((one) => seen.includes(one)) ? true : undefined;
    });
    await host.ctr(['images', 'rm', ...set], { namespace: 'default' });
  };
  try {
    await shows('begin');
    await during();
    await shows('end');
    return seen;
  } finally {
    child.kill();
  }
}

const writes = (mebibytes: number): string =>
  `busybox dd if=/dev/urandom of=/large bs=1M count=${mebibytes}; : >/seen/yes; while :; do busybox sleep 1; done`;

for (const kind of outerContainerds) {
  test.serial(
    `${kind}: a container goes as nerdctl calls it, with what it wrote and without what it removed`,
    async (t) =>
      withScene(kind, async ({ host, near, start, state }) => {
        const id = await start('Shop_One', script);
        const before = await host.names('default');
        const send = async (source: string, ...more: readonly string[]): Promise<Outcome> =>
          near.run(['send', docker.ssh.alias, source, '-F', docker.ssh.configFile, '--json', ...more]);
        await docker.wipe();
        let sent: Outcome | undefined;
        const seen = await eventsOf(host, async () => {
          sent = await send('containerd-container+default:Shop_One');
        });
        expectOk(t, sent!);
        t.regex(seen, /\/tasks\/paused/);
        t.regex(seen, /\/tasks\/resumed/);
        t.is(await state(id), 'RUNNING');
        const shown = async (...words: readonly string[]): Promise<string> =>
          await runImage(docker.docker, 'shop_one:latest', ['/bin/busybox', ...words]);
        t.is(await shown('cat', '/greeting'), 'hello\n');
        t.is(await shown('ls', '/app', '/seen'), '/app:\nnew.txt\n\n/seen:\n');
        t.regex(sent!.stdout, /goes with the settings of docker\.io\/plant\/shop:1/);
        // Nothing of ours is left there.
        t.deepEqual(await host.names('default'), before);
        t.is((await host.ctr(['leases', 'ls', '-q'], { namespace: 'default' })).stdout.trim(), '');
        t.deepEqual(await readdir(path.join(near.folder, 'cache/airgap/containers')).catch(() => []), []);

        const change = ['--change', 'CMD ["/bin/busybox", "cat", "/greeting"]', '--message', 'as of today'];
        const quiet = await eventsOf(host, async () => {
          sent = await send(
            `containerd-container+default:${id.slice(0, 12)}=shop:fixed`,
            ...change,
            '--no-pause',
          );
        });
        expectOk(t, sent!);
        t.notRegex(quiet, /\/tasks\/paused/);
        t.is(await runImage(docker.docker, 'shop:fixed', []), 'hello\n');
        // It goes on a drive, and into containerd, too.
        const far = rig.host(kind === 'c16' ? 'c21' : 'c16');
        await far.wipe();
        const words = ['containerd-container+default:Shop_One=shop:3', ...change];
        expectOk(t, await near.run(['send', far.ssh.alias, ...words, '-F', far.ssh.configFile, '--json']));
        t.is(await far.output('docker.io/library/shop:3'), 'hello');
        await far.wipe();
        t.is((await near.run(['export', path.join(near.folder, 'usb'), ...words])).exitCode, 0);
        t.is((await near.run(['verify', path.join(near.folder, 'usb/airgap-bundle')])).exitCode, 0);
      }),
  );
}

test.serial(
  'left-paused: a container runs on, whatever ends or stops the run in the middle, and nothing is left',
  async (t) =>
    withScene('c16', async ({ host, near, start, state }) => {
      const id = await start('large', writes(300));
      const runsOn = async (): Promise<void> =>
        void (await until('it runs on', async () => ((await state(id)) === 'RUNNING' ? true : undefined)));
      for (const signal of ['SIGINT', 'SIGKILL', 'SIGSTOP'] as const) {
        const { child, outcome } = near.start(['inspect', 'containerd-container+default:large', '--json']);
        let caught = false;
        while (!caught && child.exitCode === null) caught = (await state(id)) === 'PAUSED';
        t.true(caught, 'it was caught in the middle');
        child.kill(signal);
        // Ctrl-Z: it waits for nobody who reads.
        if (signal === 'SIGSTOP') await runsOn();
        child.kill('SIGCONT');
        const { exitCode } = await outcome;
        if (signal !== 'SIGKILL') t.is(exitCode, signal === 'SIGINT' ? 130 : 0);
        await runsOn();
      }
      t.deepEqual(await readdir(path.join(near.folder, 'cache/airgap/containers')).catch(() => []), []);
      t.is((await host.ctr(['leases', 'ls', '-q'], { namespace: 'default' })).stdout.trim(), '');
    }),
);

/** A `ctr` that does this before it is the real one. */
async function playing(near: Near, play: string, words: readonly string[]): Promise<Outcome> {
  const folder = path.join(near.folder, 'played');
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder);
  const lines = ['#!/bin/sh', 'all=" $* "', `once() { [ ! -e ${folder}/$1 ] && : >${folder}/$1; }`, play];
  await writeFile(path.join(folder, 'ctr'), [...lines, 'exec /usr/bin/ctr "$@"', ''].join('\n'), {
    mode: 0o755,
  });
  return await near.run(words, { env: { PATH: `${folder}:${process.env.PATH}` } });
}

test.serial(
  'half-done: a step that fails, or was heard and says that it failed, leaves nothing paused',
  async (t) =>
    withScene('c16', async ({ host, near, start, state }) => {
      const id = await start('Shop_One', script);
      const words = ['inspect', 'containerd-container+default:Shop_One', '--json'];
      const asked = async (step: string, play: string): Promise<Outcome> => {
        const played = `case $all in *" ${step} "*) ${play} ;; esac`;
        const outcome = await playing(near, played, words);
        t.not(await state(id), 'PAUSED', step);
        return outcome;
      };
      const heard = await asked('tasks pause', '/usr/bin/ctr "$@"; exit 143');
      t.is(heard.errorCode, 'ENGINE_ANSWER', heard.stdout);
      t.regex(heard.stdout, /--namespace default tasks pause/);
      t.is((await asked('tasks resume', 'once failed && { echo boom >&2; exit 1; }')).exitCode, 0);
      const cut = await asked('snapshots', 'case $all in *" diff "*) head -c 700 /dev/zero; exit 0 ;; esac');
      t.is(cut.errorCode, 'ENGINE_ANSWER', cut.stdout);
      t.regex(cut.stdout, /no whole tar \(700 bytes\)/);
      const failed = await asked('snapshots', 'case $all in *" diff "*) echo boom >&2; exit 1 ;; esac');
      t.regex(failed.stdout, /snapshots --snapshotter overlayfs diff .*boom/);
      // One that ends meanwhile needs no pause, and what it wrote is whole.
      const end = `/usr/bin/ctr -a ${host.seenSocket} -n default tasks kill -s 9 ${id}; until /usr/bin/ctr -a ${host.seenSocket} -n default tasks ls | grep -q STOPPED; do sleep 0.1; done`;
      t.is((await asked('tasks pause', `once ended && { ${end}; }`)).exitCode, 0);
    }),
);

test.serial('full-cache: what does not fit is told, and the container runs on', async (t) =>
  withScene('c16', async ({ near, start, state }) => {
    const id = await start('large', writes(20));
    await withTempDir(async (folder) => {
      const mount = ['mount', '-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder];
      await run(mount);
      try {
        const env = { XDG_CACHE_HOME: folder };
        const asked = await near.run(['inspect', 'containerd-container+default:large', '--json'], { env });
        t.is(asked.errorCode, 'CACHE_FULL', asked.stdout + asked.stderr);
        await until('it runs on', async () => ((await state(id)) === 'RUNNING' ? true : undefined));
        t.deepEqual(await readdir(path.join(folder, 'airgap/containers')), []);
      } finally {
        await run(['umount', folder]);
      }
    });
  }),
);

test.serial(
  `moved-under-a-container: layers are those of the image that it was made from, or none go`,
  async (t) =>
    withScene('c16', async ({ host, near, start }) => {
      const namespace = 'default';
      await start('Shop_One', script);
      const asked = async (name = 'Shop_One'): Promise<Outcome> =>
        near.run(['inspect', `containerd-container+default:${name}`, '--json']);
      // unasked-platform: a container has one.
      const arm = ['inspect', 'containerd-container+default:Shop_One', '--platform', 'linux/arm64', '--json'];
      t.is((await near.run(arm)).errorCode, 'PLATFORM_MISSING');
      await host.ctr(['images', 'tag', shop, 'docker.io/plant/old:1'], { namespace });
      await host.ctr(['images', 'tag', '--force', other, shop], { namespace });
      // Another name has its layers, though it was started by hand.
      const source = 'containerd-container+default:Shop_One';
      const kin = await near.run(['export', near.folder, source, '--dry-run']);
      t.is(kin.exitCode, 0, kin.stdout);
      t.regex(kin.stderr, /goes with the settings of docker\.io\/plant\/old:1/);
      await host.ctr(['images', 'rm', '--sync', 'docker.io/plant/old:1'], { namespace });
      const lost = await asked();
      t.is(lost.exitCode, 2, lost.stdout);
      t.regex(lost.stdout, /runs an image that docker\.io\/plant\/shop:1 stands for no more/);

      const unknown = await asked('Shop_On');
      t.is(unknown.errorCode, 'IMAGE_UNKNOWN', unknown.stdout);
      t.regex(unknown.stdout, /Did you mean containerd-container\+default:Shop_One\?/);
      // lost-in-a-namespace: who uses nerdctl has never heard of them.
      const elsewhere = await near.run(['inspect', 'containerd-container:Shop_One', '--json']);
      t.is(elsewhere.errorCode, 'IMAGE_UNKNOWN');
      t.regex(elsewhere.stdout, /Did you mean containerd-container\+default:Shop_One\?/);
      // named-like-an-id: nobody else's label takes an ID away.
      const [first = ''] = (await host.ctr(['containers', 'ls', '-q'], { namespace })).stdout.split('\n');
      await start(first, script);
      const both = await asked(first);
      t.is(both.exitCode, 2, both.stdout);
      t.regex(both.stdout, /may be several containers; name one by its ID/);
      // What has no image here.
      await host.ctr(['containers', 'create', '--rootfs', '/', 'bare'], { namespace });
      const bare = await asked('bare');
      t.is(bare.exitCode, 2, bare.stdout);
      t.regex(bare.stdout, /has no snapshot in containerd/);
      const wrong = await near.run([
        ...['export', near.folder, 'containerd-container+default:Shop_One', '--change', 'FROM scratch'],
      ]);
      t.is(wrong.exitCode, 2, wrong.stdout);
      t.regex(wrong.stderr, /--change takes CMD, .* not "FROM scratch"/);
    }),
);

test.serial("a pod's container goes by its ID, and a compose file names images of a namespace", async (t) =>
  withScene('c16', async ({ host, near }) => {
    const pod = await until('a pod', () => runPod(host.seenSocket, 'web').catch(() => undefined));
    try {
      await pod.start('first', shop, ['/bin/busybox', 'sh', '-c', script]);
      const { stdout } = await host.ctr(['containers', 'ls']);
      const [, id = ''] = new RegExp(`^(\\w{64}) +${shop} `, 'm').exec(stdout) ?? [];
      const planned = await near.run(['export', near.folder, `containerd-container:${id}`, '--dry-run']);
      t.is(planned.exitCode, 0, planned.stderr);
      t.true(planned.stdout.includes(`/${id.slice(0, 12)}:latest`), planned.stdout);
    } finally {
      await pod.remove();
    }
    const file = path.join(near.folder, 'compose.yaml');
    await writeFile(file, 'services: {shop: {image: "plant/shop:1"}}\n');
    await host.ctr(['images', 'rm', '--sync', shop]);
    const compose = (word: string): Promise<Outcome> =>
      near.run(['export', near.folder, `${word}:${file}`, '--dry-run']);
    t.regex((await compose('containerd-compose+default')).stdout, /plant\/shop:1/);
    t.regex((await compose('containerd-compose')).stderr, /IMAGE_UNKNOWN/);
  }),
);

test.serial('changed-otherwise: --change makes of a config what docker commit makes of it', async (t) => {
  const near = rig.near.docker;
  await buildImage(near, {
    reference: 'plant/set:1',
    from: 'plant/shop:1',
    layers: [],
    env: { A: '1', B: '2' },
  });
  const settings = async (reference: string): Promise<unknown> => {
    const { stdout } = await near(['image', 'inspect', '--format', '{{json .Config}}', reference]);
    const { Env, Cmd, Entrypoint, Labels, ExposedPorts, Volumes, User, WorkingDir } = JSON.parse(stdout);
    const all = { Env, Cmd, Entrypoint, Labels, ExposedPorts, Volumes, User, WorkingDir };
    // Nothing is told as null, '' or {}, as the client has it.
    const nothing = [undefined, 'null', '""', '{}'];
    return Object.fromEntries(
      Object.entries(all).filter(([, value]) => !nothing.includes(JSON.stringify(value))),
    );
  };
  const cases: readonly (readonly string[])[] = [
    ['CMD ["/bin/app", "-v"]'],
    ['CMD echo hello there'],
    ['ENTRYPOINT ["/bin/app"]'],
    ['CMD ["-v"]', 'ENTRYPOINT ["/bin/app"]'],
    ['ENV A=2 C="two words" D=\'as it is\' E=a\\ b"c d"', 'ENV F all the rest = this'],
    // unexpanded-path: a literal $PATH would be found by no program.
    [`ENV PATH=/app:$A:$\{B} C="$A \\$A" D='$A' E=\\$A F=$NONE`, ...['LABEL a=$B', 'USER $A', 'EXPOSE $A']],
    ['ENV A=/x', 'WORKDIR $A/y', 'VOLUME $A/z', 'WORKDIR sub'],
    ['LABEL a=b "c"=d'],
    ['LABEL a="x y"', 'LABEL a=z'],
    ['EXPOSE 80 53/udp', 'VOLUME /data', 'VOLUME ["/a b"]'],
    ['USER 7:8', 'WORKDIR /srv'],
    ['cmd ["x"]'],
  ];
  const { stdout: id } = await near(['create', '--network=none', 'plant/set:1']);
  try {
    for (const [at, changes] of cases.entries()) {
      const reference = `plant/set:changed-${at}`;
      await near(['commit', ...changes.flatMap((one) => ['--change', one]), id.trim(), reference]);
      const base = await settings('plant/set:1');
      const rawConfig = Buffer.from(
        JSON.stringify({
          architecture: 'amd64',
          os: 'linux',
          config: base,
          rootfs: { type: 'layers', diff_ids: [] },
        }),
      );
      const { diffId } = testLayer('written', 10);
      const made = committedConfig({
        ...{ rawConfig, diffId, created: '2026-01-02T03:04:05Z', createdBy: 'container x' },
        ...{ changes, author: 'A. Smith', message: 'as of today' },
      });
      t.deepEqual(JSON.parse(made.toString()).config, await settings(reference), changes.join('; '));
      t.deepEqual(parseConfig(made, 'made').diffIds, [diffId]);
      t.is(parseConfig(made, 'made').author, 'A. Smith');
    }
  } finally {
    await near(['rm', id.trim()]);
  }
});
