import type { Instant } from '../../model/ids.ts';
import { isRemoval } from '../../model/operation.ts';
import type { ServingJournal, RemovalEnd, UnansweredRemoval } from '../../store/store.ts';

/** More than the requests that can be in flight at once. The next pass ends the others. */
const maxRemovals = 500;

/** Ends the removals of a target that were sent without an answer, as far as their effect is known by now. */
export async function endUnanswered(
  journal: Pick<ServingJournal, 'unansweredRemovals' | 'endRemovals'>,
  target: string,
  at: Instant,
): Promise<void> {
  const ends = (await journal.unansweredRemovals(target, maxRemovals)).flatMap((removal) => {
    const end = endOf(removal);
    return end === undefined ? [] : [{ id: removal.id, end }];
  });
  if (ends.length > 0) await journal.endRemovals(ends, at);
}

/**
 * How a removal without an answer ended.
 *
 *     next operation of the record         verdict
 *     removal, its effect was read         done, read
 *     removal, answered or shown           done, as that one: it was repeated
 *     removal that a read contradicts      failed, read
 *     another change                       failed: the account was wanted again
 *
 *     no operation, nothing in doubt       account or memberships gone: done, read
 *                                          account still active: failed, read
 *
 * @returns undefined while the effect is not known
 */
export function endOf(removal: UnansweredRemoval): RemovalEnd | undefined {
  const { action, detail = 'sent, and no answer came', isOpen, next } = removal;
  if (action === 'members' && isOpen) return undefined;
  if (next !== undefined) return endByNext(action, detail, next);
  return isOpen ? undefined : endByAccount(removal, detail);
}

function endByNext(
  action: UnansweredRemoval['action'],
  reason: string,
  next: NonNullable<UnansweredRemoval['next']>,
): RemovalEnd {
  const { pass, state, evidence = 'answered' } = next;
  if (state === 'failed')
    return { state, evidence, detail: `${reason}; pass ${pass} repeated it, and a read contradicts it` };
  if (action !== 'members' && !isRemoval(next))
    return { state: 'failed', evidence, detail: `${reason}; the account was wanted again in pass ${pass}` };
  const how = evidence === 'read' ? `confirmed by read in pass ${pass}` : `repeated in pass ${pass}`;
  return { state: 'done', evidence, detail: `${reason}; ${how}` };
}

/** Nothing is in doubt any more, so a read has shown the account or its absence. */
function endByAccount({ action, account }: UnansweredRemoval, reason: string): RemovalEnd | undefined {
  if (action !== 'members' && account === 'none') return undefined;
  const isEnded = action === 'members' || account === 'missing' || (action === 'deactivate' && account === 'inactive');
  return isEnded
    ? { state: 'done', evidence: 'read', detail: `${reason}; confirmed by read` }
    : { state: 'failed', evidence: 'read', detail: `${reason}; a read shows the account, and it is ${account}` };
}
