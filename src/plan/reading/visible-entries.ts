/** Numbers of users and groups. */
interface EntryCounts {
  readonly users: number;
  readonly groups: number;
}

/** Deletions that an incremental reading may report without a count of the visible entries. */
const maxUncounted = 10;

/** Whether the visible entries are to be counted before the reported deletions are accepted. */
export const needsCount = (reportedDeletions: number): boolean => reportedDeletions > maxUncounted;

/**
 * Why a reading with many deletions must be a complete one; undefined: the visible entries are those of the mirror
 * without the deleted ones.
 *
 * @param expected the entries of the mirror after the reading
 */
export function visibleContradiction(
  reportedDeletions: number,
  expected: EntryCounts,
  visible: EntryCounts,
): string | undefined {
  if (expected.users === visible.users && expected.groups === visible.groups) return undefined;
  return (
    `the server reported ${reportedDeletions} deleted entries, and ${visible.users} users and ${visible.groups} ` +
    `groups are visible instead of ${expected.users} and ${expected.groups}`
  );
}
