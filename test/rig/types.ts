// What a test gets from the rig: real engines and real SSH hosts, under names that stay.
import type { EngineApi } from './engine-api.js';

/** Far machines with docker, oldest first. */
export const rigKinds = ['d20', 'd26', 'd26c', 'd28g', 'd28c'] as const;

/** Far machines with podman alone (root's): its command line is docker's for all that tests ask. Oldest first. */
export const podmanKinds = ['p43', 'p54', 'p58'] as const;

// The oldest and the newest, and of docker one of each store: what is no matter of versions is tried on these. The matrix has all.
export const outerDockers = ['d20', 'd28c'] as const satisfies readonly (typeof rigKinds)[number][];
export const outerPodmans = ['p43', 'p58'] as const satisfies readonly (typeof podmanKinds)[number][];

/** Who keeps a contract: each kind where AIRGAP_TEST_ENGINES is `all`, else the outer ones. */
export function contractKinds<K>(all: readonly K[], outer: readonly NoInfer<K>[]): readonly K[] {
  return process.env.AIRGAP_TEST_ENGINES === 'all' ? all : outer;
}

/**
 * One far machine. d20, p43: this system's own dockerd, podman and sshd. d26, p54 and d28, p58: trixie's and forky's, in a
 * chroot; docker's last letter is the image store: graphdriver (none or `g`) or containerd (`c`).
 */
export type RigKind = (typeof rigKinds)[number] | (typeof podmanKinds)[number];

/** What a finished process left behind. */
export type Ran = { readonly stdout: string; readonly stderr: string; readonly exitCode: number };

export type RunOptions = {
  /** Bytes for stdin, or a file whose bytes they are; default: an empty stdin. */
  readonly input?: string | Uint8Array | { readonly file: string };
  /** Added to this process's own environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Where stdout goes instead, byte for byte; `stdout` is then empty. */
  readonly outputFile?: string;
  /** Return whatever the exit code is; without it, a code other than 0 rejects with the end of stderr. */
  readonly mayFail?: boolean;
  /** After this long the process gets SIGKILL and the call rejects; default five minutes. */
  readonly timeoutMs?: number;
};

/** Runs the docker CLI, or podman's, against one engine, never against the machine's default one. */
export type Docker = {
  (args: readonly string[], options?: RunOptions): Promise<Ran>;
  /** Where the engine is a dockerd. */
  readonly api?: EngineApi;
};

/** How to reach one far user with any SSH client. Every file is throw-away and lives in the rig's work folder. */
export type SshAccess = {
  /** The `Host` of `configFile`: `ssh -F configFile alias` gets in without a question. */
  readonly alias: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly user: string;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  readonly configFile: string;
};

/** An engine that can be driven and taken down. */
export type RigEngine = {
  /** `unix://…`, the same path inside and outside of the machine; empty for podman. */
  readonly dockerHost: string;
  /** As the daemon says it, such as `20.10.24+dfsg1`. */
  readonly engineVersion: string;
  readonly docker: Docker;
  /** dockerd's data root; a tmpfs of its own when `dataBytes` was asked for. */
  readonly dataRoot: string;
  /** Stops dockerd (SIGTERM, then SIGKILL) and leaves sshd alone: "engine down". May be called twice. */
  stopEngine(): Promise<void>;
  /** Starts it again on the same data. */
  startEngine(): Promise<void>;
  /** Ends every process of the machine and removes its folders. May be called twice. */
  stop(): Promise<void>;
};

export type RigUserOptions = {
  /** A path that exists on the far side; default `/bin/sh`. */
  readonly shell?: string;
  /** `group`: member of docker. `sudo`, `sudo-password`: not a member, but sudo lets it run docker, without or with a password. */
  readonly docker?: 'group' | 'sudo' | 'sudo-password' | 'none';
  /** Log in with this password instead of the key; for `sudo-password` one is made up where it is absent. */
  readonly password?: string;
};

/** A throw-away user of one far machine; its entry in passwd goes with the machine. */
export type RigUser = {
  readonly name: string;
  readonly home: string;
  readonly password?: string;
  readonly ssh: SshAccess;
};

/** Settings of sshd that tests turn; changing them restarts sshd on the same port with the same keys. */
export type SshdSettings = {
  /** Default 10, as OpenSSH's. */
  readonly maxSessions?: number;
  /** Default false. */
  readonly passwordLogin?: boolean;
  /** Lines of sshd_config put before all others, so they win. */
  readonly lines?: readonly string[];
};

/** A remote machine without its engine: sshd and users of its own. */
export type RigMachine = {
  /** root, by key. */
  readonly ssh: SshAccess;
  /** root's home as seen from outside, to look at what a run left there. */
  readonly home: string;
  /** Runs a command as root inside the machine, past SSH. */
  inside(argv: readonly string[], options?: RunOptions): Promise<Ran>;
  /** argv that does the same, for whoever starts it. */
  enter(argv: readonly string[]): readonly string[];
  /** The same user behind another port (a link's), with a config and known_hosts of its own. */
  sshVia(port: number, user?: SshAccess): Promise<SshAccess>;
  addUser(options?: RigUserOptions): Promise<RigUser>;
  setSshd(settings: SshdSettings): Promise<void>;
  /** Gives sshd a new host key; `ssh.knownHostsFile` keeps the old one: what a swapped machine looks like. */
  changeHostKey(): Promise<void>;
  /** Ends every SSH session at once, sshd keeps listening; tells how many. */
  killSessions(): Promise<number>;
  /** Removes root's airgap folders. */
  forget(): Promise<void>;
  /** Ends every process of the machine and removes its folders. May be called twice. */
  stop(): Promise<void>;
};

/** A complete remote machine with dockerd. */
export type RigHost = RigEngine &
  RigMachine & {
    readonly kind: RigKind;
    /** Removes all containers and images and root's airgap folders: the next test's clean machine. */
    wipe(): Promise<void>;
  };

export type RigOptions = {
  /** Puts dockerd's data root on a tmpfs of this size: a disk that can be filled. */
  readonly dataBytes?: number;
  readonly sshd?: SshdSettings;
};
