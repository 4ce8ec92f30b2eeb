// `airgap export --with-referrers`: signatures and attestations go onto the drive with their image, are proved there, and are found at
// the registry that the bundle is pushed to.
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { BundleAttached } from '../../src/bundle/manifest.js';
import { hexOf } from '../../src/oci/digest.js';
import { attachedRepository, expectAttached, type Made, makeAttached } from '../helpers/attached.js';
import { makeDrive, runImport } from '../helpers/import-host.js';
import { needing } from '../helpers/needs.js';
import { type PushSite, receiptOf, withPushSite } from '../helpers/push-site.js';
import { listNames } from '../helpers/real-images.js';
import { needsOf, shareRig } from '../rig/rig.js';

const needs = ['registry', ...needsOf('d28c')];
const test = needing(...needs);
const rig = shareRig({ test: needing(...needs), hosts: ['d28c'], near: false });

interface Exported extends PushSite {
  readonly made: Made;
  readonly drive: string;
  readonly bundle: string;
  /** Exports it again with more words on the line. */
  exportWith(...more: readonly string[]): ReturnType<PushSite['near']['run']>;
  attached(): Promise<readonly BundleAttached[]>;
}

async function withExport(words: readonly string[], use: (made: Exported) => Promise<void>): Promise<void> {
  await withPushSite(async (push) => {
    const made = await makeAttached(push, 2_000_000);
    const source = (await push.site.registry({})).host;
    const drive = path.join(push.near.folder, 'drive');
    const bundle = path.join(drive, 'airgap-bundle');
    const exportWith: Exported['exportWith'] = (...more) =>
      push.near.run(['export', drive, `docker://${source}/${attachedRepository}:1=near/multi:2`, ...more]);
    const first = await exportWith(...words);
    if (first.exitCode !== 0) throw new Error(first.stderr + first.stdout);
    const attached = async (): Promise<readonly BundleAttached[]> =>
      JSON.parse(await readFile(path.join(bundle, 'airgap.json'), 'utf8')).attached ?? [];
    await use({ ...push, made, drive, bundle, exportWith, attached });
  });
}

const all = ['--platform', 'all', '--with-referrers'];

test('late-drive: a drive that is not mounted is told before a registry is asked', async (t) => {
  await withPushSite(async ({ near, site }) => {
    const proxy = await site.proxy({ to: site.open.origin });
    const drive = path.join(near.folder, 'mnt/usb/bundles');
    const exported = await near.run(['export', drive, `docker://${proxy.host}/${attachedRepository}:1`]);
    t.is(exported.exitCode, 26, exported.stderr);
    t.regex(exported.stderr, /DRIVE_FAILED/);
    t.deepEqual(proxy.asked, []);
  });
});

test('what is attached goes onto the drive, is proved there, and is at the registry with the same digests', async (t) => {
  await withExport(all, async (exported) => {
    const { near, bundle, proxy, made, blobBytes } = exported;
    const rows = await exported.attached();
    t.deepEqual(
      rows.map(({ manifest }) => manifest).toSorted(),
      [made.attestation, made.sbom, made.signatureOfSbom, made.cosign].toSorted(),
    );
    const shown = await near.run(['show', bundle]);
    t.regex(shown.stdout, /Attached +4 signatures, attestations and the like/);
    const verified = await near.run(['verify', bundle, '--deep']);
    t.is(verified.exitCode, 0, verified.stdout);

    const pushed = await near.run(['push', bundle, proxy.host, '--json']);
    t.is(pushed.exitCode, 0, pushed.stdout + pushed.stderr);
    t.is(receiptOf(pushed).attached?.count, 4);
    await expectAttached(t, exported, made);
    const since = proxy.asked.length;
    t.is((await near.run(['push', bundle, proxy.host])).exitCode, 0);
    t.is(blobBytes(since), 0);
  });
});

test('an engine has no place for what is attached: import.sh proves it with the rest, and loads the image', async (t) => {
  await withExport(all, async ({ bundle }) => {
    const host = rig.host('d28c');
    const { outside, inside } = await makeDrive(host);
    await cp(bundle, path.join(outside, 'site'), { recursive: true });
    const said = await runImport(host, `${inside}/site`);
    t.is(said.exitCode, 0, said.stderr + said.stdout);
    t.deepEqual(await listNames(host.docker), ['near/multi:2']);
  });
});

test('a plan tells what goes along, and volumes have all of it between them', async (t) => {
  await withExport([...all, '--dry-run'], async (exported) => {
    const { near, drive, proxy, made } = exported;
    const planned = await exported.exportWith(...all, '--dry-run');
    t.regex(planned.stdout, /Attached +4 signatures, attestations and the like/);
    t.regex(planned.stdout, /index/i);
    t.deepEqual(await readdir(drive).catch(() => []), []);
    const split = await exported.exportWith(...all, '--split', '600KB');
    t.is(split.exitCode, 0, split.stderr);
    t.true((await readdir(drive)).length > 2, 'several volumes');
    const verified = await near.run(['verify', drive, '--deep']);
    t.is(verified.exitCode, 0, verified.stdout);
    const pushed = await near.run(['push', `${drive}/`, proxy.host]);
    t.is(pushed.exitCode, 0, pushed.stderr);
    await expectAttached(t, exported, made);
  });
});

test('without being asked for it stays behind, and the plan says what would take it along', async (t) => {
  await withExport(['--platform', 'all'], async (exported) => {
    t.deepEqual(await exported.attached(), []);
    const planned = await exported.exportWith('--platform', 'all', '--dry-run', '--name', 'other');
    t.regex(planned.stdout, /--with-referrers takes them along/);
  });
});

test('of one platform goes what belongs to that; what belongs to the index stays behind, and that is told', async (t) => {
  await withExport(['--platform', 'linux/amd64', '--with-referrers'], async (exported) => {
    t.deepEqual(await exported.attached(), []);
    const again = await exported.exportWith('--with-referrers', '--name', 'other');
    t.is(again.exitCode, 0, again.stderr);
    t.regex(again.stderr, /3 things attached to \S+ stay behind/);
  });
});

test('an image that is packed anew has another digest: nothing that is attached would fit it', async (t) => {
  await withExport([...all, '--compress', 'zstd'], async (exported) => {
    t.deepEqual(await exported.attached(), []);
    t.is((await exported.near.run(['verify', exported.bundle, '--deep'])).exitCode, 0);
  });
});

test('lying-attachment: bytes of a signature that have changed on the drive are found, and never pushed', async (t) => {
  await withExport(all, async (exported) => {
    const { near, bundle, proxy, made, manifest } = exported;
    const cosign = (await exported.attached()).find((one) => one.manifest === made.cosign);
    const [blob] = cosign?.blobs.slice(-1) ?? [];
    if (blob === undefined) throw new Error('there is no blob');
    const file = path.join(bundle, 'blobs/sha256', hexOf(blob));
    await writeFile(file, (await readFile(file)).fill('x'));
    const verified = await near.run(['verify', bundle]);
    t.is(verified.exitCode, 21, verified.stdout);
    t.true(verified.stdout.includes(hexOf(blob)));
    const pushed = await near.run(['push', bundle, proxy.host]);
    t.not(pushed.exitCode, 0);
    t.regex(pushed.stderr, /DIGEST_MISMATCH|BUNDLE_DAMAGED/);
    t.is((await manifest('near/multi:2')).status, 404);
  });
});
