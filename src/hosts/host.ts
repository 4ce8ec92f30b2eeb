// A host is a machine we can run `sh` on: this one, or one over SSH. One method does it all.
import type { Duplex, Readable, Writable } from 'node:stream';

export interface ExecOptions {
  /** Aborting ends the command (its channel is closed, a local process is killed). */
  readonly signal?: AbortSignal;
  /** On this machine: neither keys of the terminal nor signals to all that runs with us reach it. */
  readonly ownSession?: boolean;
}

/** A command that runs. Streams carry raw bytes; nobody else reads them, so each must be drained or destroyed. */
export interface Exec {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** Settles once, after stdout and stderr have ended. Rejects only when the connection or the process is lost. */
  readonly exit: Promise<ExitStatus>;
  /** Ends the command now; `exit` then settles or rejects. Safe to call twice. */
  kill(): void;
}

export interface ExitStatus {
  /** Undefined when a signal ended it. */
  readonly exitCode: number | undefined;
  readonly signal?: string;
}

export interface Host {
  /** As the user named it: `local`, an ssh alias, `user@host:port`. */
  readonly name: string;
  /** `user@host:port` after ssh_config, for receipts; `local` for this machine. */
  readonly address: string;
  /**
   * Starts a command: resolves when it has started. May be called in parallel; each call is one channel.
   * argv words may hold any byte but NUL and newline; over SSH they become one quoted `exec …` string.
   * @throws {AirgapError} CHANNEL_REFUSED (the far sshd allows no further session: wait for one to end and
   * call again), SSH_LOST, PROGRAM_MISSING (local only)
   */
  exec(argv: readonly string[], options?: ExecOptions): Promise<Exec>;
  /**
   * A connection from that machine to another, over ours to it, as `ssh -W` makes one. Absent for this machine.
   * @throws {ForwardError}; AirgapError SSH_LOST
   */
  forward?(place: ForwardPlace): Promise<Duplex>;
  /** All bytes handed to this host so far: command strings and stdin. 0 for a local host. */
  readonly handedBytes: number;
  close(): Promise<void>;
}

export interface ForwardPlace {
  readonly hostName: string;
  readonly port: number;
  readonly signal?: AbortSignal | undefined;
}

/** Why a host made no connection: it lets nobody through, or got none itself. The message is what its sshd says. */
export class ForwardError extends Error {
  readonly code: 'ERR_FORWARD_REFUSED' | 'ERR_FORWARD_FAILED';
  readonly host: string;

  constructor(code: ForwardError['code'], { host, said }: { readonly host: string; readonly said: string }) {
    super(said);
    this.code = code;
    this.host = host;
  }
}
