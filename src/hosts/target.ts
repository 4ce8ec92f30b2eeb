// A host as it will be reached: what the user wrote, the options, and ssh_config brought together.

export interface ResolvedTarget {
  /** As the user wrote it. */
  readonly name: string;
  /** `user@host:port` after ssh_config. */
  readonly address: string;
  /** A name or an address (IPv6 without brackets). */
  readonly hostName: string;
  readonly port: number;
  readonly user: string;
  /** The hosts to go through, first one first, each with its own keys, user and known hosts. */
  readonly jumps: readonly ResolvedTarget[];
  readonly hostKeys: HostKeyRules;
  readonly auth: AuthRules;
  readonly connectTimeoutSeconds: number;
  /** 0: no sign of life is asked for. */
  readonly keepaliveSeconds: number;
  readonly keepaliveCount: number;
  /** IP version to use, if one was asked for. */
  readonly family: 4 | 6 | undefined;
  readonly algorithms: {
    readonly ciphers: string | undefined;
    readonly hostKeys: string | undefined;
    readonly keyExchanges: string | undefined;
  };
  /** What ssh_config asks for and the built-in SSH does not have; `openssh` has it. */
  readonly unsupported: readonly string[];
}

/** Which key the machine may show. */
export interface HostKeyRules {
  /** Names to look for in known_hosts, the first one is the one to write: `host`, `[host]:port`, HostKeyAlias. */
  readonly names: readonly string[];
  /** `no` is read as `accept-new`: a changed key is refused always. */
  readonly strict: 'yes' | 'ask' | 'accept-new';
  readonly hashNames: boolean;
  /** The first one is where new keys are written. */
  readonly userFiles: readonly string[];
  readonly globalFiles: readonly string[];
}

export type AuthMethod = 'publickey' | 'keyboard-interactive' | 'password';

export interface AuthRules {
  readonly methods: readonly AuthMethod[];
  /** Given by -i or `-o IdentityFile`: must be there. */
  readonly givenKeys: readonly string[];
  /** From ssh_config, or the usual ones: may be missing. */
  readonly usualKeys: readonly string[];
  /** Only the agent's keys that are among the above. */
  readonly identitiesOnly: boolean;
  readonly agentSocket: string | undefined;
  /** No questions (BatchMode). */
  readonly batch: boolean;
}
