// The typed caller of the far-side program: uploads it, calls its commands, believes its answers only as parsed.
// The grammar is docs/far-side.md; the types are facts.ts.
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { type DiffId, hexOf, parseDiffId } from '../oci/digest.js';
import { type FarChannel, openChannel } from './channel.js';
import type { EngineCall, Far, MeasuredFile, StagedSegment } from './facts.js';
import { createFarFiles } from './far-files.js';
import { createFarPackages } from './far-packages.js';
import { createFarPassport } from './far-passport.js';
import { type FarInput, feedChannel } from './feed-channel.js';
import type { RootCall } from './file-facts.js';
import * as limits from './limits.js';
import { collectHeld, parseBlock, parseSegment } from './parse-held.js';
import { collectProbe } from './parse-probe.js';
import { collectVerified } from './parse-verified.js';
import { createPlay } from './play-channel.js';
import { type FarEngine, farEngine } from './program.js';
import { createPutChannel } from './put-channel.js';
import { createPutLine } from './put-line.js';
import { layerLines, unnameLines } from './request-lines.js';
import { type Uploaded, uploadProgram } from './upload.js';
import { isCount, isHex, splitWords } from './words.js';

export interface FarOptions {
  /** Undefined for the user's cache folder there. */
  readonly stage?: string | undefined;
  /** 16 hex digits: this near side. */
  readonly client: string;
  readonly hostName: string;
  /** As `--engine` says; its program goes first. Calls for another engine bring that one's along. */
  readonly engine?: string | undefined;
  readonly timeouts?: {
    readonly silenceMs?: number;
    readonly putSilenceMs?: number;
    readonly graceMs?: number;
  };
  /** Ends every call; those that tidy up only when they then stand still for `graceMs`. */
  readonly signal?: AbortSignal;
}

/**
 * Uploads the far-side program. Its calls may run in parallel, each takes one channel of the host.
 * @throws {AirgapError} STAGE_DENIED, TARGET_FULL, FAR_ANSWER, FAR_SILENT, FAR_TOOL_MISSING, CHANNEL_REFUSED, SSH_LOST
 */
export async function openFar(host: Host, options: FarOptions): Promise<Far> {
  const { hostName, stage, signal, timeouts } = options;
  const silenceMs = timeouts?.silenceMs ?? limits.defaultSilenceMs;
  const upload = (engine: FarEngine): Promise<Uploaded> =>
    uploadProgram({ host, hostName, engine, stage, silenceMs, ...(signal === undefined ? {} : { signal }) });
  const first = farEngine(options.engine ?? '');
  const uploaded = await upload(first);
  const programs = new Map([[first, Promise.resolve(uploaded)]]);
  const programOf = (engine: FarEngine): Promise<Uploaded> => {
    const program = programs.get(engine) ?? upload(engine);
    programs.set(engine, program);
    return program;
  };
  const putSilenceMs = timeouts?.putSilenceMs ?? limits.defaultPutSilenceMs;
  const graceMs = timeouts?.graceMs ?? limits.defaultGraceMs;
  return createFar({ host, ...options, silenceMs, putSilenceMs, graceMs, uploaded, programOf });
}

interface FarContext extends FarOptions {
  readonly host: Host;
  readonly silenceMs: number;
  readonly putSilenceMs: number;
  readonly graceMs: number;
  /** The first program; it does whatever has nothing to do with an engine. */
  readonly uploaded: Uploaded;
  readonly programOf: (engine: FarEngine) => Promise<Uploaded>;
}

interface Call {
  readonly command: string;
  /** `key=value` words beside stage and client. */
  readonly words?: readonly string[];
  readonly engine?: EngineCall;
  /** Instead of an engine, for what is done to files. */
  readonly root?: RootCall;
  /** For the error, if it fails. */
  readonly subject?: string;
  readonly silenceMs?: number;
  readonly maxBytes?: number;
  /** Runs to its end even when everything else is stopped, as long as it moves. */
  readonly tidies?: boolean;
  /** Nothing stops it. */
  readonly unstoppable?: boolean;
}

/** Handles one line; false for one that this command does not print. */
type OnLine = (line: string, channel: FarChannel) => boolean | Promise<boolean>;

const noLine: OnLine = () => false;

function createFar(context: FarContext): Far {
  const { hostName, uploaded, client, signal } = context;
  const putLine = createPutLine();

  const open = async (call: Call): Promise<FarChannel> => {
    const { engine, root } = call;
    const words = [`stage=${uploaded.stage}`, `client=${client}`, ...(call.words ?? [])];
    if (engine !== undefined) words.push(`engine=${engine.engine}`, `sudo=${engine.sudo}`);
    if (root !== undefined) words.push(`sudo=${root.sudo}`);
    const program = engine === undefined ? uploaded : await context.programOf(farEngine(engine.engine));
    const channel = await openChannel({
      host: context.host,
      argv: ['sh', program.path, call.command, ...words],
      where: { hostName, stage: uploaded.stage, user: uploaded.user },
      what: { command: call.command, engine: engine?.engine ?? '', subject: call.subject ?? '' },
      silenceMs: call.silenceMs ?? context.silenceMs,
      ...(call.maxBytes === undefined ? {} : { maxBytes: call.maxBytes }),
      ...(signal === undefined || call.unstoppable === true ? {} : { signal }),
      ...(call.tidies === true ? { graceMs: context.graceMs } : {}),
    });
    const secret = engine ?? root;
    if (secret?.sudo === 'ask') sendPassword(channel, secret, hostName);
    return channel;
  };
  const ask = async (call: Call, onLine: OnLine, stdin?: FarInput): Promise<void> => {
    const channel = await open(call);
    feedChannel(channel, stdin);
    for (let line = await channel.line(); line !== undefined; line = await channel.line()) {
      if (await onLine(line, channel)) continue;
      const error = channel.unexpected(line);
      channel.abort(error);
      throw error;
    }
  };
  const segments = async (command: string, layers: readonly DiffId[]): Promise<StagedSegment[]> => {
    const found: StagedSegment[] = [];
    const call = { command, maxBytes: limits.maxStagedBytes };
    const onLine: OnLine = (line) => {
      const parsed = parseSegment(line);
      if (parsed !== undefined) found.push(parsed.segment);
      return parsed !== undefined;
    };
    await ask(call, onLine, layerLines(layers));
    return found;
  };

  return {
    ...createFarFiles(ask),
    ...createFarPackages(ask),
    ...createFarPassport(ask, hostName),
    stage: uploaded.stage,
    async probe(engine) {
      const { add, probe } = collectProbe();
      await ask({ command: 'probe', engine }, add);
      const found = probe();
      if (found !== undefined) return found;
      throw new AirgapError('FAR_ANSWER', { host: hostName, command: 'probe', problem: 'facts are missing' });
    },
    async begin() {
      const onLine: OnLine = (line) => /^ended \d+$/.test(line);
      await ask({ command: 'begin', tidies: true }, onLine);
    },
    async held(engine) {
      const { held, onLine } = collectHeld();
      await ask({ command: 'held', engine, maxBytes: limits.maxHeldBytes }, onLine);
      return held();
    },
    async staged(layers) {
      const found = await segments('staged', layers);
      if (!found.some(({ whole }) => whole)) return found;
      // A play stops at the first that is damaged: found here, all of them are sent again by this very run.
      const key = ({ diffId, index, digest }: StagedSegment): string => `${diffId} ${index} ${digest}`;
      const good = new Set((await segments('check', layers)).filter(({ whole }) => whole).map(key));
      return found.filter((segment) => !segment.whole || good.has(key(segment)));
    },
    check: (layers) => segments('check', layers),
    async openPut() {
      return createPutChannel(await open({ command: 'put', silenceMs: context.putSilenceMs }), putLine);
    },
    async frame(digest, bytes) {
      const words = [`digest=${hexOf(digest)}`, `size=${bytes.byteLength}`];
      await ask({ command: 'frame', words }, (line) => line === 'stored', bytes);
    },
    async unpack(engine, farId) {
      let manifest: Uint8Array = new Uint8Array();
      const onLine: OnLine = async (line, channel) => {
        const bytes = parseBlock(line, 'manifest', limits.maxDocumentBytes);
        if (bytes === undefined) return false;
        manifest = await channel.block(bytes);
        return true;
      };
      const maxBytes = limits.maxDocumentBytes + limits.maxAnswerBytes;
      await ask({ command: 'unpack', words: [`image=${farId}`], engine, subject: farId, maxBytes }, onLine);
      return manifest;
    },
    async measure(farId, paths) {
      const files: MeasuredFile[] = [];
      const lines = paths.map((path) => `path ${path}\n`).join('');
      const onLine: OnLine = (line) => {
        const file = parseMeasured(line);
        if (file !== undefined) files.push(file);
        return file !== undefined;
      };
      await ask({ command: 'measure', words: [`image=${farId}`], subject: farId }, onLine, lines);
      return files;
    },
    async hold(engine, farId, name) {
      await ask(
        { command: 'hold', words: [`image=${farId}`, `name=${name}`], engine, subject: name },
        noLine,
      );
    },
    async pull(engine, { from, name }) {
      const words = [`from=${from}`, `name=${name}`];
      const channel = await open({ command: 'pull', words, engine, subject: from, tidies: true });
      // The end of its stdin stops it.
      const stop = (): void => channel.end();
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted === true) stop();
      try {
        for (let line = await channel.line(); line !== undefined; line = await channel.line()) {
          if (line === 'pulled') continue;
          const error = channel.unexpected(line);
          channel.abort(error);
          throw error;
        }
      } finally {
        signal?.removeEventListener('abort', stop);
        channel.end();
      }
    },
    async openPlay(engine, temporaryName) {
      const call = { command: 'play', words: [`name=${temporaryName}`], engine, subject: temporaryName };
      // Ended by the end of its stdin, never by force: it has to take its temporary name away.
      return await createPlay(await open({ ...call, tidies: true }), context.graceMs);
    },
    async verify(engine, name, { create, blobs = [] }) {
      const { found, onLine } = collectVerified(blobs);
      const words = [`name=${name}`, `create=${create ? 1 : 0}`];
      const maxBytes = limits.maxDocumentBytes + limits.maxStagedBytes;
      const lines = blobs.map((blob) => `blob ${hexOf(blob)}\n`).join('');
      await ask({ command: 'verify', words, engine, subject: name, maxBytes }, onLine, lines);
      return found();
    },
    async name(engine, { from, to, previous, noClobber = false }) {
      let moved: string | undefined;
      const words = [`from=${from}`, `to=${to}`, `previous=${previous}`, `clobber=${noClobber ? 0 : 1}`];
      const onLine: OnLine = (line) => {
        moved = /^moved (sha256:[0-9a-f]{64})$/.exec(line)?.[1];
        return moved !== undefined || line === 'new';
      };
      await ask({ command: 'name', words, engine, subject: to, tidies: true }, onLine);
      return moved;
    },
    async revert(engine, { name, farId, previous }) {
      const words = [`name=${name}`, `image=${farId}`];
      if (previous !== undefined) words.push(`previous=${previous}`);
      const onLine: OnLine = (line) => line === 'reverted';
      await ask({ command: 'revert', words, engine, subject: name, tidies: true }, onLine);
    },
    async unname(engine, names, containersOf = []) {
      const onLine: OnLine = (line) => line.startsWith('removed ');
      await ask({ command: 'unname', engine, tidies: true }, onLine, unnameLines(names, containersOf));
    },
    async forget(layers) {
      await ask({ command: 'forget', tidies: true }, noLine, layerLines(layers));
    },
    async clean({ all, look = false, leave = false }) {
      const removed: { path: string; bytes: number }[] = [];
      const onLine: OnLine = (line) => {
        const [word, bytes = '', path = ''] = splitWords(line, 3);
        if (word !== 'removed' || !isCount(bytes) || !path.startsWith('/')) return false;
        removed.push({ path, bytes: Number(bytes) });
        return true;
      };
      const words = [`all=${all ? 1 : 0}`, ...(look ? ['look=1'] : []), ...(leave ? ['leave=1'] : [])];
      await ask({ command: 'clean', words, tidies: true }, onLine);
      return removed;
    },
  };
}

function sendPassword(channel: FarChannel, { password = '' }: RootCall, host: string): void {
  if (/[\n\0]/.test(password) || password === '') {
    const error = new AirgapError('FAR_SUDO_DENIED', { host, problem: 'that cannot be a password' });
    channel.abort(error);
    throw error;
  }
  channel.write(`${password}\n`).catch(() => undefined);
}

/** `file CODEC BYTES HEX PATH` */
function parseMeasured(line: string): MeasuredFile | undefined {
  const [word, codec, bytes = '', hex = '', path = ''] = splitWords(line, 5);
  if (word !== 'file' || !isCount(bytes) || !isHex(hex, 64) || path === '') return undefined;
  if (codec !== 'none' && codec !== 'gzip' && codec !== 'zstd') return undefined;
  return { path, codec, rawBytes: Number(bytes), diffId: parseDiffId(`sha256:${hex}`, 'measure') };
}
