import type { Finding, FindingKind } from '../../page/facts/finding.ts';
import type { Condition, TargetFacts } from '../../page/facts/page-facts.ts';
import type { TargetPass } from '../../store/browse/browse.ts';
import type { StatusOfTarget } from '../facts/read-status.ts';
import { isInStep, summaryOf } from '../print/status/stored-summary.ts';

/**
 * A target for the page.
 *
 * @param passes its last passes, the newest first
 */
export function targetFacts(
  { status, isConfigured, findings }: StatusOfTarget,
  passes: readonly TargetPass[],
): TargetFacts {
  const { name, users, groups, memberships, due, behind, last } = status;
  const inStep = passes.find(({ ended, summary }) => ended !== undefined && isInStep(summary));
  return {
    ...{ name, users, groups, memberships, due, behind, findings },
    held: summaryOf(last?.summary).heldOperations,
    condition: isConfigured ? conditionOf(findings, { isNew: last === undefined, due }) : 'gone',
    last: last === undefined ? undefined : { pass: last.pass, at: last.at },
    inStepAt: inStep?.ended,
  };
}

/** The condition that the most important finding means, in this order. */
const conditionOfFinding: readonly (readonly [FindingKind, Condition])[] = [
  ['paused', 'paused'],
  ['quarantined', 'quarantined'],
  ['unavailable', 'unreached'],
  ['held', 'held'],
  ['failing', 'failing'],
  ['deletionsRefused', 'failing'],
  ['busy', 'busy'],
];

function conditionOf(
  findings: readonly Finding[],
  { isNew, due }: { readonly isNew: boolean; readonly due: number },
): Condition {
  const found = conditionOfFinding.find(([kind]) => findings.some((finding) => finding.kind === kind));
  if (found !== undefined) return found[1];
  if (isNew) return 'new';
  if (due > 0) return 'waiting';
  return findings.some(({ kind }) => kind === 'behind') ? 'behind' : 'inStep';
}
