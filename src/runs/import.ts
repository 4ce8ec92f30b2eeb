// The run behind `airgap import`: proves a bundle whole, then sends its images and files to this machine's engine or to a host,
// by the very same plan, proof and receipt as a send. What import.sh does with nothing but a shell.
import { hostname } from 'node:os';
import type { BundleImage } from '../bundle/manifest.js';
import { type Bundle, openBundle } from '../bundle/reader.js';
import { AirgapError, isAirgapError } from '../errors.js';
import { formatPlatform, type Platform, parsePlatform, platformFits } from '../oci/platform.js';
import { familiarReference, parseReference } from '../oci/reference.js';
import type { Plan } from '../plan/plan.js';
import type { Receipt } from '../receipt/receipt.js';
import { text } from '../text/text.js';
import type { FileChoice, ImportOptions, ImportResult, SendOptions } from './api.js';
import { handOver } from './hand-over.js';
import { packagesOf } from './import-packages.js';
import { findVolumes, forgetVolumes } from './import-volumes.js';
import { passportIn } from './passport.js';
import type { SendParts } from './prepare-host.js';
import type { RunContext } from './run.js';
import { send } from './send.js';
import { type VerifyResult, verify } from './verify-bundle.js';

/** What core.ts supplies. */
export interface ImportParts {
  readonly send: Omit<
    SendParts,
    | 'openImage'
    | 'checkSource'
    | 'runningImages'
    | 'bundleName'
    | 'keepsPacked'
    | 'packages'
    | 'dressReceipt'
    | 'hostDone'
  >;
  openBundleImage(bundle: Bundle, image: BundleImage): ReturnType<SendParts['openImage']>;
  /** The name of this machine as a host. */
  readonly here: string;
  /** Where volumes of several drives are kept until the bundle is whole. */
  readonly volumesDirectory: string;
}

/**
 * Nothing is staged, loaded or written before every byte of the bundle has been proved.
 * @throws {AirgapError} BUNDLE_*, SIGNATURE_INVALID, what a send throws
 */
export async function importBundle(
  parts: ImportParts,
  options: ImportOptions,
  context: RunContext,
): Promise<ImportResult> {
  const { volumesDirectory, here } = parts;
  const { paths, kept } = await findVolumes({ paths: options.paths, volumesDirectory, context });
  const signature = await proveAll(paths, options, context);
  const bundle = await openBundle(paths);
  const images = chooseFrom(bundle, options);
  const files = options.imagesOnly === true ? [] : await filesOf(bundle);
  const hasPackages = bundle.manifest.packages.length > 0 && options.imagesOnly !== true;
  const packages = hasPackages && options.installPackages === true ? packagesOf(bundle) : undefined;
  if (hasPackages && packages === undefined) {
    const message = text().words.import.packages(bundle.manifest.packages.map(({ set }) => set));
    context.emit({ type: 'warning', code: 'PACKAGES_LEFT', message });
  }
  if (images.length === 0 && files.length === 0 && packages === undefined)
    throw new AirgapError('USAGE', {
      problem: text().words.import.nothing(bundle.manifest.name),
      command: 'import',
      ...(hasPackages ? { hint: text().words.import.packagesHint } : {}),
    });
  const host = options.to ?? here;
  const rowsBySource = Map.groupBy(images, sourceOf);
  const sendOptions: SendOptions = {
    ...options,
    hosts: [host],
    images: [...rowsBySource.keys()].map((source) => ({ source })),
    files,
    // To this machine nothing travels: packing would only cost time.
    ...(options.to === undefined ? { compress: { codec: 'none' as const } } : {}),
  };
  let passport: string | undefined;
  const done = await send(
    {
      ...parts.send,
      checkSource: () => undefined,
      runningImages: async () => ({ images: [], supposed: [] }),
      openImage: async (source, { platform }) => {
        const rows = rowsBySource.get(source) ?? [];
        return await parts.openBundleImage(bundle, rowFor(rows, source, platform));
      },
      bundleName: bundle.manifest.name,
      keepsPacked: true,
      ...(packages === undefined ? {} : { packages }),
      dressReceipt: (receipt, plan) =>
        dress(receipt, plan, { bundle, signature, isHere: options.to === undefined }),
      hostDone: async (prepared) => {
        passport = await tryPassport(prepared, context);
      },
    },
    sendOptions,
    context,
  );
  const returns =
    options.dryRun === true
      ? undefined
      : await handOver({ beside: bundle.volumes[0]?.place, receipts: done.receipts, passport }, context);
  if (kept && options.dryRun !== true) await forgetVolumes(volumesDirectory, bundle.digest);
  return {
    ...done,
    bundle: { name: bundle.manifest.name, digest: bundle.digest },
    ...(returns === undefined ? {} : { returns }),
  };
}

/** @throws the first of what was found; SIGNATURE_INVALID */
async function proveAll(
  paths: readonly string[],
  options: ImportOptions,
  context: RunContext,
): Promise<VerifyResult['signature']> {
  const { allowedSigners, requireSignature, engine } = options;
  const {
    findings,
    path: place,
    signature,
  } = await verify(
    {
      paths,
      // Nobody unpacks what is put into a layout.
      ...(engine?.startsWith('layout:') === true ? { deep: 'carried' } : {}),
      ...(allowedSigners === undefined ? {} : { allowedSigners }),
      ...(requireSignature === undefined ? {} : { requireSignature }),
    },
    context,
  );
  const [first] = findings;
  if (first === undefined) return signature;
  if (first.code === 'SIGNATURE_INVALID' && signature.state === 'invalid')
    throw new AirgapError('SIGNATURE_INVALID', { path: place, ...signature });
  if (first.problem === undefined)
    throw new AirgapError('BUNDLE_FINDINGS', { path: place, count: findings.length });
  throw new AirgapError('BUNDLE_DAMAGED', { path: place, file: first.file, problem: first.problem });
}

function chooseFrom({ manifest }: Bundle, { only, filesOnly }: ImportOptions): readonly BundleImage[] {
  if (filesOnly === true) return [];
  if (only === undefined || only.length === 0) return manifest.images;
  const names = manifest.images.map((image) => familiarReference(parseReference(image.reference)));
  const unknown = (image: string): AirgapError =>
    new AirgapError('IMAGE_UNKNOWN', { image, store: `bundle:${manifest.name}`, near: names.slice(0, 5) });
  const chosen = only.flatMap((wanted) => {
    // As import.sh takes it: every name of that image.
    const hex = /^(?:sha256:)?([0-9a-f]{64})$/.exec(wanted)?.[1];
    const byId = manifest.images.filter(({ imageId }) => imageId === `sha256:${hex}`);
    if (hex !== undefined && byId.length === 0) throw unknown(wanted);
    if (hex !== undefined) return byId;
    const full = familiarReference(parseReference(wanted));
    const found = manifest.images.filter((_, at) => names[at] === full);
    if (found.length > 0) return found;
    throw unknown(wanted);
  });
  return [...new Set(chosen)];
}

/** Of the images of one name the one for that platform; the host's own is asked for once the host is known. */
function rowFor(rows: readonly BundleImage[], source: string, asked: Platform | undefined): BundleImage {
  const [first] = rows;
  if (first === undefined) throw new Error(`no image ${source} in the bundle`);
  if (rows.length === 1 || asked === undefined) return first;
  const wanted = formatPlatform(asked);
  const found =
    rows.find(({ platform }) => platform === wanted) ??
    rows.findLast(({ platform }) => platformFits(parsePlatform(platform), asked));
  if (found !== undefined) return found;
  throw new AirgapError('PLATFORM_MISSING', {
    image: source,
    wanted,
    found: rows.map(({ platform }) => platform),
  });
}

/** What the images of one name have in common, unlike what receipts tell as the source. */
function sourceOf(image: BundleImage): string {
  return `bundle:${image.reference}`;
}

// Payload files are read whole, like those of a send.
const maxPayloadBytes = 64 * 1024 * 1024;

async function filesOf(bundle: Bundle): Promise<FileChoice[]> {
  const files: FileChoice[] = [];
  for (const { path: file, kind, to, mode } of bundle.manifest.files) {
    const content = await bundle.read(file, maxPayloadBytes);
    // daemon.json keeps the place and mode it has there.
    files.push(
      kind === 'daemon' ? { kind, source: file, content } : { kind, source: file, to, mode, content },
    );
  }
  return files;
}

/** The receipt of an import is the same whether import.sh wrote it or this program, but for ids and times. */
function dress(
  receipt: Receipt,
  plan: Plan,
  {
    bundle,
    signature,
    isHere,
  }: { readonly bundle: Bundle; readonly signature: VerifyResult['signature']; readonly isHere: boolean },
): Receipt {
  const stored = new Map(bundle.manifest.layers.map((layer) => [layer.diffId, layer.bytes]));
  const sent = new Set(
    plan.images.flatMap((image) =>
      image.layers.filter((layer) => layer.route === 'send').map((layer) => layer.diffId),
    ),
  );
  const { linkRate, ...rest } = receipt;
  const layerBytes = [...sent].reduce((sum, diffId) => sum + (stored.get(diffId) ?? 0), 0);
  return {
    ...rest,
    ...(isHere
      ? { host: hostname(), address: 'local:', layerBytes }
      : linkRate === undefined
        ? {}
        : { linkRate }),
    bundle: { name: bundle.manifest.name, digest: bundle.digest },
    ...(signature.state === 'good'
      ? { signer: { name: signature.signer, fingerprint: signature.fingerprint } }
      : {}),
  };
}

/** What the host holds now, which the next bundle need not carry; undefined, and told, where that cannot be learnt. */
async function tryPassport(
  { name, far, session }: Parameters<NonNullable<SendParts['hostDone']>>[0],
  { emit }: RunContext,
): Promise<string | undefined> {
  // For files alone nobody has asked for an engine.
  if (session.probe.engine.state !== 'up') return undefined;
  try {
    return (await passportIn(far, session)).document;
  } catch (error) {
    // Everything has arrived: no reason to call the import a failure.
    if (!isAirgapError(error)) throw error;
    const message = text().words.import.noPassport(name, error.message);
    emit({ type: 'warning', host: name, code: 'PASSPORT_FAILED', message });
    return undefined;
  }
}
