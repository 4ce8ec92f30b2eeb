// Bundles as lines: what verify has proved or found, and what show tells of one.
import { isAirgapError } from '../errors.js';
import { familiarReference, parseReference } from '../oci/reference.js';
import type { BundleFinding, ShownBundle, VerifyResult } from '../runs/api.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { wrap } from '../text/width.js';
import { type Line, span } from './line.js';
import { shortId } from './plan.js';
import { fields, table } from './table.js';

/** More than this scrolls away; --json has them all. */
const maxFindings = 50;

/** What was proved, and what was found. */
export function viewVerified(result: VerifyResult, columns: number): Line[] {
  const words = text().words.bundle;
  const labels = words.fields;
  const { findings, missingVolumes } = result;
  const rows: (readonly [string, Line])[] = [[labels.bundle, result.name ?? result.path]];
  if (result.digest !== undefined && result.tool !== undefined) {
    rows.push(
      [labels.digest, result.digest],
      [labels.tool, result.tool],
      [labels.volumes, words.volumes(result.volumeCount, missingVolumes)],
      [labels.read, words.read(result.fileCount, result.bytes, result.durationMs)],
      [labels.unpacked, result.deep ? words.unpacked(result.layerCount, result.rawBytes) : words.notUnpacked],
      [labels.signature, signatureLine(result.signature)],
    );
  }
  const others = findings.filter(({ code }) => code !== 'BUNDLE_VOLUME_MISSING');
  const proved = missingVolumes.length > 0 ? words.provedSome : result.deep ? words.provedDeep : words.proved;
  return [
    ...fields(rows),
    '',
    ...(others.length === 0 ? [[span('ok', proved)] as Line] : []),
    ...(findings.length === 0 ? [] : [[span('error', words.findings(findings.length))] as Line]),
    ...findings.slice(0, maxFindings).flatMap((finding) => findingLines(finding, result, columns)),
    ...(findings.length > maxFindings ? [`  ${words.findingsMore(findings.length - maxFindings)}`] : []),
  ];
}

function findingLines(
  { code, file, problem, volume, message }: BundleFinding,
  { volumeCount }: VerifyResult,
  columns: number,
): Line[] {
  const where = volumeCount > 1 ? volume : undefined;
  // A path is never broken: it is copied from here.
  if (problem !== undefined) return [`  ${text().words.bundle.finding(file, problem, where)} [${code}]`];
  return wrap(`${message} [${code}]`, Math.max(30, columns - 4)).map(
    (part, at) => `${at === 0 ? '  ' : '    '}${part}`,
  );
}

/** What is inside. */
export function viewBundle(shown: ShownBundle, columns: number): Line[] {
  const words = text().words.bundle;
  const labels = words.fields;
  const { manifest, sums } = shown;
  const rows: (readonly [string, Line])[] = [
    [labels.bundle, manifest.name],
    [labels.digest, shown.digest],
    [labels.tool, words.made(manifest.tool, manifest.codec, manifest.level)],
    [labels.volumes, words.volumes(manifest.volumes, shown.missingVolumes)],
    [labels.signature, signatureLine(shown.signature)],
    [labels.sizes, words.sizes(sums.storedBytes, sums.rawBytes)],
  ];
  if (sums.savedBytes > 0) rows.push(['', words.saved(sums.savedBytes)]);
  if (sums.attached !== undefined) {
    const { push } = text().words;
    rows.push([push.labels.attached, push.attached(sums.attached.count, formatBytes(sums.attached.bytes))]);
  }
  if (sums.omittedBytes > 0)
    rows.push([
      labels.base,
      words.base(
        sums.omittedBytes,
        manifest.base.map(({ name }) => name),
      ),
    ]);
  return [
    ...fields(rows),
    ...imageLines(shown, columns),
    ...layerLines(shown, columns),
    ...fileLines(shown, columns),
    ...packageLines(shown, columns),
    '',
    [span('warn', words.notVerified(shown.path))],
  ];
}

function signatureLine(signature: VerifyResult['signature']): Line {
  const words = text().words.bundle.signatures;
  switch (signature.state) {
    case 'unsigned':
      return words.unsigned;
    case 'unchecked':
      return words.unchecked(signature.fingerprint);
    case 'good':
      return [span('ok', words.good(signature.signer, signature.fingerprint))];
    case 'invalid':
      return [span('error', words.invalid)];
  }
}

function imageLines({ images }: ShownBundle, columns: number): Line[] {
  if (images.length === 0) return [];
  const { imagesTitle, imageColumns: titles, keptIndex } = text().words.bundle;
  const isKept = images.some(({ kept }) => kept !== undefined);
  return [
    '',
    [span('strong', imagesTitle(images.length))],
    ...table(
      [
        { title: titles.name, shrinks: true },
        { title: titles.id },
        { title: titles.platform },
        { title: titles.layers, right: true },
        { title: titles.size, right: true },
        ...(isKept ? [{ title: titles.kept }] : []),
      ],
      images.map((image) => [
        image.reference,
        shortId(image.imageId),
        image.platform,
        String(image.layerCount),
        formatBytes(image.rawBytes),
        ...(isKept ? [keptText(image.kept, keptIndex)] : []),
      ]),
      { columns, indent: 2 },
    ),
  ];
}

const keptText = (kept: ShownBundle['images'][number]['kept'], index: string): string =>
  kept === undefined ? '' : `${shortId(kept.digest)}${kept.of === 'index' ? ` ${index}` : ''}`;

function layerLines({ layers }: ShownBundle, columns: number): Line[] {
  if (layers.length === 0) return [];
  const { layersTitle, layerColumns: titles, omitted } = text().words.bundle;
  return [
    '',
    [span('strong', layersTitle(layers.length))],
    ...table(
      [
        { title: titles.layer },
        { title: titles.stored, right: true },
        { title: titles.raw, right: true },
        { title: titles.images, shrinks: true },
      ],
      layers.map((layer) => [
        shortId(layer.diffId),
        layer.bytes === undefined ? omitted : formatBytes(layer.bytes),
        formatBytes(layer.rawBytes),
        layer.images.map(familiar).join(', '),
      ]),
      { columns, indent: 2 },
    ),
  ];
}

/** As docker prints it; a name that is none stands as it is. */
function familiar(reference: string): string {
  try {
    return familiarReference(parseReference(reference));
  } catch (error) {
    if (isAirgapError(error)) return reference;
    throw error;
  }
}

function fileLines({ manifest: { files } }: ShownBundle, columns: number): Line[] {
  if (files.length === 0) return [];
  const { filesTitle, fileColumns: titles, kinds } = text().words.bundle;
  return [
    '',
    [span('strong', filesTitle(files.length))],
    ...table(
      [
        { title: titles.to, shrinks: true },
        { title: titles.mode },
        { title: titles.kind },
        { title: titles.size, right: true },
      ],
      files.map((file) => [file.to, file.mode, kinds[file.kind], formatBytes(file.bytes)]),
      { columns, indent: 2 },
    ),
  ];
}

function packageLines({ manifest: { packages } }: ShownBundle, columns: number): Line[] {
  if (packages.length === 0) return [];
  const { packagesTitle, packageColumns: titles } = text().words.bundle;
  return [
    '',
    [span('strong', packagesTitle(packages.length))],
    ...table(
      [{ title: titles.set }, { title: titles.kind }, { title: titles.names, shrinks: true }],
      packages.map(({ set, kind, names }) => [set, kind, names.join(' ')]),
      { columns, indent: 2 },
    ),
  ];
}
