import { filterOf } from '../../scim/read/lookup.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import { decide } from '../../scim/judge/judge-response.ts';
import { finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { containsName } from '../names.ts';

/** When it is looked whether a new person shows, in milliseconds after the time before. */
const waitsMs = [200, 300, 500, 500, 500, 1000, 1000, 1000];

/**
 * Some answer before what they wrote can be read, or found. Whatever is seen before that is of the time before, and would be taken
 * for what the change did: so it is measured on the first person, and waited for after each write from then on.
 */
export async function measureDelay(session: ProbeSession, canary: Canary): Promise<void> {
  const readDelay = await visibleAfter(session, async () => {
    const response = await session.read(canary);
    if (decide(response) === 'notFound') return 'not yet';
    return containsName(response.body, canary.name) ? 'shown' : 'unclear';
  });
  const searchDelay = await visibleAfter(session, async () => {
    const response = await session.send({
      method: 'GET',
      path: session.path(canary.resourceType),
      query: { filter: filterOf('userName', canary.name) },
    });
    const rows = decide(response) === 'notFound' ? [] : parseListResponse(response)?.rows;
    if (rows?.length === 0) return 'not yet';
    return rows?.some((row) => containsName(row, canary.name)) === true ? 'shown' : 'unclear';
  });
  const waitedMs = readDelay + searchDelay;
  if (waitedMs === 0) return;
  session.delay.milliseconds = Math.ceil(waitedMs * 1.25);
  session.findings.add(
    finding(
      'lateness',
      `a new person ${readDelay > 0 ? 'can be read' : 'is found'} only after about ${waitedMs / 1000} s: that long, and a little more, is waited after each change`,
    ),
  );
}

/** @returns milliseconds; 0 where it shows at once, and where it never does */
async function visibleAfter(
  session: ProbeSession,
  check: () => Promise<'shown' | 'not yet' | 'unclear'>,
): Promise<number> {
  let waitedMs = 0;
  for (const wait of [...waitsMs, 0]) {
    const visibility = await check();
    if (visibility !== 'not yet') return visibility === 'shown' ? waitedMs : 0;
    await session.pause(wait);
    waitedMs += wait;
  }
  return 0;
}
