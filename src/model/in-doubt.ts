import type { Operation } from './operation.ts';
import type { DoubtChange, SnapshotChange } from './outcome.ts';

/** Status in the journal of a look-up for a create that found nothing, and did not end the search. */
export const emptyLookUpStatus = 404;

/**
 * Statuses that a server sends before it looks at the resource: it refuses the credentials (401), the method (405, 501)
 * or the size (413).
 */
const statusesBeforeProcessing: readonly number[] = [401, 405, 413, 501];

/**
 * Whether a refusal of this operation leaves its effect in doubt. A server that is not atomic may have applied a part
 * of a request before it refused the rest (RFC 7644 section 3.5.2 requires PATCH to be atomic, and some are not). A
 * gateway may refuse what the application has done.
 *
 *     create, deactivate, reactivate, delete   always, with any status: access depends on it
 *     update                                   if the server looked at it; also one edit, since the source may take it
 *                                              back, and then no difference shows it
 *     members                                  never as a whole: `membersInDoubt` of the outcome names those in doubt
 *
 * @param status of the refusal; below 300 a read has already shown the state
 */
export function isInDoubtAfterRefusal(operation: Operation, status: number): boolean {
  if (status < 300) return false;
  switch (operation.action) {
    case 'verifyCreate':
      return false;
    case 'create':
    case 'deactivate':
    case 'reactivate':
    case 'delete':
      return true;
    case 'update':
      return !statusesBeforeProcessing.includes(status);
    case 'members':
      return false;
  }
}

/** What is in doubt after this operation was sent without a response. A create is different: it is looked up. */
export function inDoubtAfter(operation: Operation): SnapshotChange {
  switch (operation.action) {
    case 'create':
    case 'verifyCreate':
      return { kind: 'keep' };
    case 'delete':
      // If the leaver returns, sending `active` again shows whether the account still exists.
      return operation.resourceType === 'User'
        ? { kind: 'inDoubt', paths: ['active'] }
        : { kind: 'inDoubt', paths: ['displayName'] };
    case 'update':
    case 'deactivate':
    case 'reactivate':
      return { kind: 'inDoubt', paths: operation.edits.map(({ path }) => path) };
    case 'members':
      return { kind: 'membersInDoubt', members: [...operation.add, ...operation.remove] };
  }
}

/** The paths in doubt after a change; undefined: no path is in doubt any more. */
export function pathsInDoubt(before: readonly string[], change: DoubtChange | undefined): readonly string[] {
  if (change === undefined) return [];
  return [...new Set([...before, ...change.begins])].filter((path) => !change.ends.includes(path));
}
