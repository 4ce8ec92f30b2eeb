// What is worth telling about registries while a run goes on; the run makes events of it.

export type RegistryNotice =
  /** `registry` is read from a mirror. */
  | { readonly kind: 'mirror'; readonly registry: string; readonly endpoint: string }
  | { readonly kind: 'mirror-failed'; readonly endpoint: string; readonly why: string }
  /** Nobody vouches for who answers. */
  | { readonly kind: 'insecure'; readonly endpoint: string }
  | {
      readonly kind: 'limit';
      readonly registry: string;
      readonly remaining: number;
      readonly limit: number | undefined;
    }
  | { readonly kind: 'waiting'; readonly registry: string; readonly ms: number; readonly why: string };

export type NoticeListener = (notice: RegistryNotice) => void;
