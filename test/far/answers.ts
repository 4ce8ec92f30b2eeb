import { PassThrough, Readable, Writable } from 'node:stream';
import ava from 'ava';
import { openFar } from '../../src/far/far.js';
import { farProgram } from '../../src/far/program.js';
import type { Exec, Host } from '../../src/hosts/host.js';
import { digestOf, parseDiffId } from '../../src/oci/digest.js';
import { client } from '../helpers/far-box.js';

const test = ava;
const call = { engine: 'docker', sudo: 'no' } as const;
const hex = 'a'.repeat(64);
const diffId = parseDiffId(`sha256:${hex}`, 'test');

interface Script {
  readonly stdout?: string | Buffer;
  readonly stderr?: string;
  readonly exitCode?: number;
  /** Never ends and never speaks again. */
  readonly hangs?: boolean;
}

interface Told {
  killed: number;
  stdin: string;
}

function execOf({ stdout = '', stderr = '', exitCode = 0, hangs = false }: Script, told: Told): Exec {
  const out = new PassThrough();
  out.write(stdout);
  let settle: (status: { exitCode: number | undefined }) => void = () => undefined;
  const exit = new Promise<{ exitCode: number | undefined }>((resolve) => {
    settle = resolve;
  });
  if (!hangs) {
    out.end();
    out.once('close', () => settle({ exitCode }));
  }
  const stdin = new Writable({
    write(chunk: Buffer, _, done) {
      told.stdin += chunk.toString('latin1');
      done();
    },
  });
  const kill = (): void => {
    told.killed += 1;
    out.destroy();
    settle({ exitCode: undefined });
  };
  return { stdin, stdout: out, stderr: Readable.from([Buffer.from(stderr)]), exit, kill };
}

/** A host whose far side says exactly this, after an upload that went well. */
async function farSaying(script: Script) {
  const told: Told = { killed: 0, stdin: '' };
  const start = `far 1 /s/${farProgram('docker').name}\nuser pat\nstage /s\ndone\n`;
  let first = true;
  const host: Host = {
    name: 'liar',
    address: 'liar',
    handedBytes: 0,
    exec: async () => {
      const said = first ? { stdout: start } : script;
      first = false;
      return execOf(said, first ? { killed: 0, stdin: '' } : told);
    },
    close: async () => undefined,
  };
  const far = await openFar(host, {
    client,
    hostName: 'liar',
    timeouts: { silenceMs: 200, putSilenceMs: 200 },
  });
  told.stdin = '';
  return { far, told };
}

const uploading = (script: Script) =>
  openFar(
    {
      name: 'liar',
      address: 'liar',
      handedBytes: 0,
      exec: async () => execOf(script, { killed: 0, stdin: '' }),
      close: async () => undefined,
    },
    { client, hostName: 'liar', timeouts: { silenceMs: 200 } },
  );

test('a login script that prints is named as the reason', async (t) => {
  const error = await t.throwsAsync(uploading({ stdout: 'Welcome to db-7!\nfar 1 /s/x\ndone\n' }));
  t.like(error, { code: 'FAR_ANSWER', facts: { command: 'start', problem: 'Welcome to db-7!' } });
  t.regex(String((error as { hint?: string }).hint), /login script/);
});

test('a host without sh is told by its own words', async (t) => {
  const error = await t.throwsAsync(uploading({ stderr: 'sh: not found\n', exitCode: 127 }));
  t.like(error, { code: 'FAR_FAILED', facts: { exitCode: 127, detail: 'sh: not found' } });
});

test('a stage that somebody else could write is refused', async (t) => {
  const error = await t.throwsAsync(
    uploading({ stdout: 'error STAGE_DENIED every user may write it\n', exitCode: 1 }),
  );
  t.like(error, { code: 'STAGE_DENIED', facts: { detail: 'every user may write it' } });
});

const rubbish: Readonly<Record<string, string>> = {
  'a word that is not in the grammar': 'hello world\ndone\n',
  'an empty line': '\ndone\n',
  'an Id that is no digest': 'image sha256:xyz {} 3\ndone\n',
  'a size that is no number': `image sha256:${hex} {} 3e9\ndone\n`,
  'a number too large to reckon with': `blob sha256:${hex} 99999999999999999999 -\ndone\n`,
  'a tag with a space in its name': `tag sha256:${hex} two words\ndone\n`,
  'anything after done': `done\nimage sha256:${hex} {} 3\n`,
  'a block that does not come': 'index 100\n{}\ndone\n',
  'a block longer than any document': 'index 99999999999\n{}\n',
  'no done at the end': `image sha256:${hex} {} 3\n`,
};

for (const [what, stdout] of Object.entries(rubbish)) {
  test(`held refuses ${what}`, async (t) => {
    const { far } = await farSaying({ stdout });
    await t.throwsAsync(far.held(call), { code: 'FAR_ANSWER' });
  });
}

const notOfPassports: Readonly<Record<string, string>> = {
  'a host that is markup': 'host <b>\ndone\n',
  'no host at all': 'tool zstd\ndone\n',
  'a config file that is no path': `host a\nconfig ${hex} daemon.json\ndone\n`,
  'a digest that is none': 'host a\nconfig abc /etc/docker/daemon.json\ndone\n',
};

for (const [what, stdout] of Object.entries(notOfPassports)) {
  test(`passport refuses ${what}`, async (t) => {
    const { far } = await farSaying({ stdout });
    await t.throwsAsync(far.passport(), { code: 'FAR_ANSWER' });
  });
}

test('an answer without end is cut off', async (t) => {
  const { far, told } = await farSaying({ stdout: Buffer.alloc(3 << 20, 'x') });
  const error = await t.throwsAsync(far.held(call), { code: 'FAR_ANSWER' });
  t.like(error, { facts: { problem: 'the answer is too long' } });
  t.is(told.killed, 1);
});

test('many short lines are cut off as well', async (t) => {
  const { far } = await farSaying({ stdout: 'ended 1\n'.repeat(700_000) });
  await t.throwsAsync(far.begin(), { code: 'FAR_ANSWER' });
});

test('silence is noticed and the channel killed', async (t) => {
  const { far, told } = await farSaying({ stdout: 'far 1\n', hangs: true });
  await t.throwsAsync(far.probe(call), { code: 'FAR_SILENT' });
  t.is(told.killed, 1);
});

test('a put is not blamed for silence while nothing is sent, and is when something was', async (t) => {
  const { far } = await farSaying({ hangs: true });
  const put = await far.openPut();
  const quiet = await Promise.race([
    put.closed.then(
      () => 'ended',
      () => 'broken',
    ),
    new Promise((resolve) => setTimeout(() => resolve('quiet'), 600)),
  ]);
  t.is(quiet, 'quiet');
  const body = Buffer.from('x');
  await put.write({ diffId, index: 0, digest: digestOf(body), bytes: 1 }, 0, body);
  await t.throwsAsync(put.closed, { code: 'FAR_SILENT' });
  await t.throwsAsync(put.finish(), { code: 'FAR_SILENT' });
});

const failures = {
  'TARGET_FULL 4096 /my disk/a': { code: 'TARGET_FULL', facts: { path: '/my disk/a', freeBytes: 4096 } },
  [`STAGE_DAMAGED ${hex} 7`]: { code: 'STAGE_DAMAGED', facts: { layer: diffId, segment: 7 } },
  [`STAGE_OFFSET ${hex} 7 100`]: { code: 'STAGE_DAMAGED', facts: { layer: diffId, segment: 7 } },
  'STAGE_BUSY process 12': { code: 'STAGE_BUSY', facts: { owner: 'process 12' } },
  'FAR_ENGINE_DOWN Cannot connect': { code: 'FAR_ENGINE_DOWN', facts: { detail: 'Cannot connect' } },
  'FAR_ENGINE_DENIED no': { code: 'FAR_ENGINE_DENIED', facts: { user: 'pat', engine: 'docker' } },
  'FAR_ENGINE_MISSING docker': { code: 'FAR_ENGINE_MISSING', facts: { looked: ['docker'] } },
  'FAR_SUDO_DENIED the password is wrong': {
    code: 'FAR_SUDO_DENIED',
    facts: { problem: 'the password is wrong' },
  },
  'FAR_TOOL_MISSING tar': { code: 'FAR_TOOL_MISSING', facts: { tool: 'tar' } },
  'LOAD_REJECTED a\tb': { code: 'LOAD_REJECTED', facts: { detail: 'a b' } },
  'PULL_FAILED no such host': { code: 'PULL_FAILED', facts: { detail: 'no such host' } },
  'SOMETHING_NEW now': { code: 'FAR_ANSWER' },
  'STAGE_DAMAGED ../../x 7': { code: 'FAR_ANSWER' },
} as const;

for (const [line, expected] of Object.entries(failures)) {
  test(`error ${line.split(' ')[0]} becomes ${expected.code}: ${line.slice(0, 30)}`, async (t) => {
    const { far } = await farSaying({ stdout: `error ${line}\n`, exitCode: 1 });
    t.like(await t.throwsAsync(far.held(call)), expected);
  });
}

test('a password goes to stdin alone, and one with a line break goes nowhere', async (t) => {
  const { far, told } = await farSaying({ stdout: 'done\n' });
  await far.held({ engine: 'docker', sudo: 'ask', password: 'p w' });
  t.is(told.stdin, 'p w\n');
  const other = await farSaying({ stdout: 'done\n' });
  await t.throwsAsync(other.far.held({ engine: 'docker', sudo: 'ask', password: 'a\nb' }), {
    code: 'FAR_SUDO_DENIED',
  });
  t.is(other.told.stdin, '');
});

test('beats are passed over, a damaged record is an image without layers', async (t) => {
  const { far } = await farSaying({
    stdout: `beat\nimage sha256:${hex} {} 3\nbeat\nimage sha256:${'b'.repeat(64)} {"Type":"layers"} 0\ndone\n`,
  });
  const { images } = await far.held(call);
  t.deepEqual(
    images.map((image) => image.diffIds),
    [undefined, []],
  );
});
