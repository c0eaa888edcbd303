/** Lets a number of tasks run at once; the others wait in the order in which they came. */
export interface Semaphore {
  run<T>(task: () => Promise<T>): Promise<T>;
}

export function createSemaphore(limit: number): Semaphore {
  const waiters: (() => void)[] = [];
  let running = 0;
  return {
    async run(task) {
      if (running < limit) running += 1;
      else {
        await new Promise<void>((enter) => {
          waiters.push(enter);
        });
      }
      try {
        return await task();
      } finally {
        const next = waiters.shift();
        // Whoever waits takes over the place.
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}
