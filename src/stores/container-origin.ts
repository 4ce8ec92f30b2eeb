// Whether a container of containerd was made from an image. Its record names the image by a word, which may stand for another since;
// what the CRI plugin wrote beside it, or how the container was set up, tells which image it really was.
import * as z from 'zod';
import type { Image } from '../image/image.js';
import { type Digest, isDigest } from '../oci/digest.js';
import { decodeJson } from '../oci/json.js';
import type { RunConfig } from '../oci/manifest.js';

const word = z.string().max(1_000_000);
const words = z.array(word).max(100_000);

/** `ctr containers info`, as far as it says what a container was made from. */
export const containerSchema = z.object({
  Image: z.string().max(1000).catch(''),
  Snapshotter: z.string().max(100).catch(''),
  SnapshotKey: z.string().max(1000).catch(''),
  CreatedAt: z.string().max(100).catch(''),
  Labels: z.record(word, word).nullish().catch(undefined),
  Extensions: z
    .record(word, z.object({ value: word.catch('') }).catch({ value: '' }))
    .nullish()
    .catch(undefined),
  Spec: z
    .object({
      process: z.object({
        args: words.nullish(),
        env: words.nullish(),
        cwd: word.catch(''),
        user: z.object({ uid: z.number().catch(0), gid: z.number().catch(0) }).catch({ uid: 0, gid: 0 }),
      }),
    })
    .optional()
    .catch(undefined),
});

export type ContainerInfo = z.infer<typeof containerSchema>;

/** What the CRI plugin keeps with each container of a pod. @see containerd internal/cri/store/container, versionedMetadata */
const criSchema = z.object({ Metadata: z.object({ ImageRef: z.string() }) });
const criExtension = 'io.cri-containerd.container.metadata';

/** The image of a pod's container, as a kubelet asked for it; undefined for containers of `ctr`, nerdctl and pods' own pauses. */
export function criImageId({ Extensions }: ContainerInfo): Digest | undefined {
  const value = Buffer.from(Extensions?.[criExtension]?.value ?? '', 'base64');
  const read = decodeJson(value, { schema: criSchema, limitBytes: value.byteLength });
  const id = read.problem === undefined ? read.value.Metadata.ImageRef : undefined;
  return isDigest(id) ? id : undefined;
}

/** What holds a pod together: always the image that the node is set up for. */
export const isPause = ({ Labels }: ContainerInfo): boolean =>
  Labels?.['io.cri-containerd.kind'] === 'sandbox';

/**
 * Whether all that a container took over from its image is as this image has it. What was overridden by hand (a command, a variable)
 * looks like an image that has moved on, so it is a no: nothing is taken for an image that it may not be.
 */
export function isMadeFrom(info: ContainerInfo, image: Pick<Image, 'config' | 'imageId'>): boolean {
  const id = criImageId(info);
  if (id !== undefined) return id === image.imageId;
  return !isLater(image.config.created, info.CreatedAt) && isStartedAs(info, image);
}

/** Whether a container was started with the settings that this image has. */
export function isStartedAs(info: ContainerInfo, { config: { config } }: Pick<Image, 'config'>): boolean {
  const told = info.Spec?.process;
  if (told === undefined) return false;
  return (
    same(told.args ?? [], [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])]) &&
    same(own(told.env ?? [], config), (config.Env ?? []).toSorted()) &&
    told.cwd === (config.WorkingDir || '/') &&
    isUser(told.user, config.User ?? '') &&
    hasLabels(info.Labels ?? {}, config)
  );
}

/** A build machine's clock may run ahead: what is yet to come says nothing. */
function isLater(created: string | undefined, than: string): boolean {
  const built = Date.parse(created ?? '');
  return built > Date.parse(than) && built <= Date.now();
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** Sorted, without those that `ctr` and nerdctl add where an image says nothing of them. */
function own(env: readonly string[], { Env = [] }: RunConfig): string[] {
  const keyOf = (line: string): string => line.replace(/=.*$/s, '');
  const said = new Set(Env.map(keyOf));
  return env
    .filter((line) => said.has(keyOf(line)) || !/^(?:PATH|TERM|HOSTNAME|HOME)=/.test(line))
    .toSorted();
}

/** A name is looked up in the image's own files: only numbers can be compared. */
function isUser({ uid, gid }: { readonly uid: number; readonly gid: number }, user: string): boolean {
  if (user === '') return uid === 0 && gid === 0;
  const [, wantedUid, wantedGid] = /^([0-9]+)(?::([0-9]+))?$/.exec(user) ?? [];
  if (wantedUid === undefined) return true;
  return uid === Number(wantedUid) && (wantedGid === undefined || gid === Number(wantedGid));
}

const stopSignal = 'io.containerd.image.config.stop-signal';
/** A container has its image's labels, among those of the tool that made it. */
function hasLabels(
  labels: Readonly<Record<string, string>>,
  { Labels = {}, StopSignal }: RunConfig,
): boolean {
  const told = labels[stopSignal];
  if (told !== undefined && told !== (StopSignal || 'SIGTERM')) return false;
  return Object.entries(Labels).every(([key, value]) => labels[key] === value);
}
