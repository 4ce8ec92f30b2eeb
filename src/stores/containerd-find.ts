// A container of containerd by what a person calls it: nerdctl's name, its ID, or the beginning of an ID that nobody else has.
import { AirgapError } from '../errors.js';
import type { Host } from '../hosts/host.js';
import { parseJson } from '../oci/json.js';
import { nearest } from '../text/near.js';
import { text } from '../text/text.js';
import { type ContainerInfo, containerSchema } from './container-origin.js';
import { type ContainerdCli, kubeletNamespace, openContainerdCli } from './containerd-cli.js';
import type { DockerCli } from './docker-cli.js';

export interface FoundContainer {
  readonly cli: ContainerdCli;
  readonly id: string;
  readonly info: ContainerInfo;
}

export interface FindOptions {
  readonly host: Host;
  readonly env: NodeJS.ProcessEnv;
  readonly namespace: string;
  readonly name: string;
  readonly signal?: AbortSignal | undefined;
}

/** Of `ctr containers info`: a container's settings may be long. */
const limitBytes = 16 * 1024 * 1024;

/** For "did you mean": so many are asked for their names, and so many are told. */
const mostAsked = 50;
const mostTold = 5;

/** As a user writes it. */
export function containerWord(namespace: string, name: string): string {
  return namespace === kubeletNamespace
    ? `containerd-container:${name}`
    : `containerd-container+${namespace}:${name}`;
}

/** What an image of it is called where nobody says: nerdctl's name; its pod's and its own; or the beginning of its ID, for all of an ID would be one of an image. */
export function imageNameOf({ id, info: { Labels } }: Pick<FoundContainer, 'id' | 'info'>): string {
  const [pod, own] = [Labels?.['io.kubernetes.pod.name'], Labels?.['io.kubernetes.container.name']];
  if (pod !== undefined && own !== undefined) return `${pod}-${own}`;
  return Labels?.['nerdctl/name'] ?? id.replace(/^([0-9a-f]{12})[0-9a-f]{52}$/, '$1');
}

/** @throws {AirgapError} IMAGE_UNKNOWN with near names, of other namespaces, too; USAGE where several are meant; ENGINE_* */
export async function findContainer(options: FindOptions): Promise<FoundContainer> {
  const { host, env, namespace, name, signal } = options;
  const cli = await openContainerdCli(host, { env, namespace });
  const { meant, ids } = await search(cli, name, signal);
  const [id] = meant;
  if (id !== undefined && meant.length === 1) return { cli, id, info: await containerInfo(cli, id, signal) };
  if (meant.length > 1)
    throw new AirgapError('USAGE', {
      problem: text().words.spec.severalContainers(
        containerWord(namespace, name),
        meant.slice(0, mostTold).map((one) => containerWord(namespace, one)),
      ),
    });
  // To help only: what goes meanwhile is nobody's failure.
  const [elsewhere, near] = await Promise.all([
    namespacesWith(options, cli).catch(() => []),
    nearNames(cli, { name, ids, signal }).catch(() => []),
  ]);
  signal?.throwIfAborted();
  throw new AirgapError('IMAGE_UNKNOWN', {
    image: containerWord(namespace, name),
    store: cli.program,
    near: [
      ...elsewhere.map((other) => containerWord(other, name)),
      ...near.map((one) => containerWord(namespace, one)),
    ].slice(0, mostTold),
  });
}

/** `ctr containers info`. @throws {AirgapError} ENGINE_*, DOCUMENT_* */
export async function containerInfo(
  cli: DockerCli,
  id: string,
  signal?: AbortSignal,
): Promise<ContainerInfo> {
  const told = Buffer.from(await cli.run(['containers', 'info', id], { signal }));
  return parseJson(told, { schema: containerSchema, limitBytes, what: id });
}

interface Matches {
  readonly meant: readonly string[];
  /** All of the namespace. */
  readonly ids: readonly string[];
}

async function search(cli: DockerCli, name: string, signal: AbortSignal | undefined): Promise<Matches> {
  const list = async (...filters: readonly string[]): Promise<string[]> =>
    (await cli.run(['containers', 'ls', '--quiet', ...filters], { signal })).split(/\s+/).filter(Boolean);
  // Quoted: what follows a slash or a dot would be a field of its own.
  const [named, ids] = await Promise.all([list(`labels."nerdctl/name"==${name}`), list()]);
  // An ID is a name as good as the one that somebody else's label says.
  const exact = new Set([...named, ...ids.filter((id) => id === name)]);
  if (exact.size > 0) return { meant: [...exact], ids };
  const isShort = /^[0-9a-f]{3,}$/.test(name);
  return { meant: isShort ? ids.filter((id) => id.startsWith(name)) : [], ids };
}

async function nearNames(
  cli: DockerCli,
  { name, ids, signal }: Pick<FindOptions, 'name' | 'signal'> & Pick<Matches, 'ids'>,
): Promise<readonly string[]> {
  const names: string[] = [];
  // Of a pod's containers only the ID is a name here.
  for (const id of ids.slice(0, mostAsked))
    names.push((await containerInfo(cli, id, signal)).Labels?.['nerdctl/name'] ?? id);
  return nearest(name, names);
}

/** Who uses nerdctl does not know of namespaces: its own is `default`, and a kubelet's is another. */
async function namespacesWith(options: FindOptions, cli: DockerCli): Promise<readonly string[]> {
  const all = (await cli.run(['namespaces', 'ls', '--quiet'], { signal: options.signal })).split(/\s+/);
  const found: string[] = [];
  // docker's own containers are none of these: `container:NAME` has them.
  for (const namespace of all.filter((one) => !['', 'moby', options.namespace].includes(one))) {
    const other = await openContainerdCli(options.host, { env: options.env, namespace });
    if ((await search(other, options.name, options.signal)).meant.length > 0) found.push(namespace);
  }
  return found;
}
