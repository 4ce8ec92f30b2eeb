// The package sets of a bundle, as a host gets them. @see docs/format.md B-16
import type { Readable } from 'node:stream';
import { driveError } from '../bundle/drive-errors.js';
import type { Bundle } from '../bundle/reader.js';
import { AirgapError } from '../errors.js';
import type { CarriedPackages } from './host-packages.js';

/** Nothing is read before it is sent. */
export function packagesOf(bundle: Bundle): CarriedPackages {
  const { name, packages, contents } = bundle.manifest;
  return {
    bundle: name,
    sets: packages.map(({ set, kind, names }) => {
      const folder = `packages/${set}/`;
      const files = contents.filter(({ path }) => path.startsWith(folder));
      return {
        set,
        kind,
        names,
        files: files.map(({ path, bytes, digest }) => ({
          path: path.slice(folder.length),
          bytes,
          digest,
          open: () => Promise.resolve(readExactly(bundle, path, bytes)),
        })),
      };
    }),
  };
}

/** One byte more or less would be taken for a line of the far side's grammar. */
async function* readExactly(bundle: Bundle, path: string, bytes: number): AsyncGenerator<Uint8Array> {
  const changed = (): AirgapError =>
    new AirgapError('BUNDLE_DAMAGED', { path: bundle.path, file: path, problem: 'digest' });
  let left = bytes;
  try {
    const stream: Readable = await bundle.stream(path);
    for await (const chunk of stream) {
      const piece: Uint8Array = chunk;
      left -= piece.byteLength;
      if (left < 0) throw changed();
      yield piece;
    }
  } catch (error) {
    throw await driveError(error, bundle.path);
  }
  if (left > 0) throw changed();
}
