// Bundles sealed by a hostile maker: airgap.json and SHA256SUMS are consistent, but recipes, tails or layers lie.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { recipeFile } from '../../src/bundle/paths.js';
import { importProgram } from '../../src/far/program.js';
import { hexOf } from '../../src/oci/digest.js';
import { listNames } from '../helpers/image-proofs.js';
import { testImage, testLayer } from '../helpers/images.js';
import type { BundleSpec } from '../helpers/import-bundles.js';
import { architecture, bundleOn, makeDrive, runImport, stageLeft } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { needsOf, type RigKind, shareRig } from '../rig/rig.js';

const kinds = ['d20', 'd28c'] as const satisfies readonly RigKind[];
const layers = [testLayer('hostile-base', 5000), testLayer('hostile-top', 700)];
const image = testImage({ name: 'docker.io/plant/app:1', architecture, layers });
const hex = hexOf(image.imageId);
const recipe = recipeFile(image.imageId);

/** The recipe with something else in it. */
const inRecipe = (from: string | RegExp, to: string) => (file: string, bytes: Buffer) =>
  file === recipe ? Buffer.from(bytes.toString().replace(from, to)) : bytes;
const inBundle = (from: string | RegExp, to: string) => (file: string, bytes: Buffer) =>
  file === 'recipes/bundle' ? Buffer.from(bytes.toString().replace(from, to)) : bytes;
const inFamiliar = inRecipe(/^familiar .*$/m, `familiar sha256:${hex}`);
/** The same length, so that nothing but these bytes differs; check sums of headers cover headers only. */
const inFrames = (from: string, to: string) => (file: string, bytes: Buffer) => {
  if (file !== `${recipe}.frames`) return bytes;
  const text = bytes.toString('latin1');
  if (!text.includes(from) || from.length !== to.length) throw new Error(`no ${from}`);
  return Buffer.from(text.replaceAll(from, to), 'latin1');
};

type Lie = Pick<BundleSpec, 'lie' | 'lieOfLayer'>;
const lies: Readonly<Record<string, Lie>> = {
  'a recipe that names another image': { lie: inRecipe(`image ${hex}`, `image ${'a'.repeat(64)}`) },
  'a temporary name of the maker': { lie: inRecipe(/^temporary .*$/m, 'temporary nginx:latest') },
  'an option for a name': { lie: inRecipe(/^name .*$/m, 'name --privileged') },
  'a familiar name that differs': { lie: inRecipe(/^familiar .*$/m, 'familiar nginx:latest') },
  'a path for a layer': { lie: inRecipe(/^(layer 0 )[0-9a-f]+/m, '$1../../../../etc/passwd') },
  'a blob that is a path': { lie: inRecipe(/^(layer 0 .* )[0-9a-f]{64}( \d+)$/m, '$1../../etc/shadow$2') },
  'a negative size': { lie: inRecipe(/^(layer 0 [0-9a-f]+ [0-9a-f]+ )\d+/m, '$1-5') },
  'a size in octal': { lie: inRecipe(/^(layer 0 [0-9a-f]+ [0-9a-f]+ )/m, '$10') },
  'a size that is no number': { lie: inRecipe(/^(layer 0 [0-9a-f]+ [0-9a-f]+ )\d+/m, '$1$(reboot)') },
  'a size that overflows': { lie: inRecipe(/^(layer 0 [0-9a-f]+ [0-9a-f]+ )\d+/m, '$199999999999999999999') },
  'a tail elsewhere': { lie: inRecipe(/^tail raw \d+/m, 'tail raw 0') },
  'layers out of order': { lie: inRecipe(/^layer 1 /m, 'layer 0 ') },
  'words behind the end': { lie: inRecipe(/^end\n/m, 'end\nname nginx\n') },
  'a recipe without an end': { lie: inRecipe(/^end\n/m, '') },
  'a platform with a quote': { lie: inRecipe(/^platform .*$/m, 'platform linux/amd64","x":"') },
  'another name in the tail': {
    lie: inFrames(
      `airgap.local/loading:b0b0b0b0b0b0b0b0-${hex.slice(0, 40)}`,
      `evil.local/xoading:b0b0b0b0b0b0b0b0-${hex.slice(0, 42)}`,
    ),
  },
  'another entry in the tail': { lie: inFrames('"RepoTags":["airgap', '"RepoTags":["aingap') },
  'a header that is a link': { lie: inFrames('ustar', 'ustaz') },
  'a bundle line with a path': { lie: inBundle(/^image [0-9a-f]+/m, 'image ../../etc') },
  'a name that an engine takes for an ID': {
    lie: (file, bytes) =>
      inBundle(/^(image [0-9a-f]+) \S+/m, `$1 sha256:${hex}`)(file, inFamiliar(file, bytes)),
  },
  'a name with a space': { lie: inBundle(/^name .*$/m, 'name a b') },
  'a tool with an escape': { lie: inBundle(/^tool .*$/m, 'tool \u001b[2J') },
  'a file with a way up': {
    lie: inBundle(/^end$/m, `file file 0644 1 ${'a'.repeat(64)} files/../x /etc/x\nend`),
  },
  'a target with a way up': {
    lie: inBundle(/^end$/m, `file file 0644 1 ${'a'.repeat(64)} files/001-x /etc/../x\nend`),
  },
  'a mode with more bits': {
    lie: inBundle(/^end$/m, `file file 4755 1 ${'a'.repeat(64)} files/001-x /etc/x\nend`),
  },
  'a package that is an option': {
    lie: inBundle(/^end$/m, 'packages deb set --allow-unauthenticated;x\nend'),
  },
  'more volumes than there are': { lie: inBundle(/^volumes 1$/m, 'volumes 2') },
  'layer bytes that are longer': { lieOfLayer: ({ tar }) => Buffer.concat([tar, Buffer.alloc(1024, 'x')]) },
  'layer bytes that are shorter': { lieOfLayer: ({ tar }) => tar.subarray(0, tar.byteLength - 512) },
  'other layer bytes of the same length': {
    lieOfLayer: ({ tar }) => Buffer.from(tar.map((byte, at) => (at === 600 ? byte ^ 1 : byte))),
  },
};

for (const kind of kinds) {
  const needs = [...needsOf(kind), 'gzip'];
  const { serial: test } = needing(...needs);
  const rig = shareRig({ test: needing(...needs), hosts: [kind], near: false });

  test(`an honest bundle passes where lies do not (${kind})`, async (t) => {
    const host = rig.host(kind);
    const { inside } = await bundleOn(await makeDrive(host), { images: [image] });
    const said = await runImport(host, inside[0] ?? '');
    t.is(said.exitCode, 0, said.stderr);
    await host.wipe();
  });

  // One engine for what is found before an engine is given anything.
  for (const [title, lie] of Object.entries(lies).filter(
    ([, one]) => kind === 'd20' || one.lieOfLayer !== undefined,
  )) {
    test(`${title}: refused, and nothing is left (${kind})`, async (t) => {
      const host = rig.host(kind);
      const drive = await makeDrive(host);
      const { inside, volumes } = await bundleOn(drive, { images: [image], ...lie });
      t.deepEqual(await readFile(path.join(volumes[0] ?? '', 'import.sh')), importProgram());
      const said = await runImport(host, inside[0] ?? '');
      t.true([20, 21, 48, 50].includes(said.exitCode), `${said.exitCode} ${said.stderr}`);
      // The shell itself never complains, and nothing of the maker's reaches the terminal raw.
      t.notRegex(said.stderr, /import\.sh: (line )?\d+/);
      t.false(said.stderr.includes('\u001b'));
      t.deepEqual(await listNames(host.docker), []);
      t.is(await stageLeft(host), '');
    });
  }
}
