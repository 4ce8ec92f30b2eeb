// `container:NAME`, `podman-container:NAME`: a container as an image. It is committed under a name of ours, read as any image of that engine, and
// the name goes at the end of the run; what a killed run left goes with the next one.
import { AirgapError, isAirgapError } from '../errors.js';
import type { Image } from '../image/image.js';
import { parseReference, type Reference } from '../oci/reference.js';
import { isAlive, thisOwner } from '../streams/owner.js';
import { nearest } from '../text/near.js';
import type { DockerCli } from './docker-cli.js';
import { dockerImageAs } from './docker-image.js';
import type { Store } from './store.js';

const repository = 'airgap.local/container';

export interface ContainerOptions {
  readonly cli: DockerCli;
  /** The store of the same engine. */
  readonly store: Store;
  /** A container's name or ID. */
  readonly name: string;
  /** `docker commit`'s own options. */
  readonly commit: {
    readonly pause: boolean;
    readonly author?: string;
    readonly message?: string;
    readonly changes: readonly string[];
  };
  /** 16 hex digits that name this user and machine. */
  readonly client: string;
  readonly signal?: AbortSignal;
  /** Gets the removal of the temporary image. */
  readonly cleanUp: (() => Promise<void>)[];
}

/** Commits and opens a container. @throws {AirgapError} IMAGE_UNKNOWN, ENGINE_*, and what `store` throws */
export async function openContainer(options: ContainerOptions): Promise<Image> {
  const { cli, store, name, commit, client, signal, cleanUp } = options;
  for (const left of await leftContainerImages(cli, client, signal)) await removeImage(cli, left);
  const container = await findContainer(options);
  const temporary = `${repository}:${temporaryTag(client)}`;
  // Before the commit: a failure or a stop in its middle may leave an image behind.
  cleanUp.push(() => removeImage(cli, temporary));
  const args = [
    // docker pauses unless it is told not to, podman only where it is told.
    `--pause=${commit.pause}`,
    ...(commit.author === undefined ? [] : ['--author', commit.author]),
    ...(commit.message === undefined ? [] : ['--message', commit.message]),
    // podman's own format has no place for a message.
    ...(cli.program === 'podman' && commit.message !== undefined ? ['--format', 'docker'] : []),
    ...commit.changes.flatMap((change) => ['--change', change]),
  ];
  // Never aborted: an engine goes on without its client, and would name the image after the clean-up.
  const answer = await cli.run(['container', 'commit', ...args, container.id, temporary]);
  signal?.throwIfAborted();
  const id = answer.trim().split('\n').at(-1) ?? '';
  if (!/^(?:sha256:)?[0-9a-f]{64}$/.test(id)) {
    const detail = id.slice(0, 200);
    throw new AirgapError('ENGINE_ANSWER', { engine: cli.program, command: 'container commit', detail });
  }
  const image = await store.open(id, signal === undefined ? {} : { signal });
  return dockerImageAs(image, {
    source: `${wordOf(cli)}:${name}`,
    reference: containerReference(container.name),
  });
}

/** Images of this client that no run holds any more. */
export async function leftContainerImages(
  cli: DockerCli,
  client: string,
  signal?: AbortSignal,
): Promise<string[]> {
  const format = ['--format', '{{.Repository}}:{{.Tag}}'];
  const listing = await cli.run(['image', 'ls', ...format, repository], { signal, lenient: true });
  const names = listing.split('\n').map((line) => line.trim());
  return names.filter((name) => name.startsWith(`${repository}:${client}_`) && !isHeld(name));
}

/** The name a container's image gets where none is given: the container's own, as far as image names go. */
export function containerReference(name: string): Reference {
  const path = name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, (separator) => separator.replace(/[^._-]/g, '-').slice(0, 1))
    .replace(/^[._-]+|[._-]+$/g, '');
  return parseReference(`${path === '' ? 'container' : path}:latest`);
}

// Enough to tell whether the run that made it still goes on.
function temporaryTag(client: string): string {
  const { pid, startedAt, bootId, token } = thisOwner();
  return [client, pid, startedAt, bootId, token.slice(0, 8)].join('_');
}

function isHeld(name: string): boolean {
  const [, pid = '', startedAt = '', bootId = '', token = ''] = name.split('_');
  if (!/^\d{1,10}$/.test(pid)) return false;
  // The client is of this machine, so its processes are, too.
  return isAlive({ pid: Number(pid), startedAt, bootId, host: thisOwner().host, token }, 0);
}

/** `--no-prune`: an untagged image that the container was made from is not ours to remove. */
async function removeImage(cli: DockerCli, name: string): Promise<void> {
  await cli.run(['image', 'rm', '--no-prune', name], { lenient: true });
}

/** As users name its containers. */
const wordOf = ({ program }: DockerCli): string =>
  program === 'docker' ? 'container' : `${program}-container`;

async function findContainer({
  cli,
  name,
  signal,
}: Pick<ContainerOptions, 'cli' | 'name' | 'signal'>): Promise<{
  readonly id: string;
  readonly name: string;
}> {
  const format = ['--format', '{{.Id}}\t{{.Name}}'];
  try {
    const answer = await cli.run(['container', 'inspect', ...format, name], { signal });
    const [, id, own] = /^([0-9a-f]{64})\t\/?(.+)$/m.exec(answer) ?? [];
    if (id !== undefined && own !== undefined) return { id, name: own.trim() };
  } catch (error) {
    if (!isAirgapError(error, 'ENGINE_ANSWER') && !isAirgapError(error, 'IMAGE_UNKNOWN')) throw error;
  }
  const listing = await cli.run(['container', 'ls', '--all', '--format', '{{.Names}}'], {
    signal,
    lenient: true,
  });
  const near = nearest(
    name,
    listing.split(/[\n,]/).filter((one) => one !== ''),
  );
  throw new AirgapError('IMAGE_UNKNOWN', {
    image: `${wordOf(cli)}:${name}`,
    store: cli.program,
    near: near.map((one) => `${wordOf(cli)}:${one}`),
  });
}
