// Lets a number of things happen at once, the others in the order they came.

export interface Gate {
  /** How many are inside now. */
  readonly inside: number;
  /** Resolves when there is room; call the result once to leave. */
  enter(): Promise<() => void>;
}

/** A gate with room for `room`. */
export function createGate(room: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  const leave = (): void => {
    inside -= 1;
    waiting.shift()?.();
  };
  const come = (): (() => void) => {
    inside += 1;
    return leave;
  };
  return {
    get inside() {
      return inside;
    },
    enter() {
      if (inside < room) return Promise.resolve(come());
      return new Promise((resolve) => {
        waiting.push(() => resolve(come()));
      });
    },
  };
}
