import type { SubjectDecision } from '../../../sync/subjects/decide-subject.ts';
import { decisionText } from '../explain-text.ts';

/** Why a pass for one user or group has nothing to send to a target, for a terminal. */
export function subjectDecisionText({ target, name, evaluation }: SubjectDecision): string {
  const { resourceType, key } = evaluation.candidate;
  const label = name === key ? key : `${name} (${key})`;
  const reason = decisionText(evaluation, () => () => undefined);
  return `${target}: ${resourceType === 'User' ? 'user' : 'group'} ${label}: ${reason}`;
}

/** The same for `--json`. */
export const subjectDecisionLine = ({ target, name, evaluation }: SubjectDecision) => ({
  ...{ type: 'subject', target, resource: evaluation.candidate.resourceType, key: evaluation.candidate.key, name },
  inScope: evaluation.desired.kind === 'present',
  reason: decisionText(evaluation, () => () => undefined),
});
