import type { Judgement } from '../../model/reading/judgement.ts';
import type { SourcePosition } from '../../model/reading/source-position.ts';

/** How the position of a server relates to a remembered one. */
export type PositionOrder = 'ahead' | 'equal' | 'behind' | 'otherHistory' | 'incomparable';

/** One comparison of positions: of a server id, a changelog, or a domain controller. */
interface Step {
  readonly order: PositionOrder;
  readonly subject: string;
  readonly before: string;
  readonly now: string;
}

/**
 * Compares a server with what was remembered.
 *
 *     remembered                   server                              order
 *     CSN of a server id           a later, an equal, an earlier one   ahead, equal, behind
 *     CSN of a server id           only CSNs of other ids              behind: it lacks the changes of that server
 *     changelog of a URL           a higher, equal, lower number       ahead, equal, behind
 *     USN of a domain controller   same database                       by number
 *     USN of a domain controller   another invocationId                otherHistory: it was restored
 *     anything                     another server, or nothing          incomparable
 */
export function comparePositions(before: SourcePosition, now: SourcePosition): PositionOrder {
  const orders = new Set(stepsOf(before, now).map(({ order }) => order));
  for (const order of ['otherHistory', 'behind', 'ahead', 'equal'] as const) if (orders.has(order)) return order;
  return 'incomparable';
}

/** Refuses a reading of a server that went back in time. @param label the server, for the message */
export function judgePosition(
  label: string,
  before: SourcePosition | undefined,
  now: SourcePosition | undefined,
): readonly Judgement[] {
  if (before === undefined || now === undefined) return [];
  const step = stepsOf(before, now).find(({ order }) => order === 'otherHistory' || order === 'behind');
  if (step === undefined) return [];
  return [
    {
      code: 'source.wentBack',
      subject: step.subject,
      numbers: {},
      reason:
        `${label} went back in time: ${step.subject} was ${step.before} in an earlier reading and is ` +
        `${step.now} now. ` +
        'The server was restored from a backup, or it is a replica that lags behind: former users would return, and ' +
        'later changes would be undone. Wait until it has caught up, or read the server that is up to date',
      refused: true,
    },
  ];
}

/**
 * Refuses a reading in which leavers are back whose entries have not changed since the last reading: a restored copy
 * that took changes of its own is ahead of the remembered position, and its entries are not.
 */
export function judgeUnchangedLeavers(users: number): readonly Judgement[] {
  if (users === 0) return [];
  return [
    {
      code: 'source.wentBack',
      subject: 'entries',
      numbers: { users },
      reason:
        `${users === 1 ? '1 former user is' : `${users} former users are`} back (inactive or absent before), ` +
        'although their entries have not changed since the last reading: the server was restored from a ' +
        'backup, it is a replica that lags behind, or an access rule changed',
      refused: true,
    },
  ];
}

function stepsOf(before: SourcePosition, now: SourcePosition): readonly Step[] {
  return [
    ...Object.entries(before.csns ?? {}).flatMap(([context, csns]) => csnSteps(context, csns, now.csns?.[context])),
    ...Object.entries(before.changeNumbers ?? {}).flatMap(([url, number]) => {
      const next = now.changeNumbers?.[url];
      return next === undefined
        ? []
        : [{ order: orderOf(number, next), subject: 'the last change number', before: `${number}`, now: `${next}` }];
    }),
    ...Object.entries(before.controllers ?? {}).flatMap(([controller, known]): readonly Step[] => {
      const next = now.controllers?.[controller];
      if (next === undefined) return [];
      const subject = known.invocation === next.invocation ? 'highestCommittedUSN' : 'the invocationId of the database';
      return [
        known.invocation === next.invocation
          ? { order: orderOf(BigInt(known.usn), BigInt(next.usn)), subject, before: known.usn, now: next.usn }
          : { order: 'otherHistory', subject, before: known.invocation, now: next.invocation },
      ];
    }),
  ];
}

/** CSNs of one server id have a fixed width, so their text is in order of time. */
function csnSteps(
  context: string,
  before: Readonly<Record<string, string>>,
  now: Readonly<Record<string, string>> | undefined,
): readonly Step[] {
  if (now === undefined || Object.keys(now).length === 0) return [];
  return Object.entries(before).map(([id, csn]) => {
    const next = now[id];
    return {
      order: next === undefined ? 'behind' : orderOf(csn, next),
      subject: `contextCSN of ${context}`,
      before: csn,
      now: next ?? 'missing',
    };
  });
}

const orderOf = <T extends string | number | bigint>(before: T, now: T): PositionOrder =>
  now > before ? 'ahead' : now < before ? 'behind' : 'equal';
