/** The second signal, this long after the first, means that somebody has lost patience. */
const secondSignalGraceMs = 2_000;

/** A signal that is aborted by SIGTERM or SIGINT: finish what is in flight, record it, end. A second one ends at once. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstSignalAt = 0;
  const stop = (): void => {
    if (controller.signal.aborted) {
      if (Date.now() - firstSignalAt > secondSignalGraceMs) process.exit(1);
      return;
    }
    firstSignalAt = Date.now();
    controller.abort(new Error('told to stop'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return controller.signal;
}
