// Any single bit that flips in a bundle is found: at random places of every file, over folder and tar, from a seed that can be repeated.
import { readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { openBundle } from '../../src/bundle/reader.js';
import { damageFinding, verifyBundle } from '../../src/bundle/verifier.js';
import { isAirgapError } from '../../src/errors.js';
import { writeBundle } from '../helpers/bundles.js';
import { testImage, testLayer, testSeed } from '../helpers/images.js';
import { withTempDir } from '../helpers/tmp.js';

const flips = 5000;

/** Numbers from 0 to 1, the same for the same seed. */
function createRandom(seed: string): () => number {
  let state = [...seed].reduce(
    (sum, letter) => (Math.imul(sum, 31) + letter.charCodeAt(0)) >>> 0,
    2_166_136_261,
  );
  return () => {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

async function isFound(path: string): Promise<boolean> {
  try {
    const { findings } = await verifyBundle(await openBundle([path]));
    return findings.length > 0;
  } catch (error) {
    // A tar whose first header or seal is hit is no bundle any more.
    if (damageFinding(error) !== undefined || isAirgapError(error, 'BUNDLE_INVALID')) return true;
    if (isAirgapError(error, 'BUNDLE_VERSION')) return true;
    throw error;
  }
}

for (const form of ['folder', 'tar'] as const) {
  test(`every flipped bit of a ${form} is found, at ${flips} random places`, (t) =>
    withTempDir(async (folder) => {
      const seed = testSeed();
      t.log(`AIRGAP_TEST_SEED=${seed}`);
      const random = createRandom(`${seed}${form}`);
      const image = testImage({ name: 'docker.io/plant/app:1', layers: [testLayer('base', 900)] });
      const files = { '/etc/yum.repos.d/docker-ce.repo': '[docker-ce]\n' };
      const [place = ''] = await writeBundle(folder, { images: [image], form, files });
      const bundle = await openBundle([place]);
      t.false(await isFound(place));
      const [volume] = bundle.volumes;
      // As often in a small file as in a large one.
      const targets = form === 'tar' ? [place] : [...(volume?.files.values() ?? [])].map(({ file }) => file);
      const whole = new Map(targets.map((file) => [file, readFileSync(file)]));
      for (let n = 0; n < flips; n += 1) {
        const file = targets[n % targets.length] ?? '';
        const bytes = whole.get(file) ?? Buffer.alloc(0);
        const at = Math.floor(random() * bytes.byteLength);
        const bit = 1 << Math.floor(random() * 8);
        const damaged = Buffer.from(bytes);
        damaged[at] = (damaged[at] ?? 0) ^ bit;
        writeFileSync(file, damaged);
        if (!(await isFound(place))) return t.fail(`bit ${bit} of byte ${at} of ${file} (seed ${seed})`);
        writeFileSync(file, bytes);
      }
      t.false(await isFound(place));
    }));
}
