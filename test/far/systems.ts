import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import ava from 'ava';
import { openFar } from '../../src/far/far.js';
import { farEngines, farProgram, joinFar } from '../../src/far/program.js';
import { createLocalHost } from '../../src/hosts/local.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { client, withFar } from '../helpers/far-box.js';
import { cut, farImage, putAll } from '../helpers/far-image.js';
import { needing } from '../helpers/needs.js';

const test = ava.serial;
const { serial: chrooting } = needing('busybox', 'root', 'namespaces');
const temporary = 'airgap.local/loading:test-1';

/** A root file system with nothing but busybox under the names of its applets. */
async function withBusyboxRoot(use: (root: string) => Promise<void>): Promise<void> {
  const root = await mkdtemp(path.join(tmpdir(), 'airgap-root-'));
  try {
    for (const folder of ['bin', 'dev', 'proc', 'root']) await mkdir(path.join(root, folder));
    const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
    await copyFile(busybox, path.join(root, 'bin/busybox'));
    for (const applet of execFileSync(busybox, ['--list'], { encoding: 'utf8' }).trim().split('\n')) {
      if (applet !== 'busybox') await symlink('busybox', path.join(root, 'bin', applet));
    }
    execFileSync('mknod', [path.join(root, 'dev/null'), 'c', '1', '3']);
    await use(root);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

chrooting('a system that has nothing but busybox sends, stores and proves', (t) =>
  withBusyboxRoot(async (root) => {
    const local = createLocalHost({ PATH: '/usr/bin:/bin:/usr/sbin:/sbin' });
    const enter = ['unshare', '--mount', '--propagation', 'private', '--root', root];
    const host = {
      ...local,
      exec: (argv: readonly string[]) =>
        local.exec([...enter, '/bin/sh', '-c', 'mount -t proc proc /proc; exec "$@"', 'sh', ...argv]),
    };
    const timeouts = { silenceMs: 240_000 };
    const far = await openFar(host, { client, hostName: 'box', stage: '/root/stage', timeouts });
    const call = { engine: 'layout:/root/out', sudo: 'no' } as const;
    const probe = await far.probe(call);
    t.is(probe.hashTool, 'sha256sum');
    t.deepEqual(
      ['openssl', 'zstd'].filter((tool) => probe.tools.has(tool)),
      [],
    );
    t.true([...probe.free.values()].every((bytes) => bytes > 1_000_000));
    const image = farImage({
      storeKind: 'layout',
      name: 'docker.io/library/x:1',
      layers: [700_000],
      codec: 'gzip',
      segmentBytes: 300_000,
    });
    await putAll(far, image.segments);
    const play = await far.openPlay(call, temporary);
    for (const line of image.recipe) await play.line(line);
    await play.loaded;
    t.is((await far.verify(call, temporary, { create: false }))?.farId, image.manifest);
    await far.begin();
    t.true((await far.check(image.diffIds)).every(({ whole }) => whole));
    await far.clean({ all: true });
  }),
);

test('a dd that cannot count bytes reads exactly all the same', async (t) => {
  const bin = await mkdtemp(path.join(tmpdir(), 'airgap-dd-'));
  try {
    const real = execFileSync('sh', ['-c', 'command -v dd'], { encoding: 'utf8' }).trim();
    await writeFile(
      path.join(bin, 'dd'),
      `#!/bin/sh\ncase "$*" in *_bytes*) echo "dd: invalid input flag" >&2; exit 1 ;; esac\nexec ${real} "$@"\n`,
    );
    await chmod(path.join(bin, 'dd'), 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    await withFar(
      'dash',
      async ({ far, raw }) => {
        t.regex((await raw('probe', ['engine=layout:/nowhere/at'])).stdout, /^dd blocks$/m);
        const diffId = parseDiffId(digestOf('dd'), 'test');
        const segments = [1, 4095, 4096, 4097, 100_001].map((size, index) => {
          const body = randomBytes(size);
          return { diffId, index, digest: digestOf(body), bytes: size, body };
        });
        await putAll(far, segments);
        const checked = await far.check([diffId]);
        t.is(checked.filter(({ whole }) => whole).length, segments.length);
        const [one] = cut(randomBytes(9000), parseDiffId(digestOf('dd2'), 'test'));
        if (one === undefined) return t.fail();
        const half = await far.openPut();
        await half.write(one, 0, one.body.subarray(0, 5000));
        await half.finish();
        const rest = await far.openPut();
        await rest.write(one, 5000, one.body.subarray(5000));
        await rest.finish();
        t.like(await far.check([one.diffId]), [{ whole: true }]);
      },
      { env },
    );
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
});

test('a dd that cannot read exactly is not used at all', async (t) => {
  const bin = await mkdtemp(path.join(tmpdir(), 'airgap-dd-'));
  try {
    await writeFile(path.join(bin, 'dd'), '#!/bin/sh\nexit 1\n');
    await chmod(path.join(bin, 'dd'), 0o755);
    const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
    await withFar(
      'dash',
      async ({ far }) => {
        const put = await far.openPut();
        const error = await t.throwsAsync(put.finish());
        t.like(error, { code: 'FAR_TOOL_MISSING', facts: { tool: 'dd' } });
      },
      { env },
    );
  } finally {
    await rm(bin, { recursive: true, force: true });
  }
});

test('a stage that every user may write is refused', async (t) => {
  const folder = await mkdtemp(path.join(tmpdir(), 'airgap-open-'));
  try {
    await chmod(folder, 0o777);
    const opening = withFar('dash', async () => undefined, { stage: folder });
    t.like(await t.throwsAsync(opening), { code: 'STAGE_DENIED' });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('the joined program says what its parts say', async (t) => {
  const parts = new URL('../../src/far/', import.meta.url);
  for (const engine of farEngines) {
    const joined = joinFar(parts, engine);
    t.is(joined, farProgram(engine).text.toString());
    t.true(joined.length < 72 * 1024, 'it travels with every run: a second of a line of 600 kbit/s');
    t.notRegex(joined.slice(90), /^\s*#/m);
  }
});
