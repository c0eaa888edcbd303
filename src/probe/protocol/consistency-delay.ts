import { filterOf } from '../../scim/read/lookup.ts';
import { parseListResponse } from '../../scim/read/list-response.ts';
import { decide } from '../../scim/judge/judge-response.ts';
import { finding, undecided, type Finding } from '../finding.ts';
import type { ProbeSession } from '../session.ts';
import type { Canary } from '../ledger.ts';
import { containsName } from '../names.ts';

/** Waits between checks whether a new user is visible, in milliseconds: 15 seconds in total. */
const waitsMs = [200, 300, 500, 500, 500, 1000, 1000, 1000, 2000, 3000, 5000];

const topic = 'delay';

/**
 * Some targets answer a write before reads and filters show it. An earlier read would show the old state and lead to
 * wrong findings. The delays are therefore measured on the first user; later writes and searches wait for them.
 */
export async function measureDelay(session: ProbeSession, canary: Canary): Promise<void> {
  const read = await visibleAfter(session, async () => {
    const response = await session.read(canary);
    if (decide(response) === 'notFound') return 'notYet';
    return containsName(response.body, canary.name) ? 'visible' : 'unclear';
  });
  const search = await visibleAfter(session, async () => {
    const response = await session.send({
      method: 'GET',
      path: session.path(canary.resourceType),
      query: { filter: filterOf('userName', canary.name) },
    });
    const rows = decide(response) === 'notFound' ? [] : parseListResponse(response)?.rows;
    if (rows?.length === 0) return 'notYet';
    return rows?.some((row) => containsName(row, canary.name)) === true ? 'visible' : 'unclear';
  });
  session.findings.add(...judgeDelay(read, search));
  const readMs = read.isVisible === true ? read.waitedMs : 0;
  session.delay.readMs = withMargin(readMs);
  if (search.isVisible === true) session.delay.searchMs = withMargin(readMs + search.waitedMs);
}

/** One measurement varies: later waits are a quarter longer. */
const withMargin = (milliseconds: number): number => Math.ceil(milliseconds * 1.25);

interface Visibility {
  /** Undefined: the responses do not show it. */
  readonly isVisible: boolean | undefined;
  /** In milliseconds. */
  readonly waitedMs: number;
}

async function visibleAfter(
  session: ProbeSession,
  check: () => Promise<'visible' | 'notYet' | 'unclear'>,
): Promise<Visibility> {
  const { result, waitedMs } = await session.poll(waitsMs, check, (visibility) => visibility !== 'notYet');
  return { isVisible: result === 'unclear' ? undefined : result === 'visible', waitedMs };
}

/** @param search begins after the read */
export function judgeDelay(read: Visibility, search: Visibility): readonly Finding[] {
  const notVisible = [
    ...(read.isVisible === false ? ['a read by id'] : []),
    ...(search.isVisible === false ? ['a filter by userName'] : []),
  ];
  const visibleMs = [read, search].reduce((total, each) => total + (each.isVisible === true ? each.waitedMs : 0), 0);
  const isReadLate = read.isVisible === true && read.waitedMs > 0;
  const seconds = Math.ceil(withMargin(visibleMs) / 1000);
  return [
    ...notVisible.map((means) =>
      undecided(topic, `${means} does not show a new user within ${sum(waitsMs) / 1000} s: it may be later, or never`),
    ),
    ...(visibleMs > 0
      ? [
          finding(
            topic,
            `a new user is visible to ${isReadLate ? 'reads' : 'filters'} after about ${visibleMs / 1000} s: ` +
              'the probe waits longer than that after each write',
            { protocol: { consistencyDelaySeconds: seconds } },
          ),
        ]
      : []),
  ];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
