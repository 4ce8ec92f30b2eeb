import zlib from 'node:zlib';
import test from 'ava';
import { createUnpacker } from '../../src/bundle/unpack-layer.js';
import { randomBytesOf } from '../helpers/images.js';

const segment = 8 * 1024 * 1024;
const codecs = { gzip: zlib.gzipSync, zstd: zlib.zstdCompressSync };

/** What comes out of these bytes, handed over in chunks of that size. */
function unpack(codec: 'gzip' | 'zstd', stored: Buffer, chunkBytes = 1_000_003): Buffer {
  const raw: Buffer[] = [];
  const unpacker = createUnpacker(codec, (bytes) => raw.push(Buffer.from(bytes)));
  for (let at = 0; at < stored.byteLength; at += chunkBytes)
    unpacker.push(stored.subarray(at, at + chunkBytes));
  unpacker.end();
  return Buffer.concat(raw);
}

for (const [codec, compress] of Object.entries(codecs) as ['gzip' | 'zstd', (raw: Buffer) => Buffer][]) {
  const random = randomBytesOf('unpack', 300_000);
  const whole = Buffer.alloc(segment, random);
  const unit = compress(whole);

  test(`${codec} units one after another unpack to the tar, in chunks of any size`, (t) => {
    const last = Buffer.from('the end');
    const stored = Buffer.concat([unit, unit, unit, compress(last)]);
    const want = Buffer.concat([whole, whole, whole, last]);
    for (const chunkBytes of [7001, 1 << 20, stored.byteLength])
      t.true(unpack(codec, stored, chunkBytes).equals(want));
    t.is(unpack(codec, Buffer.alloc(0)).byteLength, 0);
    t.is(unpack(codec, compress(Buffer.alloc(0))).byteLength, 0);
  });

  test(`${codec} bytes that do not compress fit the bound of a unit`, (t) => {
    const noise = randomBytesOf('noise', segment);
    t.true(
      unpack(codec, Buffer.concat([compress(noise), compress(noise)]))
        .subarray(segment)
        .equals(noise),
    );
  });

  test(`a ${codec} bomb in one unit stops at the size of a unit`, (t) => {
    t.throws(() => unpack(codec, compress(Buffer.alloc(100 * 1024 * 1024))), { name: 'UnpackError' });
    t.throws(() => unpack(codec, compress(Buffer.alloc(segment + 1))), { name: 'UnpackError' });
  });

  test(`a ${codec} layer that is cut, goes on after its last unit, or has anything behind it is none`, (t) => {
    const short = compress(Buffer.from('short'));
    for (const bad of [
      unit.subarray(0, unit.byteLength - 1),
      unit.subarray(0, 3),
      Buffer.concat([short, short]),
      Buffer.concat([unit, Buffer.from('x')]),
      Buffer.concat([short, Buffer.alloc(20)]),
      Buffer.from('neither of both, and long enough'),
    ])
      t.throws(() => unpack(codec, bad), { name: 'UnpackError' });
  });
}

test('a gzip member whose trailer lies is none', (t) => {
  const member = Buffer.from(zlib.gzipSync('content'));
  member.writeUInt32LE(0, member.byteLength - 8);
  t.throws(() => unpack('gzip', member), { name: 'UnpackError' });
});

test('a zstd frame that wants a window above 8 MiB is none', (t) => {
  const params = { [zlib.constants.ZSTD_c_windowLog]: 24 };
  const stream = zlib.zstdCompressSync(randomBytesOf('window', 100_000), { params });
  // The encoder lowers the window of what it sees whole; a header without a content size keeps what it is told.
  const frame = Buffer.concat([stream.subarray(0, 4), Buffer.from([0x00, 14 << 3]), Buffer.from([1, 0, 0])]);
  t.throws(() => unpack('zstd', frame), { name: 'UnpackError' });
  const within = Buffer.concat([stream.subarray(0, 4), Buffer.from([0x00, 13 << 3]), Buffer.from([1, 0, 0])]);
  t.is(unpack('zstd', within).byteLength, 0);
});
