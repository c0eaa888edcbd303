import type { Drift, DriftAction, DriftPolicy } from '../../model/target/drift.ts';
import { coversPath } from '../attribute-diff.ts';

/** The facts about a difference that decide what happens to it. */
export type JudgedDrift = Pick<Drift, 'kind' | 'path' | 'member'> & {
  /** scimsync ended this membership before. */
  readonly isEnded?: boolean;
};

/**
 * What happens to a difference.
 *
 *     difference                                    configured by        by default
 *     an account of a leaver is active again        `active`             repair
 *     an attribute has another value                its path, else `*`   report
 *     a member that scimsync had removed is back    `members`            repair
 *     another member of a record was added          `members`            report
 *     a member that no record owns was added        `members`: ignore    report
 *     a member is gone                              `members`            report
 *     an account is gone                            `deleted`            report
 *     a user has a second account                   (no setting)         report
 *
 * A path covers the attribute that it names: `emails` covers `emails[type eq "work"].value`.
 */
export function driftAction(policy: DriftPolicy, { kind, path, member, isEnded }: JudgedDrift): DriftAction {
  switch (kind) {
    case 'reactivated':
      return policy.attributes['active'] ?? 'repair';
    case 'changed':
      return configuredFor(policy, path) ?? policy.attributes['*'] ?? 'report';
    case 'memberAdded':
      // Without a record nothing states whether the member may stay.
      if (member?.owner === undefined) return policy.members === 'ignore' ? 'ignore' : 'report';
      return policy.members ?? (isEnded === true ? 'repair' : 'report');
    case 'memberRemoved':
      return policy.members ?? 'report';
    case 'deleted':
      return policy.deleted ?? 'report';
    case 'twin':
      return 'report';
  }
}

/** The setting of the longest path that covers this one. */
function configuredFor({ attributes }: DriftPolicy, path: string): DriftAction | undefined {
  const covering = Object.keys(attributes).filter((one) => one !== '*' && coversPath([one], path));
  const [longest] = covering.toSorted((one, other) => other.length - one.length);
  return longest === undefined ? undefined : attributes[longest];
}
