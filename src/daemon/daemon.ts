/** When passes are due: calls `due` at every tick until `stop` is aborted. */
export type Ticks = (due: () => void, stop: AbortSignal) => void;

export interface DaemonIo {
  readonly ticks: Ticks;
  /** One pass; it ends early by itself when the daemon is told to stop. */
  readonly pass: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** A tick came while a pass was running. */
  readonly skipped: () => void;
}

/**
 * A pass at the start, and one at every tick, never two at once. Told to stop, it waits for the running pass, which finishes what is in flight.
 */
export async function runDaemon({ ticks, pass, failed, skipped }: DaemonIo, stop: AbortSignal): Promise<void> {
  let running: Promise<void> | undefined;
  const due = (): void => {
    if (stop.aborted) return;
    if (running !== undefined) {
      skipped();
      return;
    }
    running = pass().catch((error: unknown) => {
      if (!stop.aborted) failed(error);
    }).finally(() => {
      running = undefined;
    });
  };
  if (!stop.aborted) {
    due();
    ticks(due, stop);
    await new Promise<void>((resolve) => {
      if (stop.aborted) resolve();
      stop.addEventListener('abort', () => {
        resolve();
      }, { once: true });
    });
  }
  await running;
}
