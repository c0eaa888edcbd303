import type { Instant } from '../../model/ids.ts';
import type { HistoryRow } from '../../store/journal/history.ts';
import type { SourceStatement } from '../../store/store.ts';
import { acknowledgementOf, closingSteps, endOfAccess, isOfPerson } from './closing.ts';
import type { AccessEnd, AccountState, TargetEvidence, UserEvidence } from './evidence.ts';
import type { TargetFacts, UserFacts } from './facts.ts';
import { openPoints } from './open-points.ts';

/** Derives the proof of a person. Targets that never had an account of the person are left out. */
export function deriveEvidence(facts: UserFacts): UserEvidence {
  const { key, name, formerKeys, source, frozen } = facts;
  const found = facts.targets.map((target) => {
    const rows = facts.rows.filter((row) => row.target === target.target);
    return { target, rows, steps: closingSteps(rows, key) };
  });
  const ended = firstOf([
    ...leftWith(source),
    ...found.flatMap(({ steps }) => endOfAccess(steps) ?? []).filter(isOfPerson),
  ]);
  const targets = found
    .filter(({ target, rows }) => target.known !== undefined || rows.length > 0)
    .map(({ target, rows, steps }): TargetEvidence => {
      const own = endOfAccess(steps);
      const end = own === undefined || isOfPerson(own) ? (ended ?? own) : own;
      const account = accountState(target, rows);
      const answer = acknowledgementOf(steps, end);
      const evidence = {
        ...{ target: target.target, isConfigured: target.isConfigured, account, rule: target.rule, ended: end, steps },
        accountSince: sinceOf(account, target),
        acknowledged: answer?.acknowledged,
        verified: answer?.verified,
      };
      return { ...evidence, open: openPoints(evidence, target, frozen) };
    });
  return {
    ...{ key, name, formerKeys, source, ended, frozen, targets },
    isClosed: targets.every(({ open }) => open.length === 0),
  };
}

const leftWith = (source: SourceStatement | undefined): readonly AccessEnd[] =>
  source?.pass === undefined || source.isPresent
    ? []
    : [{ at: source.pass.started, pass: source.pass.pass, reason: 'left the source' }];

const firstOf = (ends: readonly AccessEnd[]): AccessEnd | undefined =>
  ends.toSorted((one, other) => one.at - other.at)[0];

function accountState({ known, forgottenAt }: TargetFacts, rows: readonly HistoryRow[]): AccountState {
  if (known !== undefined) return known.missingSince !== undefined ? 'missing' : known.active ? 'active' : 'inactive';
  const last = rows.findLast(({ state, operation }) => isResult(state) && operation.action !== 'members');
  const hadAccount = last !== undefined && last.operation.action !== 'delete';
  return hadAccount && forgottenAt !== undefined && (last.answered ?? last.planned) <= forgottenAt
    ? 'forgotten'
    : 'none';
}

const isResult = (state: HistoryRow['state']): boolean => state === 'done' || state === 'adopted';

function sinceOf(account: AccountState, { known, forgottenAt }: TargetFacts): Instant | undefined {
  switch (account) {
    case 'inactive':
      return known?.inactiveSince;
    case 'missing':
      return known?.missingSince;
    case 'forgotten':
      return forgottenAt;
    default:
      return undefined;
  }
}
