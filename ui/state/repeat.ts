// A run that was, as a choice: what its receipt says was sent, from where, and to whom. Pure.
import type { ImageReceipt, Receipt } from '../../src/receipt/receipt.js';
import type { AppState, Source, Target } from './app-state.js';
import { hostTarget, registryTarget } from './targets.js';

export interface Repeat {
  /** As the images screen has them; those that it does not list are made of what the receipt says. */
  readonly sources: readonly Source[];
  readonly extras: readonly (readonly string[])[];
  /** Files whose source the receipt does not tell. */
  readonly missing: readonly string[];
}

/** What a receipt's run would be again. */
export function repeatOf(
  { images, files = [], target, host }: Receipt,
  { images: here }: Pick<AppState, 'images'>,
): Repeat {
  const known = new Map(
    here.is === 'ready' ? here.value.images.map((image) => [image.name, image] as const) : [],
  );
  const sources = images.map((image): Source => {
    const id = idOf(image, target === 'registry' ? `${host}/` : '');
    const { sizeBytes, diffIds, createdAt, store = '' } = known.get(id) ?? {};
    return {
      id,
      kind: id.startsWith('container:') ? 'container' : 'image',
      label: id,
      bytes: sizeBytes,
      layers: diffIds?.length,
      createdAt,
      about: store,
    };
  });
  const words = files.map((file) => ({ to: file.to, words: wordsOf(file) }));
  return {
    sources,
    extras: words.flatMap((one) => (one.words === undefined ? [] : [one.words])),
    missing: words.flatMap((one) => (one.words === undefined ? [one.to] : [])),
  };
}

/**
 * What a receipt is about: a registry under its name, a host under its name as long as that leads there; else by its address, unless several hosts have
 * that: behind other gateways they are other machines.
 */
export function receiptTarget(
  { host, address, target }: Pick<Receipt, 'host' | 'address' | 'target'>,
  { targets }: Pick<AppState, 'targets'>,
): Target {
  if (target === 'registry')
    return targets.find(({ id }) => id === `registry:${host}`) ?? registryTarget(host, 'receipt');
  const hosts = targets.filter(({ kind }) => kind === 'host');
  const named = hosts.find(({ name }) => name === host);
  if (named !== undefined && (named.address ?? address) === address) return named;
  const [there, ...others] = hosts.filter((one) => one.address === address);
  if (there !== undefined && others.length === 0) return there;
  return hostTarget(named === undefined ? host : address, 'receipt');
}

/** The word of the command line: `IMAGE`, or `IMAGE=NAME` where it got another name over there. `below`: what all names begin with. */
function idOf({ source, reference }: ImageReceipt, below: string): string {
  const word = source.replace(/^docker-daemon:/, '');
  const own = word.startsWith('container:') ? word.slice('container:'.length) : word;
  const isOwn =
    [own, `${own}:latest`].some((name) => `${below}${name}` === reference) ||
    reference.startsWith('airgap.local/');
  return isOwn ? word : `${word}=${reference}`;
}

function wordsOf({
  kind,
  source,
  to,
  mode,
}: NonNullable<Receipt['files']>[number]): readonly string[] | undefined {
  if (source === undefined) return undefined;
  if (kind === 'repo') return ['--repo', source];
  // A mode that was kept from what lay there may be one that nobody may ask for.
  return ['--file', /^0[0-7][0-7][0145]$/.test(mode) ? `${source}:${to}:${mode}` : `${source}:${to}`];
}
