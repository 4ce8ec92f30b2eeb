// container:NAME: a container of the near engine becomes an image over there, and nothing is left here on any road.
import { randomBytes } from 'node:crypto';
import { createNear, expectOk, type Near, type Outcome } from '../helpers/airgap.js';
import { needing } from '../helpers/needs.js';
import { buildBusybox, expectRuns, runImage } from '../helpers/real-images.js';
import { needsOf, shareRig } from '../rig/rig.js';

const test = needing(...needsOf('d20', 'd28c'));
const rig = shareRig({ test, hosts: ['d20', 'd28c'] });

test.serial.before('a container runs that writes all the time', async () => {
  const { docker } = rig.near;
  await buildBusybox(docker);
  const script = 'echo hello >/greeting; i=0; while :; do i=$((i+1)); echo $i >/counter; sleep 0.05; done';
  await docker(['run', '-d', '--network=none', '--name', 'Shop_One', 'busybox:latest', 'sh', '-c', script]);
  // An image of the container's own base without a name: never ours to remove.
  await docker(['run', '--network=none', '--name', 'maker', 'busybox:latest', 'sh', '-c', 'echo x >/x']);
});

async function withNear(body: (near: Near) => Promise<void>, env: NodeJS.ProcessEnv = {}): Promise<void> {
  const near = await createNear({ DOCKER_HOST: rig.near.dockerHost, ...env });
  try {
    await body(near);
  } finally {
    await near.remove();
  }
}

const send = (near: Near, images: readonly string[], more: readonly string[] = []): Promise<Outcome> => {
  const { ssh } = rig.host('d20');
  return near.run(['send', ssh.alias, ...images, '-F', ssh.configFile, '--json', ...more]);
};

/** Every image here, named or not. */
async function hereImages(): Promise<string[]> {
  const format = ['--format', '{{.Repository}}:{{.Tag}} {{.ID}}'];
  const { stdout } = await rig.near.docker(['image', 'ls', '--all', '--no-trunc', ...format]);
  return stdout.trim().split('\n').toSorted();
}

async function pauses(during: () => Promise<void>): Promise<string[]> {
  const since = String((await rig.near.docker(['info', '--format', '{{.SystemTime}}'])).stdout.trim());
  await during();
  const until = String((await rig.near.docker(['info', '--format', '{{.SystemTime}}'])).stdout.trim());
  const events = ['events', '--since', since, '--until', until, '--format', '{{.Action}}'];
  const { stdout } = await rig.near.docker(events);
  return stdout.split('\n').filter((line) => /^(un)?pause$/.test(line));
}

test.serial(
  'a running container is paused, arrives under its own name, and leaves no image here',
  async (t) => {
    await withNear(async (near) => {
      const before = await hereImages();
      const seen = await pauses(async () => expectOk(t, await send(near, ['container:Shop_One'])));
      t.deepEqual(seen, ['pause', 'unpause']);
      t.deepEqual(await hereImages(), before);
      t.is(await runImage(rig.host('d20').docker, 'shop_one:latest', ['cat', '/greeting']), 'hello\n');
    });
  },
);

test.serial('with --no-pause it runs on; --change, --author, --message and =NAME are heeded', async (t) => {
  await withNear(async (near) => {
    const more = ['--no-pause', '--author', 'A. Smith', '--message', 'as of today'];
    const changes = ['--change', 'CMD ["cat", "/greeting"]', '--change', 'ENV SITE=edge'];
    const seen = await pauses(async () =>
      expectOk(t, await send(near, ['container:Shop_One=registry.lan/shop:fixed'], [...more, ...changes])),
    );
    t.deepEqual(seen, []);
    const { docker } = rig.host('d20');
    await expectRuns(docker, 'registry.lan/shop:fixed', 'hello');
    const format = ['--format', '{{.Author}}|{{.Comment}}|{{json .Config.Env}}'];
    const { stdout } = await docker(['image', 'inspect', ...format, 'registry.lan/shop:fixed']);
    t.regex(stdout, /^A\. Smith\|as of today\|.*"SITE=edge"/);
  });
});

test.serial('two containers and an image of the same engine travel in one run', async (t) => {
  await withNear(async (near) => {
    const before = await hereImages();
    expectOk(t, await send(near, ['container:Shop_One=a:1', 'container:maker=b:1', 'busybox:latest']));
    t.deepEqual(await hereImages(), before);
    t.is(await runImage(rig.host('d20').docker, 'b:1', ['cat', '/x']), 'x\n');
  });
});

test.serial(
  'an unknown container is refused with near names, and a bad --change in the words of the engine',
  async (t) => {
    await withNear(async (near) => {
      const before = await hereImages();
      const unknown = await send(near, ['container:Shop_On']);
      t.is(unknown.errorCode, 'IMAGE_UNKNOWN');
      t.true(unknown.stdout.includes('container:Shop_One'));
      const bad = await send(near, ['container:Shop_One'], ['--change', 'FROM scratch']);
      t.is(bad.errorCode, 'ENGINE_ANSWER');
      t.deepEqual(await hereImages(), before);
    });
  },
);

test.serial(
  'an export takes a container, too, and leaves no image here, whether it works or fails',
  async (t) => {
    await withNear(async (near) => {
      const before = await hereImages();
      const usb = `${near.folder}/usb`;
      const made = await near.run(['export', usb, 'container:Shop_One', '--message', 'as of today']);
      t.is(made.exitCode, 0, made.stderr);
      t.regex((await near.run(['show', `${usb}/airgap-bundle`])).stdout, /shop_one:latest/);
      t.deepEqual(await hereImages(), before);
      const failed = await near.run([
        'export',
        `${near.folder}/two`,
        'container:Shop_One',
        'no-such-image:1',
      ]);
      t.not(failed.exitCode, 0);
      t.deepEqual(await hereImages(), before);
    });
  },
);

test.serial('a run that fails after the commit leaves no image here', async (t) => {
  await withNear(async (near) => {
    const before = await hereImages();
    const outcome = await send(near, ['container:Shop_One', 'nobody/has:this']);
    t.is(outcome.errorCode, 'IMAGE_UNKNOWN');
    t.deepEqual(await hereImages(), before);
  });
});

test.serial('Ctrl-C in the middle leaves no image here', async (t) => {
  await withNear(async (near) => {
    const before = await hereImages();
    const { ssh } = rig.host('d20');
    let child: ReturnType<Near['start']>['child'] | undefined;
    const line = ['send', ssh.alias, 'container:Shop_One', '-F', ssh.configFile, '--json'];
    const started = near.start([...line, '--change', `LABEL run=${randomBytes(4).toString('hex')}`], {
      onEvent: (event) => {
        if (event.type === 'step.started' && event.step === 'probe') child?.kill('SIGINT');
      },
    });
    child = started.child;
    t.is((await started.outcome).exitCode, 130);
    t.deepEqual(await hereImages(), before);
  });
});

test.serial('Ctrl-C while the engine commits waits for it, and leaves no image here', async (t) => {
  const { docker } = rig.near;
  // Long enough to be caught in the middle.
  const fill = 'dd if=/dev/urandom of=/large bs=1M count=300; while :; do sleep 1; done';
  await docker(['run', '-d', '--network=none', '--name', 'large', 'busybox:latest', 'sh', '-c', fill]);
  const wait = 'until ps | grep -q "[s]leep 1"; do sleep 0.1; done';
  await docker(['exec', 'large', 'sh', '-c', wait]);
  await withNear(async (near) => {
    const before = await hereImages();
    const { ssh } = rig.host('d20');
    const started = near.start(['send', ssh.alias, 'container:large', '-F', ssh.configFile, '--json']);
    const isPaused = async (): Promise<boolean> =>
      (await docker(['inspect', '--format', '{{.State.Paused}}', 'large'])).stdout.trim() === 'true';
    let caught = false;
    while (!caught && started.child.exitCode === null) caught = await isPaused();
    started.child.kill('SIGINT');
    t.is((await started.outcome).exitCode, 130);
    t.true(caught, 'it was caught in the middle');
    t.deepEqual(await hereImages(), before);
    t.false(await isPaused());
  });
});

test.serial(
  'a container of an engine with a containerd store travels, and leaves no image there',
  async (t) => {
    const { docker, dockerHost } = rig.host('d28c');
    await buildBusybox(docker);
    await docker(['run', '--network=none', '--name', 'maker', 'busybox:latest', 'sh', '-c', 'echo c >/c']);
    // Sorted: a containerd store lists images of one second in any order.
    const images = async (): Promise<string[]> => {
      const format = ['--format', '{{.Repository}}:{{.Tag}} {{.ID}}'];
      const { stdout } = await docker(['image', 'ls', '--all', '--no-trunc', ...format]);
      return stdout.trim().split('\n').toSorted();
    };
    await withNear(
      async (near) => {
        const before = await images();
        expectOk(t, await send(near, ['container:maker=c:1'], ['--no-pause']));
        t.deepEqual(await images(), before);
        t.is(await runImage(rig.host('d20').docker, 'c:1', ['cat', '/c']), 'c\n');
      },
      { DOCKER_HOST: dockerHost },
    );
  },
);

test.serial(
  'what a killed run left is told by doctor, kept while its run lives, and goes with the next',
  async (t) => {
    await withNear(async (near) => {
      const before = await hereImages();
      const { ssh } = rig.host('d20');
      const line = ['send', ssh.alias, 'container:Shop_One', '-F', ssh.configFile, '--json'];
      let child: ReturnType<Near['start']>['child'] | undefined;
      let others: Promise<Outcome> | undefined;
      const started = near.start(line, {
        onEvent: (event) => {
          if (event.type !== 'step.started' || event.step !== 'connect' || others !== undefined) return;
          child?.kill('SIGSTOP');
          others = near.run(['inspect', 'container:maker', '--json']);
        },
      });
      child = started.child;
      const held = async (): Promise<string[]> =>
        (await hereImages()).filter((name) => name.startsWith('airgap.local/container:'));
      while (others === undefined) await new Promise((resolve) => setTimeout(resolve, 20));
      t.is((await others).exitCode, 0);
      t.is((await held()).length, 1, 'that of a run which only sleeps stays');
      child.kill('SIGKILL');
      await started.outcome;
      const doctor = await near.run(['doctor']);
      t.regex(doctor.stdout, /1 image of a container, from a killed run/);
      t.is((await near.run(['inspect', 'container:maker', '--json'])).exitCode, 0);
      t.deepEqual(await hereImages(), before);
    });
  },
);

test.serial('the image of another user of the engine is left alone', async (t) => {
  await withNear(async (near) => {
    const theirs = `airgap.local/container:${'ab'.repeat(8)}_1_1_-_00000000`;
    await rig.near.docker(['tag', 'busybox:latest', theirs]);
    t.is((await near.run(['inspect', 'container:maker', '--json'])).exitCode, 0);
    t.true((await hereImages()).some((name) => name.startsWith(theirs)));
    await rig.near.docker(['image', 'rm', theirs]);
  });
});

test.serial('an untagged image stays, though its only container goes while the run lasts', async (t) => {
  const { docker } = rig.near;
  const id = (await docker(['commit', 'maker'])).stdout.trim();
  await docker(['create', '--network=none', '--name', 'orphan', id]);
  await withNear(async (near) => {
    const { ssh } = rig.host('d20');
    let child: ReturnType<Near['start']>['child'] | undefined;
    let removed: Promise<unknown> | undefined;
    const started = near.start(['send', ssh.alias, 'container:orphan', '-F', ssh.configFile, '--json'], {
      onEvent: (event) => {
        if (event.type !== 'step.started' || removed !== undefined) return;
        child?.kill('SIGSTOP');
        removed = docker(['rm', 'orphan']).finally(() => child?.kill('SIGCONT'));
      },
    });
    child = started.child;
    expectOk(t, await started.outcome);
    await removed;
    t.true((await hereImages()).some((line) => line.includes(id)));
    await docker(['image', 'rm', id]);
  });
});

test.serial(
  'taken-for-its-namesake: a container on all platforms is the container, not an image that is called so',
  async (t) => {
    const { docker } = rig.near;
    await docker(['run', '--network=none', '--name', 'namesake', 'busybox:latest', 'sh', '-c', 'echo y >/y']);
    await docker(['tag', 'busybox:latest', 'namesake:latest']);
    try {
      await withNear(async (near) => {
        const image = (
          await docker(['image', 'inspect', '--format', '{{.Id}}', 'namesake:latest'])
        ).stdout.trim();
        const words = [
          'export',
          near.folder,
          'container:namesake',
          '--platform',
          'all',
          '--dry-run',
          '--json',
        ];
        const planned = await near.run(words);
        t.is(planned.exitCode, 0, planned.stderr);
        t.true(planned.stdout.includes('container:namesake'), planned.stdout);
        t.false(planned.stdout.includes(image), planned.stdout);
      });
    } finally {
      await docker(['rm', 'namesake']);
      await docker(['rmi', 'namesake:latest']);
    }
  },
);

test.serial('running: brings the images of what runs, and nothing else', async (t) => {
  await withNear(async (near) => {
    const outcome = await send(near, ['running:'], ['--dry-run']);
    expectOk(t, outcome);
    t.deepEqual(
      outcome.plans[0]?.images.map(({ name }) => name),
      ['busybox:latest'],
    );
    // lost-while-paused: it is in service all the same.
    await rig.near.docker(['pause', 'Shop_One']);
    const paused = await send(near, ['running:'], ['--dry-run']).finally(() =>
      rig.near.docker(['unpause', 'Shop_One']),
    );
    expectOk(t, paused);
    t.deepEqual(
      paused.plans[0]?.images.map(({ name }) => name),
      ['busybox:latest'],
    );
    const named = await send(near, ['running:=shop:1'], ['--dry-run']);
    t.is(named.exitCode, 2);
    t.regex(named.stdout + named.stderr, /running: may stand for several images/);
  });
  const idle = await createNear({ DOCKER_HOST: rig.host('d28c').dockerHost });
  try {
    const outcome = await send(idle, ['running:'], ['--dry-run']);
    t.is(outcome.exitCode, 2);
    t.regex(outcome.stdout + outcome.stderr, /No container runs here/);
  } finally {
    await idle.remove();
  }
});
