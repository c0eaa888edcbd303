/** What an aborted signal ends. */
export interface Abortable {
  /** Ends it with the reason of the signal. */
  fail(reason: unknown): void;
}

/** Ends what runs when its signal is aborted. All that have the same signal share one listener. */
export interface AbortGroups {
  add(signal: AbortSignal, running: Abortable): void;
  remove(signal: AbortSignal, running: Abortable): void;
}

/** Starts without groups. A listener for each request would be searched among all others whenever one ends. */
export function createAbortGroups(): AbortGroups {
  const groups = new Map<AbortSignal, { readonly members: Set<Abortable>; readonly abort: () => void }>();
  return {
    add(signal, running) {
      const group = groups.get(signal);
      if (group !== undefined) {
        group.members.add(running);
        return;
      }
      const members = new Set([running]);
      const abort = (): void => {
        for (const one of members) one.fail(signal.reason);
      };
      groups.set(signal, { members, abort });
      signal.addEventListener('abort', abort);
    },
    remove(signal, running) {
      const group = groups.get(signal);
      group?.members.delete(running);
      if (group?.members.size !== 0) return;
      groups.delete(signal);
      signal.removeEventListener('abort', group.abort);
    },
  };
}
