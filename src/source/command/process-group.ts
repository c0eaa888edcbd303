/** In ms. */
const pollMs = 25;

/**
 * Ends a process and all that it started: SIGTERM, and SIGKILL for those that remain after the grace period.
 *
 * @param leader the process that leads the group
 */
export async function endGroup(leader: number, graceMs: number): Promise<void> {
  if (!signalGroup(leader, 'SIGTERM')) return;
  for (let waitedMs = 0; waitedMs < graceMs; waitedMs += pollMs) {
    await new Promise((done) => {
      setTimeout(done, pollMs);
    });
    if (!signalGroup(leader, 0)) return;
  }
  signalGroup(leader, 'SIGKILL');
}

/** @returns whether the group has a process */
export function signalGroup(leader: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(-leader, signal);
  } catch {
    return false;
  }
}
