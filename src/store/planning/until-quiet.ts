import type { CountedMutex } from './counted-mutex.ts';
import { nextTurn } from './next-turn.ts';

/**
 * Long work goes on when no other transaction began for this number of turns of the event loop. They take about 0.2 ms
 * if nothing else happens. So a reading is not interrupted after each of its batches.
 */
const quietTurns = 50;
/** Or after this number: targets that send all the time do not stop it. */
const maxTurns = 500;

/** Waits until nothing else wants to write. */
export async function untilQuiet(mutex: CountedMutex): Promise<void> {
  let { requests } = mutex;
  for (let turn = 0, quiet = 0; turn < maxTurns && quiet < quietTurns; turn += 1) {
    await nextTurn();
    quiet = mutex.requests === requests ? quiet + 1 : 0;
    ({ requests } = mutex);
  }
}
