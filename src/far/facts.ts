// What the far side says, typed. far.ts parses its lines into these; nothing else reads them. docs/far-side.md has the grammar.
import type { Codec } from '../oci/descriptor.js';
import type { DiffId, Digest } from '../oci/digest.js';
import type { FarFiles } from './file-facts.js';
import type { FarPackages } from './package-facts.js';

/** How far.sh reaches its engine. `ask`: the password is written as the first line of stdin. */
export interface EngineCall {
  /** `docker`, `podman`, `podman:root`, `containerd:NAMESPACE`, `k3s`, `layout:/folder`. */
  readonly engine: string;
  readonly sudo: 'no' | 'n' | 'ask';
  /** Only with sudo `ask`. Never logged, never in argv. */
  readonly password?: string;
}

export interface Probe {
  readonly user: { readonly name: string; readonly uid: number };
  readonly home: string;
  readonly stage: string;
  readonly system: { readonly kernel: string; readonly machine: string };
  readonly cores: number;
  /** Differs for each start of the machine; undefined where the system does not tell. */
  readonly bootId: string | undefined;
  readonly tools: ReadonlySet<string>;
  readonly hashTool: string;
  /** Free bytes by path. */
  readonly free: ReadonlyMap<string, number>;
  /** The file system by path, one word each: equal words, one file system. */
  readonly devices: ReadonlyMap<string, string>;
  /** Where the engine keeps images; undefined where it does not say. */
  readonly engineRoot: string | undefined;
  /** Bytes of every client's stage there. */
  readonly stages: readonly { readonly client: string; readonly bytes: number }[];
  /** Clients of which a container that was to prove an image is left in the engine. */
  readonly containers: readonly string[];
  /** Engines that seem to be there beside the one asked about. */
  readonly others: readonly string[];
  readonly engine:
    | { readonly state: 'up'; readonly clientVersion: string; readonly info: unknown }
    | { readonly state: 'denied' | 'down' | 'missing'; readonly message: string };
  readonly sudo: 'n' | 'password' | 'none';
}

/** What a passport tells beside the engine and what it holds. */
export interface PassportFacts {
  /** What the machine calls itself. */
  readonly host: string;
  readonly tools: readonly string[];
  /** Repo files and daemon.json, as far as they can be read. */
  readonly config: readonly { readonly path: string; readonly digest: Digest }[];
}

/** An image as `docker image inspect` tells it; RootFS as it stands there, maybe broken. */
export interface HeldImage {
  readonly farId: Digest;
  /** Undefined where the engine's record is broken (`RootFS {}`). */
  readonly diffIds: readonly DiffId[] | undefined;
  readonly sizeBytes: number | undefined;
}

/** A blob, and what it unpacks to where that is known; how it is compressed where its first bytes could be read. */
export interface BlobFacts {
  readonly size: number;
  readonly diffId: DiffId | undefined;
  readonly codec?: Codec;
}

export interface Held {
  readonly images: readonly HeldImage[];
  /** Names in familiar spelling, e.g. `nginx:1`, to the Id they point at. */
  readonly tags: ReadonlyMap<string, Digest>;
  /** Blobs that lie in a containerd content store or a layout, by digest. */
  readonly blobs: ReadonlyMap<Digest, BlobFacts>;
  /** Raw index.json of a layout. */
  readonly index?: Uint8Array;
}

export interface StagedSegment {
  readonly diffId: DiffId;
  readonly index: number;
  readonly digest: Digest;
  /** Bytes there. */
  readonly bytes: number;
  readonly whole: boolean;
}

/** One line of a recipe. */
export type RecipeLine =
  | { readonly op: 'frame'; readonly digest: Digest; readonly offset: number; readonly length: number }
  | {
      readonly op: 'segment';
      readonly diffId: DiffId;
      readonly index: number;
      readonly digest: Digest;
      readonly codec: Codec;
    }
  | { readonly op: 'blob'; readonly diffId: DiffId; readonly index: number; readonly digest: Digest }
  | { readonly op: 'splice'; readonly hex: string; readonly path: string; readonly codec: Codec }
  | { readonly op: 'end' };

/** A play under way: lines go in as what they name arrives. */
export interface Play {
  line(line: RecipeLine): Promise<void>;
  /** Resolves when the engine has taken the archive, with its own words. @throws LOAD_REJECTED, STAGE_DAMAGED, TARGET_FULL, FAR_* */
  readonly loaded: Promise<string>;
  /** Ends the play: nothing is loaded, the temporary name is removed. One that does not end in time is cut off. */
  abort(): Promise<void>;
}

/** One channel that carries segments. */
export interface PutChannel {
  /**
   * Writes a segment's bytes from `offset` on: `body` holds those and no others. Offset 0 starts the segment again, any
   * other must be what lies there. Resolves when they are handed over (back-pressure), not when stored.
   */
  write(
    segment: {
      readonly diffId: DiffId;
      readonly index: number;
      readonly digest: Digest;
      readonly bytes: number;
    },
    offset: number,
    body: Uint8Array,
  ): Promise<void>;
  /** Writes tar headers or metadata of an archive; answered by `onStored(digest, 0)`. */
  writeFrame(digest: Digest, body: Uint8Array): Promise<void>;
  /** Segments the far side has stored whole, as it says so. */
  onStored(listener: (diffId: DiffId, index: number) => void): void;
  /** Says there is no more, waits for the last answer. @throws what went wrong on this channel */
  finish(): Promise<void>;
  /** Rejects as soon as the channel breaks; never resolves before finish. */
  readonly closed: Promise<void>;
  abort(): void;
}

/** A file of an unpacked image, measured over there. */
export interface MeasuredFile {
  readonly path: string;
  /** What its first bytes say. */
  readonly codec: Codec;
  /** Bytes of its uncompressed form. */
  readonly rawBytes: number;
  /** Digest of its uncompressed form. */
  readonly diffId: DiffId;
}

/** What `verify` found under a name. */
export interface FarImage {
  readonly farId: Digest;
  readonly diffIds: readonly DiffId[] | undefined;
  readonly created: boolean;
  /** Why the engine says that it is not whole, in its own words. */
  readonly refused?: string;
  /** Of a layout: blobs that were to be there already, and are missing or something else. The next `held` leaves them out. */
  readonly damaged?: readonly Digest[];
}

/** The far program of one host, uploaded. Every call is one channel; every answer is parsed under limits. */
export interface Far extends FarFiles, FarPackages {
  readonly stage: string;
  probe(call: EngineCall): Promise<Probe>;
  begin(): Promise<void>;
  held(call: EngineCall): Promise<Held>;
  passport(): Promise<PassportFacts>;
  /** What an earlier run left, hashed: whole segments that are damaged are removed and not told. */
  staged(layers: readonly DiffId[]): Promise<readonly StagedSegment[]>;
  openPut(): Promise<PutChannel>;
  frame(digest: Digest, bytes: Uint8Array): Promise<void>;
  /** Raw manifest.json of the saved image. The hex that `splice` lines use is that of the image's Id. */
  unpack(call: EngineCall, farId: Digest): Promise<Uint8Array>;
  /** Codec, size and digest of files of an image that was unpacked. Reads each of them whole. */
  measure(farId: Digest, paths: readonly string[]): Promise<readonly MeasuredFile[]>;
  hold(call: EngineCall, farId: string, name: string): Promise<void>;
  /** Has the engine pull `from`, a full name by digest, and gives that our `name`. @throws PULL_FAILED, TARGET_FULL, FAR_* */
  pull(call: EngineCall, options: { readonly from: string; readonly name: string }): Promise<void>;
  openPlay(call: EngineCall, temporaryName: string): Promise<Play>;
  /** Undefined if there is no such name. Of a layout also these `blobs`, which need not have come with the image, are hashed. */
  verify(
    call: EngineCall,
    name: string,
    options: { readonly create: boolean; readonly blobs?: readonly Digest[] },
  ): Promise<FarImage | undefined>;
  /**
   * Sets `to`; the image it pointed at stays held under `previous`. Returns that image's Id, if there was another.
   * @throws NAME_TAKEN if there was another and `noClobber` is set
   */
  name(
    call: EngineCall,
    names: {
      readonly from: string;
      readonly to: string;
      readonly previous: string;
      readonly noClobber?: boolean;
    },
  ): Promise<string | undefined>;
  /**
   * Takes one `name` back if the name still points at `farId`: moves it to what `previous` names, or removes it where there
   * is no such name. An image never goes with its name.
   */
  revert(
    call: EngineCall,
    names: { readonly name: string; readonly farId: string; readonly previous: string | undefined },
  ): Promise<void>;
  /**
   * Removes names under `airgap.local/`, and before them the containers that were to prove images for these clients; what is not
   * there is passed over.
   */
  unname(call: EngineCall, names: readonly string[], containersOf?: readonly string[]): Promise<void>;
  /** Hashes whole segments again; bad ones are removed and told with `whole: false`. */
  check(layers: readonly DiffId[]): Promise<readonly StagedSegment[]>;
  forget(layers: readonly DiffId[]): Promise<void>;
  /**
   * Tells every stage with something in it, and removes it. `look`: removes nothing. `leave`: also the programs and the
   * folder, if nobody else has anything there; no further call is possible then.
   */
  clean(options: {
    readonly all: boolean;
    readonly look?: boolean;
    readonly leave?: boolean;
  }): Promise<readonly { readonly path: string; readonly bytes: number }[]>;
}
