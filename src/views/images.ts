// Images as lines: the list, and one image the way `docker inspect` users ask for it.
import { formatPlatform } from '../oci/platform.js';
import type { Core, InspectedImage, InspectedLayer } from '../runs/api.js';
import type { LayerFiles } from '../runs/local-api.js';
import { formatBytes } from '../text/format.js';
import { text } from '../text/text.js';
import { type Line, span } from './line.js';
import { shortId } from './plan.js';
import { localTime } from './receipt.js';
import { fields, table } from './table.js';

/** What Core.images gives. */
export type ImageList = Awaited<ReturnType<Core['images']>>;

/** The list of local images. */
export function viewImages(list: ImageList, columns: number, now: number): Line[] {
  const { words } = text();
  const titles = words.images.columns;
  if (list.images.length === 0) return [words.images.empty];
  const age = (iso: string | undefined): string => {
    const time = iso === undefined ? Number.NaN : Date.parse(iso);
    // Reproducible builds say 1970 or 0001, which tells nothing.
    return Number.isNaN(time) || time <= 0 ? words.none : words.ago(now - time);
  };
  return table(
    [
      { title: titles.name, shrinks: true },
      { title: titles.id },
      { title: titles.platform },
      { title: titles.layers, right: true },
      { title: titles.size, right: true },
      { title: titles.created },
    ],
    list.images.map((image) => [
      image.name,
      shortId(image.imageId),
      formatPlatform(image.platform),
      image.diffIds.length === 0 ? words.none : String(image.diffIds.length),
      image.sizeBytes === undefined ? words.unknown : formatBytes(image.sizeBytes),
      age(image.createdAt),
    ]),
    { columns },
  );
}

/** One image: its config, then its layers. */
export function viewInspected({ image, layers }: InspectedImage, columns: number): Line[] {
  const { inspect, unknown } = text().words;
  const labels = inspect.fields;
  const { config, created, author } = image.config;
  const rows: (readonly [string, Line])[] = [];
  const add = (label: string, value: string | undefined): void => {
    if (value !== undefined && value !== '') rows.push([label, value]);
  };
  const addAll = (label: string, values: readonly string[] | undefined): void => {
    for (const [at, value] of (values ?? []).entries()) rows.push([at === 0 ? label : '', value]);
  };
  add(labels.source, image.source);
  add(labels.imageId, image.imageId);
  add(labels.platform, formatPlatform(image.platform));
  add(labels.created, created === undefined ? undefined : localTime(created));
  add(labels.author, author);
  add(labels.entrypoint, argv(config.Entrypoint));
  add(labels.cmd, argv(config.Cmd));
  add(labels.user, config.User === undefined || config.User === '' ? inspect.rootUser : config.User);
  add(labels.workdir, config.WorkingDir);
  addAll(labels.ports, keys(config.ExposedPorts));
  addAll(labels.volumes, keys(config.Volumes));
  addAll(labels.env, config.Env);
  addAll(labels.labels, labelLines(config.Labels));
  add(labels.stop, config.StopSignal);
  const sizes = layers.map((layer) => layer.bytes);
  const total = sizes.includes(undefined)
    ? unknown
    : formatBytes(
        sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
        layers.some((layer) => !layer.exact),
      );
  return [
    ...fields(rows),
    '',
    [span('strong', inspect.layersTitle(layers.length, total))],
    ...layerLines(layers, columns),
  ];
}

/** The biggest files of layers, a block each. */
export function viewLayerFiles(layers: readonly LayerFiles[], columns: number): Line[] {
  return layers.flatMap((files, at): Line[] => [
    ...(at === 0 ? [] : ['']),
    [span('strong', layerFilesTitle(files))],
    ...biggestLines(files, columns),
  ]);
}

/** `Layer 5f20aa93c6be: 3 files, 12 MB`. */
export function layerFilesTitle({ diffId, fileCount, bytes }: LayerFiles): string {
  return text().words.inspect.filesTitle(shortId(diffId), fileCount, formatBytes(bytes));
}

/** A row for each of the biggest files. */
export function biggestLines({ biggest }: LayerFiles, columns: number): Line[] {
  const { inspect } = text().words;
  if (biggest.length === 0) return [`  ${inspect.noFiles}`];
  return table(
    [
      { title: inspect.fileColumns.size, right: true },
      { title: inspect.fileColumns.path, shrinks: true },
    ],
    biggest.map(({ bytes, path }) => [formatBytes(bytes), path]),
    { columns, indent: 2 },
  );
}

/** The same as one JSON document; the config keeps the spelling of the specification. */
export function inspectedDocument({ image, layers }: InspectedImage): object {
  const { config, created, author, history } = image.config;
  return {
    version: 1,
    image: {
      source: image.source,
      reference: image.reference,
      imageId: image.imageId,
      platform: formatPlatform(image.platform),
      created,
      author,
      config,
      history,
      layers,
    },
  };
}

function layerLines(layers: readonly InspectedLayer[], columns: number): Line[] {
  const { inspect, unknown } = text().words;
  const rows = table(
    [
      { title: inspect.columns.number, right: true },
      { title: inspect.columns.diffId },
      { title: inspect.columns.size, right: true },
      { title: inspect.columns.madeBy, shrinks: true },
    ],
    layers.map((layer, at) => [
      String(at + 1),
      shortId(layer.diffId),
      layer.bytes === undefined ? unknown : formatBytes(layer.bytes, !layer.exact),
      madeBy(layer.createdBy),
    ]),
    { columns, indent: 2 },
  );
  const [heading = '', ...lines] = rows;
  return [
    heading,
    ...lines.flatMap((line, at): Line[] => {
      const shared = layers[at]?.sharedWith ?? [];
      if (shared.length === 0) return [line];
      const shown = shared.slice(0, 3);
      return [line, [' '.repeat(8), span('dim', inspect.sharedWith(shown, shared.length - shown.length))]];
    }),
  ];
}

/** The line of history that made a layer. */
// Docker's builder writes shell steps as `/bin/sh -c …` and the others behind `#(nop)`; people know the line of the Dockerfile.
export function madeBy(line: string | undefined): string {
  if (line === undefined || line === '') return text().words.inspect.noHistory;
  return line
    .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
    .replace(/^\/bin\/sh -c /, 'RUN ')
    .replace(/\s*# buildkit$/, '')
    .replace(/\s+/g, ' ');
}

const argv = (words: readonly string[] | undefined): string | undefined =>
  words === undefined || words.length === 0 ? undefined : JSON.stringify(words);
const keys = (record: Readonly<Record<string, unknown>> | undefined): readonly string[] =>
  Object.keys(record ?? {});
const labelLines = (labels: Readonly<Record<string, string>> | undefined): readonly string[] =>
  Object.entries(labels ?? {}).map(([key, value]) => `${key}=${value}`);
