// Opens names that stand for several platforms as one image each, and remembers the others beside it.
import type { Image } from '../image/image.js';
import type { OpenedIndex } from '../stores/store.js';
import type { OpenImageOptions, SendParts } from './prepare-host.js';

export interface IndexOpener {
  readonly openImage: SendParts['openImage'];
  /** Of images that were opened and are one of several platforms, or have something beside them in their index. */
  readonly indexes: ReadonlyMap<Image, OpenedIndex>;
}

export interface IndexParts extends Pick<SendParts, 'openImage'> {
  openIndex(source: string, options: Omit<OpenImageOptions, 'platform'>): Promise<OpenedIndex>;
}

/** All platforms are opened where none was asked for. */
export function createIndexOpener(parts: IndexParts): IndexOpener {
  const indexes = new Map<Image, OpenedIndex>();
  return {
    indexes,
    async openImage(source, opening) {
      const { platform, ...others } = opening;
      if (platform !== undefined) return await parts.openImage(source, opening);
      const found = await parts.openIndex(source, others);
      const { images, index } = found;
      const [first] = images;
      // Images without manifests of their own cannot be named by an index: the one for this machine then.
      if (first === undefined || (images.length > 1 && index === undefined))
        return await parts.openImage(source, opening);
      if (index !== undefined && (index.isOriginal || images.length > 1 || index.left.length > 0))
        indexes.set(first, found);
      return first;
    },
  };
}
