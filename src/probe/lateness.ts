import { filterOf } from '../scim/lookup.ts';
import { readList } from '../scim/list-response.ts';
import { decide } from '../scim/response.ts';
import { finding } from './finding.ts';
import type { Ground } from './ground.ts';
import type { Canary } from './ledger.ts';
import { bears } from './names.ts';

/** When it is looked whether a new person shows, in milliseconds after the time before. */
const waits = [200, 300, 500, 500, 500, 1000, 1000, 1000];

/**
 * Some answer before what they wrote can be read, or found. Whatever is seen before that is of the time before, and would be taken
 * for what the change did: so it is measured on the first person, and waited for after each write from then on.
 */
export async function howLate(ground: Ground, canary: Canary): Promise<void> {
  const read = await shownAfter(ground, async () => {
    const reply = await ground.read(canary);
    if (decide(reply) === 'missing') return 'not yet';
    return bears(reply.body, canary.name) ? 'shown' : 'unclear';
  });
  const search = await shownAfter(ground, async () => {
    const reply = await ground.ask({
      method: 'GET',
      path: ground.path(canary.kind),
      query: { filter: filterOf('userName', canary.name) },
    });
    const rows = decide(reply) === 'missing' ? [] : readList(reply)?.rows;
    if (rows?.length === 0) return 'not yet';
    return rows?.some((row) => bears(row, canary.name)) === true ? 'shown' : 'unclear';
  });
  const waited = read + search;
  if (waited === 0) return;
  ground.lateness.milliseconds = Math.ceil(waited * 1.25);
  ground.book.note(
    finding(
      'lateness',
      `a new person ${read > 0 ? 'can be read' : 'is found'} only after about ${waited / 1000} s: that long, and a little more, is waited after each change`,
    ),
  );
}

/** @returns milliseconds; 0 where it shows at once, and where it never does */
async function shownAfter(ground: Ground, look: () => Promise<'shown' | 'not yet' | 'unclear'>): Promise<number> {
  let waited = 0;
  for (const wait of [...waits, 0]) {
    const seen = await look();
    if (seen !== 'not yet') return seen === 'shown' ? waited : 0;
    await ground.pause(wait);
    waited += wait;
  }
  return 0;
}
