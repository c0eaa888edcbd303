/** From now on SIGHUP does not end the process, also while nothing can be reloaded: at the start, or as a standby. */
export function surviveHangUps(): void {
  process.on('SIGHUP', () => undefined);
}

/** Calls `action` after each SIGHUP, until `stop` is aborted. */
export function onHangUp(action: () => void, stop: AbortSignal): void {
  process.on('SIGHUP', action);
  stop.addEventListener('abort', () => process.off('SIGHUP', action), { once: true });
}

/** A second signal counts only this long after the first: one Ctrl-C can arrive as several signals. In ms. */
const secondSignalGraceMs = 2_000;

/**
 * Aborted by SIGTERM or SIGINT: the command completes and records requests in flight, then ends. A second signal ends
 * the process immediately.
 */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  let firstSignalAt = 0;
  const stop = (): void => {
    if (controller.signal.aborted) {
      if (Date.now() - firstSignalAt > secondSignalGraceMs) process.exit(1);
      return;
    }
    firstSignalAt = Date.now();
    controller.abort(new Error('stopped by a signal'));
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return controller.signal;
}
