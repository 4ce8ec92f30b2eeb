// What is attached to images of a registry, as a place beside others: of mirrors and the registry itself the first that has any.
import { buffer } from 'node:stream/consumers';
import { AirgapError } from '../errors.js';
import type { Reference } from '../oci/reference.js';
import { findAttached } from '../registry/attached.js';
import type { RegistrySource } from '../registry/open-registries.js';
import type { Repository } from '../registry/repository.js';
import type { AttachedPlace } from './attached-place.js';

export function attachedInRepository(
  source: RegistrySource,
  { digest: pinned, tag = 'latest' }: Reference,
  signal: AbortSignal | undefined,
): AttachedPlace {
  const ask = async <T>(work: (one: Repository) => Promise<T | undefined>): Promise<T | undefined> =>
    await source.first(work, signal);
  return {
    named: async () => (await ask((one) => one.resolve(pinned ?? tag, { signal })))?.descriptor.digest,
    manifest: async (digest) => await ask((one) => one.resolve(digest, { signal })),
    // A mirror brings images, and seldom what is attached to them: where it has none the next is asked.
    find: async (subjects) =>
      (await ask(async (one) => {
        const found = await findAttached(one, subjects, signal);
        return found.length === 0 ? undefined : found;
      })) ?? [],
    async blob(descriptor, limitBytes) {
      if (descriptor.size > limitBytes)
        throw new AirgapError('DOCUMENT_TOO_LARGE', { what: descriptor.digest, limitBytes });
      const stream = await ask((one) => one.blob(descriptor, { signal }));
      return stream === undefined ? undefined : await buffer(stream);
    },
  };
}
