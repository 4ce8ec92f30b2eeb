// The typed calls for packages: look, bring a set, install from it. Used by far.ts, which owns the channel.
import { hexOf } from '../oci/digest.js';
import type { AskFar } from './far-files.js';
import { isRootWay } from './far-files.js';
import type { RootWay } from './file-facts.js';
import type { FarPackages, PackageKind, PackagesLook, SetFile, SetName } from './package-facts.js';
import { isCount, splitWords } from './words.js';

/** @param ask one call of the far side */
export function createFarPackages(ask: AskFar): FarPackages {
  return {
    async packages(call) {
      let root: RootWay | undefined;
      let room: PackagesLook['room'];
      const managers = new Map<PackageKind, string>();
      await ask({ command: 'packages', root: call }, (line) => {
        const [word, first = '', manager = ''] = splitWords(line, 3);
        if (word === 'root' && isRootWay(first)) root = first;
        else if (
          word === 'manager' &&
          (first === 'deb' || first === 'rpm') &&
          /^[a-z-]{1,20}$/.test(manager)
        ) {
          if (manager !== 'none') managers.set(first, manager);
        } else if (word === 'room' && isCount(first)) room = { freeBytes: Number(first), device: manager };
        else return false;
        return true;
      });
      return { root, managers, ...(room === undefined ? {} : { room }) };
    },
    async putSet(call, name, files) {
      let place = '';
      const onLine = (line: string): boolean => {
        place = /^copied (\/[A-Za-z0-9._/-]+)$/.exec(line)?.[1] ?? place;
        return line.startsWith('copied /');
      };
      await ask({ command: 'set', words: wordsOf(name), root: call }, onLine, setStream(files));
      return place;
    },
    async setUp(call, name, { kind, names }) {
      const words = [...wordsOf(name), `packages=${kind}`];
      const stdin = [...names.map((one) => `name ${one}`), 'end', ''].join('\n');
      await ask(
        { command: 'setup', words, root: call, unstoppable: true },
        (line) => line === 'installed',
        stdin,
      );
    },
  };
}

function wordsOf({ bundle, set }: SetName): string[] {
  return [`bundle=${bundle}`, `set=${set}`];
}

/** Never whole in memory: a set may be larger than that. */
async function* setStream(files: readonly SetFile[]): AsyncGenerator<string | Uint8Array> {
  for (const file of files) {
    yield `file ${file.bytes} ${hexOf(file.digest)} ${file.path}\n`;
    yield* await file.open();
  }
  yield 'end\n';
}
