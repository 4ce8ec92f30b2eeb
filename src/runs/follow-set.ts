// How far a package set has come, told as its files are read: one item for each set.
import type { PackageFile } from '../bundle/writer.js';
import type { Emit, Item } from '../events.js';
import { text } from '../text/text.js';

export interface FollowSetOptions {
  readonly set: string;
  readonly phase: 'pack' | 'send';
  /** Absent where it goes into a bundle. */
  readonly host?: string;
  readonly files: readonly { readonly bytes: number }[];
  readonly emit: Emit;
}

type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/** @returns what the bytes of each of its files are to go through */
export function followSet(options: FollowSetOptions): (chunks: Chunks) => AsyncGenerator<Uint8Array> {
  const { set, phase, host, files, emit } = options;
  const totalBytes = files.reduce((sum, { bytes }) => sum + bytes, 0);
  const item: Item = {
    id: [phase, ...(host === undefined ? [] : [host]), `packages/${set}`].join(':'),
    kind: 'packages',
    phase,
    label: text().words.packages.label(set),
    ...(host === undefined ? {} : { host }),
  };
  let doneBytes = 0;
  let doneCount = 0;
  let isStarted = false;
  return async function* (chunks) {
    if (!isStarted) emit({ type: 'item.started', ...item, totalBytes });
    isStarted = true;
    for await (const chunk of chunks) {
      yield chunk;
      doneBytes += chunk.byteLength;
      emit({ type: 'item.progress', ...item, doneBytes, totalBytes });
    }
    doneCount += 1;
    if (doneCount === files.length) emit({ type: 'item.finished', ...item, doneBytes });
  };
}

/** The files of all sets on their way into a bundle, each set followed. */
export function followPackages(packageFiles: readonly PackageFile[], emit: Emit): PackageFile[] {
  const bySet = Map.groupBy(packageFiles, ({ path }) => path.split('/', 1)[0] ?? '');
  return [...bySet].flatMap(([set, some]) => {
    const files = some.map(({ size }) => ({ bytes: size }));
    const follow = followSet({ set, phase: 'pack', files, emit });
    return some.map((file) => ({ ...file, open: () => follow(file.open()) }));
  });
}
