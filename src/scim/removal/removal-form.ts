/**
 * How a removal is sent.
 *
 *     usual    as the profile and the ServiceProviderConfig ask
 *     single   the same request, outside of Bulk
 *     other    another request: PUT instead of PATCH, PATCH instead of PUT, a deactivation instead of DELETE
 */
export type RemovalForm = 'usual' | 'single' | 'other';

/**
 * The form of the next removal of an account. One that had no proven effect is not repeated in the same form:
 *
 *     removals without a proven effect   target with Bulk   without Bulk
 *     0                                  usual              usual
 *     1                                  single             other
 *     2                                  other              single
 *     3                                  single             other
 *     …                                  by turns
 */
export function removalForm(unprovenRemovals: number, usesBulk: boolean): RemovalForm {
  if (unprovenRemovals === 0) return 'usual';
  return (unprovenRemovals + (usesBulk ? 1 : 0)) % 2 === 1 ? 'other' : 'single';
}
