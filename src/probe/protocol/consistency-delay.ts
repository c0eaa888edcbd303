import { filterOf } from '../../scim/read/lookup.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import { decide } from '../../scim/judge/judge-response.ts';
import { finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { containsName } from '../names.ts';

/** Waits between checks whether a new user is visible, in milliseconds: 5 seconds in total. */
const waitsMs = [200, 300, 500, 500, 500, 1000, 1000, 1000];

/**
 * Some targets answer a write before reads and filters show it. An earlier read would show the old state and lead to
 * wrong findings. The delay is therefore measured on the first user, and every later write waits for it.
 */
export async function measureDelay(session: ProbeSession, canary: Canary): Promise<void> {
  const readDelay = await visibleAfter(session, async () => {
    const response = await session.read(canary);
    if (decide(response) === 'notFound') return 'notYet';
    return containsName(response.body, canary.name) ? 'visible' : 'unclear';
  });
  const searchDelay = await visibleAfter(session, async () => {
    const response = await session.send({
      method: 'GET',
      path: session.path(canary.resourceType),
      query: { filter: filterOf('userName', canary.name) },
    });
    const rows = decide(response) === 'notFound' ? [] : parseListResponse(response)?.rows;
    if (rows?.length === 0) return 'notYet';
    return rows?.some((row) => containsName(row, canary.name)) === true ? 'visible' : 'unclear';
  });
  const waitedMs = readDelay + searchDelay;
  if (waitedMs === 0) return;
  session.delay.milliseconds = Math.ceil(waitedMs * 1.25);
  session.findings.add(
    finding(
      'delay',
      `a new user is visible ${readDelay > 0 ? 'to reads' : 'to filters'} after about ${waitedMs / 1000} s: ` +
        'the probe waits longer than that after each write',
    ),
  );
}

/** @returns milliseconds; 0 if it is visible at once, and if it never becomes visible */
async function visibleAfter(
  session: ProbeSession,
  check: () => Promise<'visible' | 'notYet' | 'unclear'>,
): Promise<number> {
  const { result, waitedMs } = await session.poll(waitsMs, check, (visibility) => visibility !== 'notYet');
  return result === 'visible' ? waitedMs : 0;
}
