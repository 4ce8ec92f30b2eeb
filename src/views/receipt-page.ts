// A receipt as one page that prints on paper and needs nothing else: no script, no font, no file beside it.
import { encode } from 'uqr';
import type { FileReceipt, ImageReceipt, PackagesReceipt, Receipt } from '../receipt/receipt.js';
import { formatBytes, formatDuration } from '../text/format.js';
import { text } from '../text/text.js';
import { type Html, html } from './html.js';
import { engineLabel } from './plan.js';
import { receiptName, signerLabel } from './receipt.js';

/** The whole document. */
export function receiptPage(receipt: Receipt): string {
  const words = text().words.receiptPage;
  const { sections, rows } = words;
  const { bundle, routeBytes, signer } = receipt;
  const page = html`<!doctype html>
<html lang="${words.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${words.title(receipt.host)}</title>
<style>${style}</style>
</head>
<body>
<header>
<h1>${words.title(receipt.host)}</h1>
<figure>${qrCode(bundle?.digest ?? receipt.id)}<figcaption>${bundle === undefined ? words.code.receipt : words.code.bundle}</figcaption></figure>
</header>
${section(sections.host, [
  [rows.receipt, receipt.id],
  [rows.host, receipt.host],
  [rows.address, receipt.address],
  [rows.engine, engineLabel(receipt.engine)],
  [rows.platform, receipt.platform],
  // On paper there is no zone to guess from.
  [rows.started, receipt.startedAt],
  [rows.took, formatDuration(receipt.durationMs)],
  [rows.tool, receipt.tool],
])}
${
  bundle === undefined
    ? []
    : section(sections.bundle, [
        [rows.name, bundle.name],
        [rows.digest, bundle.digest],
        ...(signer === undefined ? [] : [[rows.signer, signerLabel(signer)] as const]),
      ])
}
${receipt.images.length === 0 ? [] : html`<h2>${sections.images}</h2>`}
${receipt.images.map(imageSection)}
${filesSection(receipt)}
${packagesSection(receipt)}
${section(sections.bytes, [
  [rows.sent, formatBytes(receipt.layerBytes)],
  [rows.held, formatBytes(routeBytes.held)],
  [rows.spliced, formatBytes(routeBytes.spliced)],
  [rows.wire, formatBytes(receipt.wireBytes)],
])}
${signSection()}
</body>
</html>
`;
  return page.markup;
}

type Rows = readonly (readonly [label: string, value: string])[];

function section(title: string, rows: Rows): Html {
  return html`<h2>${title}</h2>
${definitions(rows)}`;
}

function definitions(rows: Rows): Html {
  return html`<dl>${rows.map(([label, value]) => html`<dt>${label}</dt><dd>${value}</dd>`)}</dl>`;
}

function imageSection(image: ImageReceipt): Html {
  const { words } = text();
  const { rows } = words.receiptPage;
  const facts: Rows = [
    [rows.proof, (image.present ? words.present : words.proofs)[image.proof]],
    [rows.imageId, image.imageId],
    ...(image.farId === image.imageId ? [] : [[rows.farId, image.farId] as const]),
    ...(image.manifest === undefined ? [] : [[rows.manifest, image.manifest.digest] as const]),
    ...(image.sourceManifest === undefined ? [] : [[rows.sourceManifest, image.sourceManifest] as const]),
    [rows.platform, image.platform],
    ...(image.source === image.reference ? [] : [[rows.source, image.source] as const]),
    ...image.diffIds.map((diffId, at) => [at === 0 ? rows.layers : '', diffId] as const),
  ];
  return html`<section><h3>${receiptName(image)}</h3>
${definitions(facts)}</section>`;
}

/** Each file with what lay there before: what a signature is given for, and what a rollback would bring back. */
function filesSection({ files, filesFailed }: Receipt): Html | readonly Html[] {
  const { sections, rows, file: words } = text().words.receiptPage;
  if (filesFailed !== undefined)
    return html`<h2>${sections.files}</h2>
<p>${text().files.failed(filesFailed.message)}</p>`;
  if (files === undefined || files.length === 0) return [];
  const one = ({ to, digest, mode, previous }: FileReceipt): Html => html`<section><h3>${to}</h3>
${definitions([
  [rows.digest, digest],
  [rows.mode, mode],
  [rows.before, previous === digest ? words.same : (previous ?? words.nothing)],
])}</section>`;
  return html`<h2>${sections.files}</h2>
${files.map(one)}`;
}

function packagesSection({ packages = [], packagesFailed }: Receipt): Html | readonly Html[] {
  const { words } = text();
  const { sections, rows } = words.receiptPage;
  if (packages.length === 0 && packagesFailed === undefined) return [];
  const failed =
    packagesFailed === undefined ? [] : html`<p>${words.packages.failed(packagesFailed.message)}</p>`;
  const one = ({ set, names, place, installed }: PackagesReceipt): Html => html`<section><h3>${set}</h3>
${definitions([
  [rows.place, place],
  [installed ? rows.installed : rows.notInstalled, names.join(' ')],
])}</section>`;
  return html`<h2>${sections.packages}</h2>
${failed}${packages.map(one)}`;
}

function signSection(): Html {
  const { signed, sections } = text().words.receiptPage;
  const line = (label: string): Html =>
    html`<tr><th>${label}</th><td></td><th>${signed.when}</th><td></td><th>${signed.signature}</th><td></td></tr>`;
  return html`<section><h2>${sections.signed}</h2>
<table>${[line(signed.by), line(signed.to)]}</table></section>`;
}

/** A QR code as a drawing: one path of unit squares. */
function qrCode(value: string): Html {
  // Four modules of border is what readers are promised. @see ISO/IEC 18004 §6.3.8
  const { data: modules, size } = encode(value, { ecc: 'M', border: 4 });
  const path = modules
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('');
  const box = `0 0 ${size} ${size}`;
  return html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}" role="img" aria-label="${value}"><path fill="#fff" d="M0 0h${String(size)}v${String(size)}H0z"/><path d="${path}"/></svg>`;
}

const style: Html = {
  markup: `
@page { margin: 15mm }
* { box-sizing: border-box }
body { font: 11pt/1.4 system-ui, sans-serif; max-width: 190mm; margin: 0 auto; padding: 8mm; color: #000; background: #fff }
header { display: flex; justify-content: space-between; align-items: flex-start; gap: 8mm }
h1 { font-size: 17pt; margin: 0; overflow-wrap: anywhere }
h2 { font-size: 12pt; margin: 6mm 0 2mm; border-bottom: .3mm solid #000 }
h3 { font-size: 11pt; margin: 4mm 0 1mm; overflow-wrap: anywhere }
figure { margin: 0; flex: none; width: 34mm; text-align: center; font-size: 8pt }
svg { width: 100%; display: block }
dl { display: grid; grid-template-columns: 38mm 1fr; gap: .5mm 3mm; margin: 0 }
dt { color: #444 }
dd { margin: 0; font-family: ui-monospace, monospace; font-size: 9pt; overflow-wrap: anywhere }
section { break-inside: avoid }
h2, h3 { break-after: avoid }
p { margin: 0; overflow-wrap: anywhere }
table { width: 100%; border-collapse: collapse; font-size: 9pt }
th { font-weight: normal; text-align: left; width: 1%; white-space: nowrap; padding: 6mm 2mm 0 0; vertical-align: bottom }
td { border-bottom: .2mm solid #000 }
@media print { body { padding: 0; max-width: none } }
`,
};
