// A process that fills a spool from a file whose end never comes, until it is killed. Arguments: folder, file, diffID,
// how many bytes to give before it stands still.
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { parseDiffId } from '../../src/oci/digest.js';
import { openSpool } from '../../src/streams/spool.js';

const [, , directory = '', file = '', digest = '', given = '0'] = process.argv;

async function* stalling(): AsyncGenerator<Buffer> {
  yield* createReadStream(file, { end: Number(given) - 1 });
  await new Promise((resolve) => setTimeout(resolve, 600_000));
}

const diffId = parseDiffId(digest, 'an argument');
const spool = await openSpool({ directory });
await spool.need([diffId]);
await spool.fill(
  { diffId, uncompressedBytes: undefined, stream: Readable.from(stalling()) },
  { codecs: ['zstd'], chooseLevel: () => 6, wanted: new Set([diffId]) },
);
