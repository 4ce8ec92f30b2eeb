// `docker-daemon:NAME`, `containers-storage:NAME`: images of a docker engine or of podman, by its own program on a host. What is wanted before a byte is read (diffIDs,
// platform, sizes) comes from `inspect` and `history`; layers and the raw config come out of `save`, in one pass for many images.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import type { Image } from '../image/image.js';
import { hexOf } from '../oci/digest.js';
import { formatPlatform, type Platform, platformFits } from '../oci/platform.js';
import { familiarReference, formatReference, parseReference, type Reference } from '../oci/reference.js';
import { nearest } from '../text/near.js';
import { text } from '../text/text.js';
import { attachedInTree } from './attached-place.js';
import { createDockerCli, type DockerCli } from './docker-cli.js';
import { collectDocuments, readSavedIndex } from './docker-documents.js';
import { createDockerImage, type DockerImageOptions, documentsOf } from './docker-image.js';
import { type HistoryLine, type InspectedDockerImage, parseHistory, parseInspect } from './docker-inspect.js';
import { createDocumentCache } from './document-cache.js';
import { platformMissing } from './found-image.js';
import { type Overlay2, openOverlay2 } from './overlay2.js';
import type { ImageSummary, Store } from './store.js';

export interface DockerStoreOptions {
  readonly host: Host;
  /** `docker` when absent. */
  readonly program?: string;
  /** Where raw configs are kept by the engine's ID; without it each is fetched by a `docker save` again. */
  readonly cacheDirectory?: string;
  /** Read layers straight from the engine's folder where it is a classic store on this machine that may be read. */
  readonly readsFolder?: boolean;
}

/** 72 bytes an ID: far below what a command line may hold, few enough starts. */
const inspectBatch = 200;
/** How each program is asked for JSON. */
const asJson = {
  docker: { inspect: ['--format', '{{json .}}'], history: ['--format', '{{json .}}'] },
  podman: { inspect: [], history: ['--format', 'json'] },
} as const;
const jsonOf = ({ program }: DockerCli): (typeof asJson)[keyof typeof asJson] =>
  program === 'podman' ? asJson.podman : asJson.docker;

/** The images of the docker engine that the host's docker program talks to. */
export function createDockerStore(options: DockerStoreOptions): Store {
  const { host, program = 'docker', cacheDirectory, readsFolder = false } = options;
  const cli = createDockerCli(host, program);
  const cache = createDocumentCache(cacheDirectory);
  const store = program === 'podman' ? 'containers-storage' : 'docker-daemon';
  let engine: Promise<Engine> | undefined;

  /** All but its platform. */
  const find = async (
    name: string | undefined,
    signal: AbortSignal | undefined,
  ): Promise<Omit<DockerImageOptions, 'platform'>> => {
    if (name === undefined) throw new AirgapError('REFERENCE_INVALID', { input: '', problem: 'repository' });
    const asked = idPattern.test(name) ? undefined : parseReference(name);
    engine ??= lookAtEngine(cli, readsFolder, signal);
    // Together, because starting the program three times is what takes the time.
    const [row, { isContainerd, folder }, told] = await settleAll([
      inspect(cli, name, signal),
      engine.catch((error: unknown) => {
        engine = undefined;
        throw error;
      }),
      history(cli, name, signal),
    ]);
    const isSame = told.at(-1)?.id === row.id;
    const reference =
      asked === undefined || isIdOf(row, name, asked)
        ? row.references[0]
        : program === 'podman'
          ? podmanName(row, asked)
          : asked;
    return {
      cli,
      cache,
      row,
      // The name may have moved in between.
      history: isSame ? told : await history(cli, row.id, signal),
      source: `${store}:${name}`,
      reference,
      // One engine, one group: all its images can be saved at once.
      readGroup: `${store}:${host.name}:${program}`,
      isContainerd,
      folder,
      signal,
    };
  };

  return {
    transport: store,
    async list({ signal } = {}) {
      const ids = [...new Set(lines(await cli.run(['image', 'ls', '--no-trunc', '--quiet'], { signal })))];
      const rows: InspectedDockerImage[] = [];
      for (let at = 0; at < ids.length; at += inspectBatch) {
        const batch = ids.slice(at, at + inspectBatch);
        // Lenient: an image may have gone since, or be broken; the others are told all the same.
        const answer = await cli.run(['image', 'inspect', ...jsonOf(cli).inspect, ...batch], {
          signal,
          lenient: true,
        });
        rows.push(...parseInspect(answer, program));
      }
      return rows.flatMap((row) => summaries(row, store));
    },
    async open(name, { platform, signal } = {}) {
      const found = await find(name, signal);
      await mustFit(found, platform, signal);
      return await createDockerImage({ ...found, platform: platform ?? found.row.platform });
    },
    async openIndex(name, { platforms, signal } = {}) {
      const found = await find(name, signal);
      const { row, source, reference, isContainerd } = found;
      if (!isContainerd) {
        // Of all, too: the one that podman tells is not all.
        if (platforms === undefined) await refuseList(found, signal);
        for (const platform of platforms ?? []) await mustFit(found, platform, signal);
        return { images: [await createDockerImage({ ...found, platform: row.platform })] };
      }
      const { images, ...index } = await readSavedIndex(cli, {
        id: row.id,
        source,
        reference,
        platforms,
        own: row.platform,
        signal,
      });
      const opened: Image[] = [];
      for (const image of images) {
        const { platform } = image.config;
        opened.push(await createDockerImage({ ...found, platform, documents: documentsOf(image) }));
      }
      return { images: opened, ...index };
    },
    async attached(name, { signal } = {}) {
      const { row, source, reference, isContainerd } = await find(name, signal);
      if (!isContainerd) return undefined;
      return attachedInTree(
        await collectDocuments(cli, { id: row.id, source, reference, platforms: [row.platform], signal }),
        row.id,
      );
    },
    async close() {},
  };
}

const idPattern = /^(?:sha256:[0-9a-f]{2,64}|[0-9a-f]{64})$/;

/** An image of a classic store has one platform. @throws {AirgapError} PLATFORM_MISSING, and what `refuseList` throws */
async function mustFit(
  found: Pick<DockerImageOptions, 'cli' | 'row' | 'source' | 'isContainerd'>,
  platform: Platform | undefined,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { row, source, isContainerd } = found;
  if (platform === undefined || isContainerd || platformFits(row.platform, platform)) return;
  await refuseList(found, signal);
  throw platformMissing([row], platform, source);
}

/** podman makes lists of images, and tells the one of them that runs here. @throws {AirgapError} USAGE: the others have another way */
async function refuseList(
  { cli, row, source }: Pick<DockerImageOptions, 'cli' | 'row' | 'source'>,
  signal: AbortSignal | undefined,
): Promise<void> {
  if (cli.program !== 'podman') return;
  const name = source.replace(/^containers-storage:/, '');
  // Not `manifest inspect`: that asks a registry for what is no list here.
  const isList = await cli.run(['manifest', 'exists', name], { signal }).then(
    () => true,
    () => false,
  );
  signal?.throwIfAborted();
  if (!isList) return;
  const problem = text().words.spec.podmanList(name, formatPlatform(row.platform));
  throw new AirgapError('USAGE', { problem });
}

/** podman looks for a short name under localhost/ and several registries: the image's own name is what counts. */
function podmanName(row: InspectedDockerImage, asked: Reference): Reference {
  const full = formatReference(asked);
  const path = ({ repository }: Reference): string => repository.replace(/^library\/(?=[^/]+$)/, '');
  // Another name of the same image is not what was asked for.
  const likely = row.references.filter((one) => one.tag === asked.tag && one.digest === asked.digest);
  return (
    likely.find((one) => formatReference(one) === full) ??
    likely.find((one) => path(one) === path(asked)) ??
    // It takes `app:1` for quay.io/team/app:1, too, where that is the only one.
    likely.find((one) => path(one).endsWith(`/${path(asked)}`)) ??
    asked
  );
}

/** Whether the engine took the name for the beginning of an ID. */
function isIdOf(row: InspectedDockerImage, name: string, asked: Reference): boolean {
  const hex = name.replace(/^sha256:/, '');
  if (!/^[0-9a-f]{2,64}$/.test(hex) || !hexOf(row.id).startsWith(hex)) return false;
  const full = formatReference(asked);
  return !row.references.some((reference) => formatReference(reference) === full);
}

async function inspect(
  cli: DockerCli,
  name: string,
  signal: AbortSignal | undefined,
): Promise<InspectedDockerImage> {
  try {
    const args = ['image', 'inspect', ...jsonOf(cli).inspect, name];
    const [row] = parseInspect(await cli.run(args, { signal }), cli.program);
    if (row !== undefined) return row;
  } catch (error) {
    if (!isAirgapError(error, 'IMAGE_UNKNOWN')) throw error;
  }
  const listing = await cli.run(['image', 'ls', '--format', '{{.Repository}}:{{.Tag}}'], {
    signal,
    lenient: true,
  });
  const names = lines(listing).filter(
    (line) => !line.includes('<none>') && !line.startsWith('airgap.local/'),
  );
  throw new AirgapError('IMAGE_UNKNOWN', { image: name, store: cli.program, near: nearest(name, names) });
}

async function history(
  cli: DockerCli,
  name: string,
  signal: AbortSignal | undefined,
): Promise<HistoryLine[]> {
  const args = ['image', 'history', '--no-trunc', '--human=false', ...jsonOf(cli).history, name];
  return parseHistory(await cli.run(args, { signal, lenient: true }), cli.program);
}

/** All of them, or the first one's error once all have ended: nothing is left running behind. */
async function settleAll<T extends readonly unknown[]>(
  promises: readonly [...{ [K in keyof T]: Promise<T[K]> }],
): Promise<T> {
  await Promise.allSettled(promises);
  return (await Promise.all(promises)) as unknown as T;
}

interface Engine {
  /** It keeps images in containerd's store. */
  readonly isContainerd: boolean;
  /** Its folder, where that can be read. */
  readonly folder: Overlay2 | undefined;
}

/**
 * podman's docker look-alike does not know the questions: then neither is so. The folder may be another engine's when
 * DOCKER_HOST names one elsewhere; that does no harm, since everything in it is found and checked by digest.
 */
async function lookAtEngine(
  cli: DockerCli,
  readsFolder: boolean,
  signal: AbortSignal | undefined,
): Promise<Engine> {
  const format = '{{.Driver}}\t{{.DockerRootDir}}\t{{json .DriverStatus}}';
  const answer = await cli.run(['info', '--format', format], { signal, lenient: true });
  const [driver = '', root = '', status = ''] = answer.trim().split('\t');
  const isContainerd = status.includes('io.containerd.snapshotter');
  const isClassic = !isContainerd && driver === 'overlay2' && readsFolder;
  return { isContainerd, folder: isClassic ? await openOverlay2(root) : undefined };
}

/** One for each name, as `docker images` does: whoever looks for a name must find it. */
function summaries(row: InspectedDockerImage, store: string): ImageSummary[] {
  const names = row.references.length === 0 ? [row.id] : row.references.map(familiarReference);
  // A bare name is docker's.
  const prefix = store === 'docker-daemon' ? '' : `${store}:`;
  return names.map((name) => ({
    name: `${prefix}${name}`,
    references: row.references,
    imageId: row.id,
    diffIds: row.diffIds,
    platform: row.platform,
    sizeBytes: row.sizeBytes,
    createdAt: row.created,
    store,
  }));
}

function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
