// Which images a run is about: what was named, what a compose file or a bundle.yaml names; found out before any is opened, and
// the same for every command that takes images.
import { readCompose } from '../bundle/compose.js';
import { readSpec, type Spec } from '../bundle/spec.js';
import { AirgapError } from '../errors.js';
import type { Emit } from '../events.js';
import { formatPlatform, type PlatformWish } from '../oci/platform.js';
import { isContainer } from '../text/error-facts.js';
import { text } from '../text/text.js';
import type { ImageChoice, SendOptions } from './api.js';
import type { NamedImage, SendParts } from './prepare-host.js';

/** What the user asked for, as far as images go. */
export type AskedImages = Pick<SendOptions, 'images' | 'spec' | 'commit' | 'platform'> & {
  /** Of all images that do not say so themselves. */
  readonly platforms?: PlatformWish | undefined;
};

/** An image to open. */
export interface ChosenImage extends ImageChoice {
  /** Of this image alone. */
  readonly platforms?: PlatformWish;
  /** Where a relative path in its source starts, when that is not here. */
  readonly base?: string;
  /** The bundle.yaml names it, so its lock does, too. */
  readonly inSpec: boolean;
}

export interface Chosen {
  /** Each once. */
  readonly images: readonly ChosenImage[];
  /** The bundle.yaml, with what else is to travel; whoever cannot bring it must refuse. */
  readonly spec: Spec | undefined;
}

/** An image that is open, and the words that it was chosen by. */
export interface OpenedChoice extends NamedImage {
  readonly chosen: ChosenImage;
}

const transports = {
  docker: 'docker-daemon',
  podman: 'containers-storage',
  containerd: 'containerd',
} as const;

/** One word for several images. */
interface Group {
  readonly program: keyof typeof transports;
  /** Of containerd; a kubelet's when absent. */
  readonly namespace: string | undefined;
  /** The compose file that names them; undefined for those that the engine's containers run from. */
  readonly file: string | undefined;
}

/** `compose:FILE`, `podman-running:`, `containerd-compose+NAMESPACE:FILE`, … @throws {AirgapError} USAGE for one that is none of them and can be no image */
function groupOf(source: string): Group | undefined {
  const [, program = 'docker', kind, plus = '', rest = ''] =
    /^(?:(podman|containerd)-)?(compose|running)(\+[^:]*)?:(.*)$/s.exec(source) ?? [];
  if (program !== 'docker' && program !== 'podman' && program !== 'containerd') return undefined;
  if (kind === undefined) return undefined;
  const isCompose = kind === 'compose';
  const mayHavePlus = plus === '' || program === 'containerd';
  const { noComposeFile, noSelection } = text().words.spec;
  if (isCompose && rest === '' && mayHavePlus)
    throw new AirgapError('USAGE', { problem: noComposeFile(source) });
  if (mayHavePlus && /^(?:\+[A-Za-z0-9][A-Za-z0-9_.-]{0,75})?$/.test(plus) && (isCompose || rest === ''))
    return {
      program,
      namespace: plus === '' ? undefined : plus.slice(1),
      file: isCompose ? rest : undefined,
    };
  // No image's name has a plus; `running:1` is one.
  if (plus !== '') throw new AirgapError('USAGE', { problem: noSelection(source.slice(0, 100)) });
  return undefined;
}

/** Expands compose files and the bundle.yaml. @throws {AirgapError} SPEC_INVALID, STORE_UNKNOWN, REFERENCE_INVALID */
export async function chooseImages(
  asked: AskedImages,
  parts: Pick<SendParts, 'checkSource' | 'runningImages'>,
  emit: Emit,
): Promise<Chosen> {
  const check = (source: string): void => {
    if (groupOf(source) === undefined) parts.checkSource(source);
  };
  const images: ChosenImage[] = [];
  for (const choice of asked.images) {
    check(choice.source);
    images.push(...(await expand(choice, parts, emit)));
  }
  const spec = asked.spec === undefined ? undefined : await readSpec(asked.spec, check);
  for (const { source, as, platforms } of spec?.images ?? []) {
    const choice = { source, ...(as === undefined ? {} : { as }) };
    for (const one of await expand(choice, parts, emit, spec))
      images.push({ ...one, ...(platforms === undefined ? {} : { platforms }) });
  }
  for (const file of spec?.compose ?? []) images.push(...(await ofCompose(file, 'docker-daemon', true)));
  refuseIdleCommit(asked, images);
  return { images: distinct(images), spec };
}

/** A container, which is committed first: of docker, of podman, or of containerd. */
export const isContainerSource = isContainer;

/** --no-pause and its like say nothing about images that are there. */
function refuseIdleCommit({ commit }: AskedImages, images: readonly ChosenImage[]): void {
  if (commit === undefined || images.some(({ source }) => isContainerSource(source))) return;
  throw new AirgapError('USAGE', { problem: text().words.spec.noContainer });
}

/** The hosts of the line, or else those of the bundle.yaml. @throws {AirgapError} USAGE where there are none */
export function targetsOf(asked: Pick<SendOptions, 'hosts'>, { spec }: Chosen): readonly string[] {
  const hosts = asked.hosts.length > 0 ? asked.hosts : (spec?.targets ?? []);
  if (hosts.length > 0) return hosts;
  throw new AirgapError('USAGE', { problem: text().words.spec.noTargets, command: 'send' });
}

async function expand(
  choice: ImageChoice,
  { runningImages }: Pick<SendParts, 'runningImages'>,
  emit: Emit,
  spec?: Spec,
): Promise<ChosenImage[]> {
  const { source, as } = choice;
  const inSpec = spec !== undefined;
  const base = spec?.folder;
  const group = groupOf(source);
  if (group === undefined) return [{ ...choice, ...(base === undefined ? {} : { base }), inSpec }];
  const say = text().words.spec;
  if (as !== undefined) throw new AirgapError('USAGE', { problem: say.compose.asMany(source) });
  const { program, namespace, file } = group;
  const transport = namespace === undefined ? transports[program] : `${transports[program]}+${namespace}`;
  if (file !== undefined) {
    const isPlaced = base === undefined || file.startsWith('/');
    return await ofCompose(isPlaced ? file : `${base}/${file}`, transport, inSpec);
  }
  const { images: running, supposed } = await runningImages({ program, namespace });
  if (supposed.length > 0) emit({ type: 'note', message: say.supposed(supposed) });
  if (running.length === 0) throw new AirgapError('USAGE', { problem: say.nothingRuns(source) });
  return running.map((image) => ({ source: `${transport}:${image}`, inSpec }));
}

async function ofCompose(file: string, transport: string, inSpec: boolean): Promise<ChosenImage[]> {
  const found = await readCompose(file);
  return found.map(({ image, platform }) => ({
    // A compose file names images of an engine: `oci:1` is one called oci.
    source: `${transport}:${image}`,
    ...(platform === undefined ? {} : { platforms: [platform] }),
    inSpec,
  }));
}

function distinct(images: readonly ChosenImage[]): ChosenImage[] {
  const key = ({ source, as, base, platforms }: ChosenImage): string =>
    JSON.stringify([source, as, base, platforms === 'all' ? platforms : platforms?.map(formatPlatform)]);
  return [...new Map(images.map((image) => [key(image), image])).values()];
}
