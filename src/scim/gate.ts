/** Lets a number of tasks run at once; the others wait in the order in which they came. */
export interface Gate {
  pass<T>(task: () => Promise<T>): Promise<T>;
}

export function openGate(most: number): Gate {
  const waiting: (() => void)[] = [];
  let inside = 0;
  return {
    async pass(task) {
      if (inside < most) inside += 1;
      else {
        await new Promise<void>((enter) => {
          waiting.push(enter);
        });
      }
      try {
        return await task();
      } finally {
        const next = waiting.shift();
        // Whoever waits takes over the place.
        if (next === undefined) inside -= 1;
        else next();
      }
    },
  };
}
