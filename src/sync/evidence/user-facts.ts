import type { SourceKey } from '../../model/ids.ts';
import type { SourceRecord } from '../../model/record.ts';
import { displayName } from '../../plan/diff.ts';
import type { ReadOnlyStore } from '../../store/read-only-store.ts';
import type { TargetSpec } from '../context.ts';
import { nameOfRecord } from '../subjects/name-of-record.ts';
import type { TargetFacts, UserFacts } from './facts.ts';
import { scopeRules } from './scope-rules.ts';

/** The part of the state that an audit of one person reads. */
export type EvidenceView = Pick<
  ReadOnlyStore,
  'audit' | 'freezes' | 'history' | 'keyChanges' | 'knownTargets' | 'mirror' | 'pauses' | 'search' | 'snapshot'
>;

/**
 * Reads what the state knows about a user, at the targets of the configuration and at those that only the state has.
 *
 * @param specs the targets of the configuration, for the rules of now
 * @param only these targets; undefined: all
 */
export async function userFacts(
  view: EvidenceView,
  specs: readonly TargetSpec[],
  { key, record }: { readonly key: SourceKey; readonly record: SourceRecord | undefined },
  only?: readonly string[],
): Promise<UserFacts> {
  const ruleOf = await scopeRules(view, specs, record);
  const pauses = view.pauses().filter(({ ended }) => ended === undefined);
  const targets = view
    .knownTargets()
    .filter(({ name }) => only === undefined || only.includes(name))
    .map(({ name, forgottenAt }): TargetFacts => ({
      target: name,
      isConfigured: specs.some((spec) => spec.name === name),
      forgottenAt,
      known: view.snapshot(name)?.known('User', key),
      duties: view.audit.openDuties(name, key),
      paused: pauses.find(({ target }) => target === name),
      rule: ruleOf(name),
    }));
  const rows = [...view.history({ user: [key] })];
  const known = targets.flatMap((one) => one.known ?? [])[0];
  return {
    key,
    name:
      nameOfRecord(record) ??
      (known === undefined ? undefined : displayName('User', known.body)) ??
      rows.findLast(({ operation }) => operation.action !== 'members')?.operation.name,
    formerKeys: view.audit.formerKeys(key),
    source: view.audit.sourceStatement(key),
    frozen: view.freezes().find((freeze) => freeze.key === key && freeze.ended === undefined),
    ...{ rows, targets },
  };
}
