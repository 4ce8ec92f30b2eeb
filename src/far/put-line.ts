// What all put channels of one host share: one line. Whatever moves on any of them shows that it is not dead, however long
// the others wait for their turn behind what is in flight.

/** One channel's part of the line. */
export interface PutMember {
  /** The line moves, and so much lies on it: the time starts again, so many times as long as usual. */
  readonly touch: (windows: number) => void;
  /** Bytes handed over and not yet answered. */
  inFlightBytes: number;
}

export interface PutLine {
  join(member: PutMember): void;
  leave(member: PutMember): void;
  /** Bytes went or an answer came, on any channel. */
  moved(): void;
}

// The receive window of a channel, of ssh2 as of OpenSSH (docs/runtime.md): so much is handed over before anything arrives.
const windowBytes = 2 * 1024 * 1024;

/** A line without channels. */
export function createPutLine(): PutLine {
  const members = new Set<PutMember>();
  /** How many full windows lie on the line, at least one. */
  const windowsAhead = (): number => {
    const shares = [...members].map(({ inFlightBytes }) => Math.min(1, inFlightBytes / windowBytes));
    return Math.max(
      1,
      shares.reduce((sum, share) => sum + share, 0),
    );
  };
  return {
    join: (member) => void members.add(member),
    leave: (member) => void members.delete(member),
    moved() {
      // A far ssh2 makes room only when half a window has been used up; all windows share the line, so all of them count.
      const windows = windowsAhead();
      for (const member of members) member.touch(windows);
    },
  };
}
