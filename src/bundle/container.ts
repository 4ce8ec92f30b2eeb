// Where one volume of a bundle is written: a folder or a tar. What is being written has no name yet, because a blob is named by
// the digest of its last byte.

/** A file whose bytes are complete and that waits for its name. */
export interface NamelessFile {
  readonly bytes: number;
  /** Gives it its place in the bundle. @throws {AirgapError} DRIVE_FULL, DRIVE_FAILED */
  name(path: string): Promise<void>;
  /** Takes it back; only the last one of a container. */
  discard(): Promise<void>;
}

/** A file being written; one at a time in a container. */
export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  /** No more bytes will come. */
  end(): Promise<NamelessFile>;
  /** Takes it back. */
  discard(): Promise<void>;
}

export interface Container {
  /** Of the folder or tar. */
  readonly place: string;
  /** What it weighs so far. */
  usedBytes(): number;
  /** What a file of so many bytes adds to that. */
  costOf(bytes: number): number;
  open(): Promise<Output>;
  /** Everything is on the disk, then the seal gets its name: from here on it is a bundle. */
  seal(sums: Uint8Array): Promise<void>;
  /** Closes what is open. Without `seal` before, no bundle is left; `keep`: what a next try can go on with is. */
  close(options?: { readonly keep?: boolean }): Promise<void>;
}
