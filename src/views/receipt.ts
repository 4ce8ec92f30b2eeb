// Receipts as lines: what arrived, how it was proved in plain words, what travelled; and the list of earlier ones.
import type { ImageReceipt, Receipt } from '../receipt/receipt.js';
import { formatBytes, formatDuration } from '../text/format.js';
import { text } from '../text/text.js';
import { displayWidth, padEnd, wrap } from '../text/width.js';
import { receiptFileLines } from './files.js';
import { type Line, span } from './line.js';
import { receiptPackageLines } from './packages.js';
import { engineLabel, shortId } from './plan.js';
import { fields, table } from './table.js';

/** What a send ends with: short, one block a host. */
export function viewResult(receipt: Receipt, columns: number): Line[] {
  const { words } = text();
  return [
    [span('strong', words.receipt.title(receipt.host, engineLabel(receipt.engine)))],
    ...proofLines(receipt.images, columns),
    ...receiptFileLines(receipt),
    ...receiptPackageLines(receipt),
    ...fields(
      [
        ...bytesRows(receipt),
        [words.receipt.labels.receipt, words.receipt.show(receipt.id.slice(0, 8))] as const,
      ],
      2,
    ),
  ];
}

/** One receipt, whole. */
export function viewReceipt(receipt: Receipt, columns: number): Line[] {
  const words = text().words.receipt;
  const { fields: labels } = words;
  const { bundle, signer } = receipt;
  return [
    ...fields([
      [labels.host, receipt.address === receipt.host ? receipt.host : `${receipt.host} (${receipt.address})`],
      [labels.engine, engineLabel(receipt.engine)],
      [labels.platform, receipt.platform],
      [labels.started, localTime(receipt.startedAt)],
      [labels.took, formatDuration(receipt.durationMs)],
      [labels.tool, receipt.tool],
      ...(bundle === undefined ? [] : [[labels.bundle, words.bundle(bundle.name, bundle.digest)] as const]),
      ...(signer === undefined ? [] : [[labels.signer, signerLabel(signer)] as const]),
    ]),
    '',
    ...receipt.images.flatMap((image) => [
      ...proofLines([image], columns),
      ...fields(
        [
          [labels.imageId, image.imageId],
          ...(image.farId === image.imageId ? [] : [[labels.farId, image.farId] as const]),
          [labels.platform, image.platform],
          ...(image.source === image.reference ? [] : [[labels.source, image.source] as const]),
        ],
        4,
      ),
    ]),
    ...receiptFileLines(receipt),
    ...receiptPackageLines(receipt),
    ...fields(bytesRows(receipt), 2),
  ];
}

/** `alice, SHA256:…`: the name that was trusted, and the key. */
export function signerLabel({ name, fingerprint }: NonNullable<Receipt['signer']>): string {
  return name === undefined ? fingerprint : `${name}, ${fingerprint}`;
}

/** The list, numbered from 1 = newest. */
export function viewReceipts(receipts: readonly Receipt[], columns: number): Line[] {
  const words = text().words.receipt;
  if (receipts.length === 0) return [words.empty];
  return table(
    [
      { title: words.columns.number, right: true },
      { title: words.columns.id },
      { title: words.columns.when },
      { title: words.columns.host, shrinks: true },
      { title: words.columns.sent, right: true },
      { title: words.columns.took, right: true },
      { title: words.columns.images, shrinks: true },
    ],
    receipts.map((receipt, at) => [
      String(at + 1),
      receipt.id.slice(0, 8),
      localTime(receipt.startedAt).slice(0, 16),
      receipt.host,
      formatBytes(receipt.layerBytes),
      formatDuration(receipt.durationMs),
      [...receipt.images.map(receiptName), ...(receipt.files ?? []).map((file) => file.to)].join(', '),
    ]),
    { columns },
  );
}

/** The name that was set, as the plan shows it. */
export function receiptName({ reference, fullName = reference }: ImageReceipt): string {
  return fullName;
}

/** `2026-03-01 14:05:09`, in the zone of this machine. */
export function localTime(iso: string): string {
  const time = new Date(iso);
  if (Number.isNaN(time.getTime())) return iso;
  const two = (n: number): string => String(n).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function proofLines(images: readonly ImageReceipt[], columns: number): Line[] {
  const { words } = text();
  // One name may stand for several platforms.
  const nameOf = (image: ImageReceipt): string => {
    const name = receiptName(image);
    const isOneOfSeveral = images.some((one) => receiptName(one) === name && one.platform !== image.platform);
    return isOneOfSeveral ? `${name} (${image.platform})` : name;
  };
  const width = Math.min(30, Math.max(0, ...images.map((image) => displayWidth(nameOf(image)))));
  return images.flatMap((image): Line[] => {
    const name = nameOf(image);
    const how = (image.present ? words.present : words.proofs)[image.proof];
    const { movedFrom, pulledFrom, sourceManifest } = image;
    const pulled = pulledFrom === undefined ? '' : words.receipt.pulled(pulledFrom);
    const moved = movedFrom === undefined ? '' : words.receipt.moved(shortId(movedFrom));
    const remade = sourceManifest === undefined ? '' : words.receipt.remade(shortId(sourceManifest));
    const proof = `${how}${pulled}${moved}${remade}`;
    // A long name stands alone, its proof below; a proof is never squeezed into a narrow column.
    const beside = displayWidth(name) <= width;
    const indent = beside ? 2 + width + 2 : 4;
    const [first = '', ...rest] = wrap(proof, Math.max(30, columns - indent));
    const blank = ' '.repeat(indent);
    if (!beside) return [['  ', span('ok', name)], ...[first, ...rest].map((part) => blank + part)];
    return [['  ', span('ok', padEnd(name, width)), '  ', first], ...rest.map((part) => blank + part)];
  });
}

function bytesRows(receipt: Receipt): (readonly [string, Line])[] {
  const { receipt: words } = text().words;
  // Receipts of old count a layer once for each image that has it.
  const layers = (kind: 'held' | 'sent' | 'spliced'): number =>
    receipt.layerCounts?.[kind] ?? receipt.images.reduce((sum, image) => sum + image.layers[kind], 0);
  const { held, spliced } = receipt.routeBytes;
  const shared = receipt.layerCounts?.shared ?? 0;
  const rows: (readonly [string, Line])[] = [
    [words.labels.sent, words.sent(formatBytes(receipt.layerBytes), layers('sent'))],
  ];
  if (shared > 0) rows.push([words.labels.shared, words.shared(shared)]);
  if (layers('held') > 0 && (held > 0 || receipt.layerCounts !== undefined))
    rows.push([
      words.labels.held,
      (receipt.target === 'registry' ? text().words.push : words).held(formatBytes(held), layers('held')),
    ]);
  if (layers('spliced') > 0) {
    rows.push([words.labels.spliced, words.spliced(formatBytes(spliced), layers('spliced'))]);
  }
  if (receipt.resumedBytes > 0) {
    rows.push([words.labels.resumed, words.resumed(formatBytes(receipt.resumedBytes))]);
  }
  if (receipt.attached !== undefined) {
    const { push } = text().words;
    const { count, bytes } = receipt.attached;
    rows.push([push.labels.attached, push.attached(count, formatBytes(bytes))]);
  }
  rows.push([
    words.labels.wire,
    words.wire(formatBytes(receipt.wireBytes), formatDuration(receipt.durationMs)),
  ]);
  return rows;
}
