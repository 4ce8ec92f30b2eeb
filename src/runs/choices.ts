// What a user names: how hosts are reached, images, and files for hosts.
import type { WantedFile } from '../files/planned-file.js';

/** How hosts are reached; the same meaning as ssh's own options. */
export interface ConnectOptions {
  /** -F; `none` for no configuration file. */
  readonly configFile?: string;
  /** -i, repeatable. */
  readonly identityFiles?: readonly string[];
  /** -p. */
  readonly port?: number;
  /** -J. */
  readonly jump?: string;
  /** -o Key=Value, repeatable, as written. */
  readonly sshOptions?: readonly string[];
  readonly client?: 'ssh2' | 'openssh';
  readonly acceptNewHostKey?: boolean;
}

/** `SOURCE` or `SOURCE=NAME` of the command line. */
export interface ImageChoice {
  /** `nginx:1`, `docker-daemon:nginx:1`, `containers-storage:nginx:1`, `oci:/dir:name`, `docker-archive:/file.tar:name`, `container:web`, `compose:FILE`. */
  readonly source: string;
  /** The name to set on the far side instead of the source's own. */
  readonly as?: string;
}

/** How `container:NAME` becomes an image; the same meaning as `docker commit`'s own options. */
export interface CommitOptions {
  /** The container's processes stand still while it is copied, unless this is false. */
  readonly pause: boolean;
  readonly author?: string;
  readonly message?: string;
  /** Dockerfile instructions, in order. */
  readonly changes: readonly string[];
}

/** A file to put on the hosts. */
export interface FileChoice extends Pick<WantedFile, 'kind' | 'keyPlaces'> {
  /** A file of this machine, or, with `content`, what it is called. */
  readonly source: string;
  /** Undefined for a repo file, whose folder depends on the distribution, and for daemon.json. */
  readonly to?: string | undefined;
  /** Four octal digits; what the file has there, else 0644, if undefined. */
  readonly mode?: string | undefined;
  readonly content?: Uint8Array;
}
