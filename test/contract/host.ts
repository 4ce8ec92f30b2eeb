// What every Host must do. Each implementation runs this suite against something real.
import { createHash } from 'node:crypto';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { TestFn } from 'ava';
import type { Exec, Host } from '../../src/hosts/host.js';

export interface HostSuite {
  readonly test: TestFn;
  readonly name: string;
  /** A new host; `done` ends everything that was started for it. */
  open(): Promise<{ readonly host: Host; done(): Promise<void> }>;
  /** Whether stdin and commands are counted. */
  readonly countsBytes: boolean;
}

/** Runs a command to its end. */
export async function outcome(
  exec: Exec,
): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
  exec.stdin.end();
  const [stdout, stderr, { exitCode }] = await Promise.all([text(exec.stdout), text(exec.stderr), exec.exit]);
  return { exitCode, stdout, stderr };
}

/** Bytes that repeat only after a long while, so that a lost or doubled packet shows. */
export function patterned(bytes: number, seed: number): Buffer {
  const made = Buffer.alloc(bytes);
  let state = seed | 1;
  for (let at = 0; at + 4 <= bytes; at += 4) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    made.writeInt32LE(state, at);
  }
  return made;
}

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** Declares the suite's tests. */
export function testHost({ test, name, open, countsBytes }: HostSuite): void {
  // One host for all: each test also shows that the one before has left it usable. One at a time: they are heavy.
  let opened: ReturnType<typeof open> | undefined;
  const withHost = async (body: (host: Host) => Promise<void>): Promise<void> => {
    opened ??= open();
    await body((await opened).host);
  };
  test.after.always(`${name}: closing`, async () => {
    const { host, done } = (await opened) ?? {};
    await host?.close();
    await done?.();
  });

  test.serial(`${name}: exit codes and both outputs come back`, (t) =>
    withHost(async (host) => {
      for (const code of [0, 1, 7, 127, 255]) {
        const exec = await host.exec(['sh', '-c', `echo out; echo err >&2; exit ${code}`]);
        t.deepEqual(await outcome(exec), { exitCode: code, stdout: 'out\n', stderr: 'err\n' });
      }
    }),
  );

  test.serial(
    `${name}: closed-before-exit: a command that ends well after its outputs tells its exit code`,
    (t) =>
      withHost(async (host) => {
        const { exitCode } = await outcome(await host.exec(['sh', '-c', 'exec >&- 2>&-; sleep 1; exit 7']));
        t.is(exitCode, 7);
      }),
  );

  test.serial(`${name}: a command ended by a signal has no exit code of its own`, (t) =>
    withHost(async (host) => {
      const { exitCode } = await outcome(await host.exec(['sh', '-c', 'kill -KILL $$']));
      // A shell between sshd and the command may turn the signal into 128 + 9; the system's ssh turns it into 255.
      t.true(exitCode === undefined || exitCode === 137 || exitCode === 255, String(exitCode));
    }),
  );

  test.serial(`${name}: every word arrives as it was given`, (t) =>
    withHost(async (host) => {
      const words = [
        '',
        ' ',
        'a b',
        "it's",
        '"',
        '\\',
        "\\'",
        '!',
        'x!y',
        '$HOME',
        '`id`',
        '$(id)',
        '*',
        '~',
        '#',
        ';',
        '&&',
      ];
      const more = ['|', '>', '{a,b}', '[x]', '%s', '\t', 'é日本', '-n', '=ls', '^', '?', '(', ')', '\r'];
      const all = [...words, ...more];
      const exec = await host.exec(['sh', '-c', 'for w; do printf "<%s>" "$w"; done', 'sh', ...all]);
      t.is((await outcome(exec)).stdout, all.map((word) => `<${word}>`).join(''));
    }),
  );

  test.serial(`${name}: tens of megabytes go up and come back unharmed`, (t) =>
    withHost(async (host) => {
      const sent = patterned(24 * 1024 * 1024, 7);
      const before = host.handedBytes;
      const exec = await host.exec(['cat']);
      const echoed = buffer(exec.stdout);
      exec.stderr.resume();
      for (let at = 0; at < sent.length; at += 8 * 1024 * 1024) {
        const piece = sent.subarray(at, at + 8 * 1024 * 1024);
        await new Promise<void>((resolve, reject) => {
          exec.stdin.write(piece, (error) => (error ? reject(error) : resolve()));
        });
      }
      exec.stdin.end();
      t.is(sha256(await echoed), sha256(sent));
      t.deepEqual(await exec.exit, { exitCode: 0 });
      const handed = host.handedBytes - before;
      if (countsBytes) t.is(handed, sent.length + Buffer.byteLength('exec cat'));
      else t.is(handed, 0);
    }),
  );

  test.serial(`${name}: commands run side by side without mixing`, (t) =>
    withHost(async (host) => {
      const digests = await Promise.all(
        [1, 2, 3, 4].map(async (seed) => {
          const sent = patterned(3 * 1024 * 1024, seed);
          const exec = await host.exec(['sha256sum']);
          exec.stdin.end(sent);
          const line = await text(exec.stdout);
          exec.stderr.resume();
          await exec.exit;
          return [line.slice(0, 64), sha256(sent)];
        }),
      );
      for (const [got, want] of digests) t.is(got, want);
    }),
  );

  test.serial(`${name}: a reader that waits does not lose or stall anything`, (t) =>
    withHost(async (host) => {
      const exec = await host.exec(['sh', '-c', 'head -c 6000000 /dev/zero; echo end >&2']);
      exec.stdin.end();
      await delay(300);
      const [out, error] = await Promise.all([buffer(exec.stdout), text(exec.stderr)]);
      t.is(out.length, 6_000_000);
      t.is(error, 'end\n');
      t.deepEqual(await exec.exit, { exitCode: 0 });
    }),
  );

  test.serial(`${name}: a command that does not read its input does not hang the writer`, (t) =>
    withHost(async (host) => {
      const exec = await host.exec(['sh', '-c', 'exit 3']);
      exec.stdout.resume();
      exec.stderr.resume();
      const error = await new Promise<Error | null | undefined>((resolve) => {
        exec.stdin.write(Buffer.alloc(16 * 1024 * 1024), resolve);
      });
      t.truthy(error);
      t.deepEqual(await exec.exit, { exitCode: 3 });
    }),
  );

  test.serial(`${name}: outputs nobody reads do not keep an ended command from ending`, (t) =>
    withHost(async (host) => {
      const exec = await host.exec(['true']);
      exec.stdin.end();
      t.deepEqual(await exec.exit, { exitCode: 0 });
    }),
  );

  test.serial(`${name}: destroying stdout ends the reading, not the host`, (t) =>
    withHost(async (host) => {
      const exec = await host.exec(['sh', '-c', 'head -c 8000000 /dev/zero || true']);
      exec.stdin.end();
      exec.stderr.resume();
      exec.stdout.destroy();
      await exec.exit;
      t.is((await outcome(await host.exec(['echo', 'here']))).stdout, 'here\n');
    }),
  );

  test.serial(`${name}: aborting ends the command and leaves the host usable`, (t) =>
    withHost(async (host) => {
      const controller = new AbortController();
      const exec = await host.exec(['sh', '-c', 'echo started; exec sleep 60'], {
        signal: controller.signal,
      });
      await new Promise((resolve) => exec.stdout.once('data', resolve));
      controller.abort();
      const { exitCode } = await exec.exit;
      t.is(exitCode, undefined);
      exec.kill();
      t.is((await outcome(await host.exec(['echo', 'here']))).stdout, 'here\n');
    }),
  );

  test.serial(`${name}: a command is not started once it is aborted`, (t) =>
    withHost(async (host) => {
      const reason = new Error('stopped');
      const error = await t.throwsAsync(host.exec(['true'], { signal: AbortSignal.abort(reason) }));
      t.is(error, reason);
    }),
  );

  test.serial(`${name}: killing in the middle of an upload settles the writer and the exit`, (t) =>
    withHost(async (host) => {
      const exec = await host.exec(['sleep', '60']);
      const written = new Promise((resolve) => exec.stdin.write(Buffer.alloc(16 * 1024 * 1024), resolve));
      exec.kill();
      t.is((await exec.exit).exitCode, undefined);
      t.truthy(await written);
    }),
  );
}
