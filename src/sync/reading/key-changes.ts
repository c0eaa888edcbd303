import { setImmediate as nextTurn } from 'node:timers/promises';
import { personIdentity, type IdentityMapping } from '../../desired/person-identity.ts';
import {
  doWeakSignsCount,
  foldGroupName,
  identityTokens,
  maxAutomaticRelinks,
  sameGroupReason,
  type KnownPerson,
} from '../../plan/key-change.ts';
import { otherPerson } from '../../plan/other-person.ts';
import type { TargetMapping } from '../../desired/target-mapping.ts';
import type { SourceRecord } from '../../model/record.ts';
import { sourceKey, type Instant } from '../../model/ids.ts';
import { managerPath } from '../../model/path.ts';
import type { KeyChangeCounts, KeyChangeRules, KeyChangeView, StagedReading, Store } from '../../store/store.ts';

type KeyChangeMapping = IdentityMapping & Pick<TargetMapping, 'fingerprint'>;

/** What finding key changes needs beside the staged reading. */
export interface KeyChangeOptions {
  /** The mappings of all targets: they state which attributes are names. */
  readonly mappings: readonly KeyChangeMapping[];
  /** `auto`: a few key changes are carried out without an operator. */
  readonly relink: 'ask' | 'auto';
  /** Up to this number of reused userNames means nothing. */
  readonly floor: number;
  readonly at: Instant;
}

/**
 * Finds users and groups whose key changed in the staged reading. They wait for an operator, or are relinked.
 *
 * @returns how many were relinked
 */
export async function resolveKeyChanges(
  staged: StagedReading,
  { mappings, relink, floor, at }: KeyChangeOptions,
): Promise<KeyChangeCounts> {
  const found = await staged.findKeyChanges({
    ...tokenRules(mappings),
    otherPerson: (before, now) => otherPerson(personOf(before, mappings), personOf(now, mappings)),
    at,
    groupNameOf: (group) => groupName(group, mappings),
    reasonOfGroup: sameGroupReason,
    doWeakSignsCount: (weakPairs, vanished) => doWeakSignsCount(weakPairs, vanished, floor),
  });
  const { users, groups, reusedKeys } = found;
  const total = users + groups;
  // A key that two people had is for an operator.
  if (relink === 'auto' && total > 0 && total <= maxAutomaticRelinks && reusedKeys === 0) {
    await staged.relinkKeyChanges(at);
    return { users, groups };
  }
  await staged.withholdKeyChanges(at);
  return { users: 0, groups: 0 };
}

const personOf = (user: SourceRecord, mappings: readonly IdentityMapping[]): KnownPerson => ({
  key: user.key,
  ...personIdentity(user, mappings),
});

const tokenRules = (mappings: readonly KeyChangeMapping[]): Pick<KeyChangeRules, 'rules' | 'tokensOf'> => ({
  rules: JSON.stringify(mappings.map(({ fingerprint }) => fingerprint).sort()),
  tokensOf: (user) => identityTokens(personOf(user, mappings)),
});

/**
 * Reads the logins of users without an account while a pass runs, so that the next reading only looks them up. It ends
 * when all are read, or when `stop` is aborted.
 */
export async function keepLogins(
  store: Pick<Store, 'keepLogins'>,
  mappings: readonly KeyChangeMapping[],
  stop: AbortSignal,
): Promise<void> {
  const rules = tokenRules(mappings);
  while (!stop.aborted && (await store.keepLogins(rules))) await nextTurn();
}

/** The displayName of a group by the first mapping that has one. */
function groupName(
  group: SourceRecord,
  mappings: readonly IdentityMapping[],
): { readonly value: string; readonly folded: string } | undefined {
  const values = mappings.map((mapping) => mapping.identify(group)['displayName']);
  const value = values.find((one) => typeof one === 'string' && one.trim() !== '');
  return typeof value === 'string' ? { value, folded: foldGroupName(value) } : undefined;
}

/**
 * The mapping while key changes wait for an operator: a manager is known by the old key, so a reference to the new key
 * is one to the old key. A record that waits gets nothing that its key decides.
 */
export function withFormerKeys(mapping: TargetMapping, keyChanges: KeyChangeView): TargetMapping {
  if (keyChanges.pending().total === 0) return mapping;
  return {
    ...mapping,
    pendingKey: (resourceType, key) => keyChanges.pendingTo(resourceType, key),
    desire(record, held) {
      const desired = mapping.desire(record, held);
      const manager = desired.kind === 'present' ? desired.body[managerPath] : undefined;
      const from = typeof manager === 'string' ? keyChanges.pendingFrom(sourceKey(manager)) : undefined;
      if (desired.kind !== 'present' || from === undefined) return desired;
      return { ...desired, body: { ...desired.body, [managerPath]: from } };
    },
  };
}
