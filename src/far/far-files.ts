// The typed calls for files of a host: look, install, roll back, reload. Used by far.ts, which owns the channel.
import { digestFromHex, hexOf } from '../oci/digest.js';
import type { FarChannel } from './channel.js';
import type { FarInput } from './feed-channel.js';
import type {
  FarFiles,
  FilesLook,
  FoundFile,
  RolledBack,
  RootCall,
  RootWay,
  TargetProblem,
} from './file-facts.js';
import { maxFilesBytes, maxShownBytes } from './limits.js';
import { isCount, isHex, splitWords } from './words.js';

/** What far.ts can do for a command: one call, its answer line by line. */
export type AskFar = (
  call: {
    readonly command: string;
    readonly words?: readonly string[];
    readonly root: RootCall;
    readonly maxBytes?: number;
    readonly tidies?: boolean;
    readonly unstoppable?: boolean;
  },
  onLine: (line: string, channel: FarChannel) => boolean | Promise<boolean>,
  stdin?: FarInput,
) => Promise<void>;

/** @param ask one call of the far side */
export function createFarFiles(ask: AskFar): FarFiles {
  return {
    async files(call, { allow, targets }) {
      const { look, onLine } = collectLook();
      const lines = [...allow.map((folder) => `allow ${folder}`), ...targets.map((path) => `target ${path}`)];
      const stdin = [...lines, 'end', ''].join('\n');
      await ask({ command: 'files', root: call, maxBytes: maxFilesBytes }, onLine, stdin);
      return look();
    },
    async install(call, { receipt, allow, files }) {
      const parts: (string | Uint8Array)[] = allow.map((folder) => `allow ${folder}\n`);
      for (const [at, { kind, mode, content, digest, was, target }] of files.entries()) {
        const before = was === undefined ? '-' : hexOf(was);
        const words = [kind, mode, content.byteLength, hexOf(digest), before, at + 1, target];
        parts.push(`file ${words.join(' ')}\n`, content);
      }
      parts.push('end\n');
      const stdin = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(part) : part)));
      // Begun, it runs to its end: a file is never left half way because somebody pressed Ctrl-C.
      const wanted = { command: 'install', words: [`receipt=${receipt}`], root: call, tidies: true };
      await ask(wanted, (line) => /^(?:installed|same) [0-9a-f]{64} \//.test(line), stdin);
    },
    async rollback(call, { receipt, force }) {
      const files: { path: string; done: RolledBack['files'][number]['done'] }[] = [];
      let root: RootWay | undefined;
      let found = '';
      const words = [`receipt=${receipt}`, `force=${force ? 1 : 0}`];
      await ask({ command: 'rollback', words, root: call, tidies: true }, (line) => {
        const [word, rest = ''] = splitWords(line, 2);
        if (word === 'root' && isRootWay(rest)) root = rest;
        else if (word === 'receipt' && /^[0-9a-z-]{1,64}$/.test(rest)) found = rest;
        else if (word === 'restored' || word === 'removed' || word === 'kept')
          files.push({ path: rest, done: word });
        else return false;
        return true;
      });
      return { root, receipt: found, files };
    },
    async newest() {
      let found = { client: '', receipt: '' };
      await ask({ command: 'newest', root: { sudo: 'no' } }, (line) => {
        const [, client = '', receipt = ''] = /^newest ([0-9a-f]{16}) ([0-9a-z-]{1,64})$/.exec(line) ?? [];
        found = { client, receipt };
        return client !== '';
      });
      return found;
    },
    async reload(call) {
      await ask({ command: 'reload', root: call }, (line) => /^reloaded \d+$/.test(line));
    },
  };
}

/** How the far side spells the ways to be root. */
export function isRootWay(word: string): word is RootWay {
  return word === 'no' || word === 'n' || word === 'password' || word === 'none';
}

function collectLook(): {
  look(): FilesLook;
  onLine(line: string, channel: FarChannel): Promise<boolean>;
} {
  const files: FoundFile[] = [];
  let family = 'unknown';
  let distribution = '';
  let root: RootWay | undefined;
  return {
    look: () => ({ family, distribution, root, files }),
    async onLine(line, channel) {
      const [word, rest = ''] = splitWords(line, 2);
      const [first = '', second = ''] = splitWords(rest, 2);
      if (word === 'family' && /^[a-z]{1,20}$/.test(first)) {
        family = first;
        distribution = second.trim();
      } else if (word === 'root' && isRootWay(rest)) root = rest;
      else if (word === 'absent' && rest.startsWith('/')) files.push({ state: 'absent', path: rest });
      else if (word === 'refused' && isTargetProblem(first))
        files.push({ state: 'refused', path: second, problem: first });
      else if (word === 'file') return await addFile(rest, channel);
      else return false;
      return true;
    },
  };

  /** `MODE UID GID BYTES DIGEST SHOWN PATH`, then SHOWN bytes and a newline, unless SHOWN is 0 of more. */
  async function addFile(rest: string, channel: FarChannel): Promise<boolean> {
    const [mode = '', uid = '', gid = '', bytes = '', hex = '', shown = '', path = ''] = splitWords(rest, 7);
    if (!/^[0-7]{4}$/.test(mode) || ![uid, gid, bytes, shown].every(isCount)) return false;
    if (!isHex(hex, 64) || !path.startsWith('/') || Number(shown) > maxShownBytes) return false;
    const isShown = Number(bytes) <= maxShownBytes;
    if (isShown !== (shown === bytes)) return false;
    const content = isShown ? await channel.block(Number(shown)) : undefined;
    const digest = digestFromHex(hex, 'files');
    files.push({
      state: 'file',
      path,
      mode,
      uid: Number(uid),
      gid: Number(gid),
      bytes: Number(bytes),
      digest,
      content,
    });
    return true;
  }
}

/** Why a target is refused, as the far side spells it. */
export function isTargetProblem(word: string): word is TargetProblem {
  return word === 'folder' || word === 'symlink' || word === 'not-a-file' || word === 'owner';
}
