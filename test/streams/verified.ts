import test from 'ava';
import { digestOf } from '../../src/oci/digest.js';
import { verified } from '../../src/streams/verified.js';
import { collect } from '../helpers/layers.js';

const chunks = [Buffer.from('one '), Buffer.from('and two')];
const digest = digestOf('one and two');

test('right bytes pass unchanged', async (t) => {
  const passed = await collect(verified(chunks, { what: 'blob', digest, size: 11 }));
  t.is(Buffer.concat(passed).toString(), 'one and two');
});

test('another digest fails at the end, with both digests', async (t) => {
  const want = digestOf('other');
  const error = await t.throwsAsync(collect(verified(chunks, { what: 'blob', digest: want })), {
    code: 'DIGEST_MISMATCH',
  });
  t.like(error, { facts: { what: 'blob', got: digest, want } });
});

test('too few bytes fail at the end', async (t) => {
  const error = await t.throwsAsync(collect(verified(chunks, { what: 'blob', digest, size: 12 })));
  t.like(error, { code: 'SIZE_MISMATCH', facts: { got: 11, want: 12 } });
});

test('too many bytes fail before they pass', async (t) => {
  const passed: Buffer[] = [];
  await t.throwsAsync(
    async () => {
      for await (const chunk of verified(chunks, { what: 'blob', size: 5 })) passed.push(chunk);
    },
    { code: 'SIZE_MISMATCH' },
  );
  t.is(Buffer.concat(passed).toString(), 'one ');
});
