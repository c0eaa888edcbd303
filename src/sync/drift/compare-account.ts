import type { RemoteResource } from '../../model/outcome.ts';
import type { Json, KnownState } from '../../model/resource.ts';
import { diffAttributes, type Normalisation } from '../../plan/attribute-diff.ts';
import { isEquivalent } from '../../scim/judge/judge-values.ts';

/** How accounts of one target are compared. */
export interface AccountRules {
  /** The paths that a planning compares. */
  readonly paths: (resourceType: KnownState['resourceType']) => readonly string[];
  readonly supports: Normalisation;
  /** Whether the target shows the attributes of inactive users. */
  readonly showsInactive: boolean;
}

/** An attribute that the target shows with another value. */
export interface AttributeDifference {
  readonly path: string;
  readonly acknowledged: Json;
  readonly shown: Json;
}

/** The comparison of an account with what a target shows. */
export interface AccountComparison {
  readonly differences: readonly AttributeDifference[];
  /** Acknowledged values that the target does not show, and that it may not show of any account. */
  readonly hiddenPaths: readonly string[];
}

/**
 * Compares what a target acknowledged of an account with what it shows. Equality is that of the planning, and that of
 * the reads after a write: a value that the target stores in a form of its own counted as written.
 *
 *     acknowledged   shown              verdict
 *     a value        the same           equal
 *     a value        another            different
 *     a value        nothing            different, if the target has shown this path of any account
 *     nothing        anything           equal: it was never written
 *     inactive       active             different; nothing else of an inactive account is compared
 *     active         inactive           different; the rest is compared, if the target shows it
 *     active or not  without `active`   equal: it proves nothing
 *
 * @param shown a manager has the key of the record that owns the account
 * @param shownPaths paths that the target has shown: it may leave out others, such as a password or a write-only one
 */
export function compareAccount(
  known: KnownState,
  shown: RemoteResource,
  { paths, supports, showsInactive }: AccountRules,
  shownPaths: ReadonlySet<string>,
): AccountComparison {
  const isUser = known.resourceType === 'User';
  const isActivityOther = isUser && shown.isActiveHidden !== true && shown.active !== known.active;
  const differences: AttributeDifference[] = isActivityOther
    ? [{ path: 'active', acknowledged: known.active, shown: shown.active }]
    : [];
  const hiddenPaths: string[] = [];
  if (isUser && (!known.active || (!shown.active && !showsInactive))) return { differences, hiddenPaths };
  const compared = paths(known.resourceType).filter((path) => path !== 'active' && path !== 'password');
  for (const { path, from, to } of diffAttributes(known.body, shown.body, compared, supports)) {
    if (from === null || (to !== null && isEquivalent(to, from))) continue;
    if (to === null && !shownPaths.has(path)) hiddenPaths.push(path);
    else differences.push({ path, acknowledged: from, shown: to });
  }
  return { differences, hiddenPaths };
}
