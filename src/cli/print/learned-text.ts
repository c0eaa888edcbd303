import type { LearnedFact } from '../../model/target/learned-fact.ts';
import { formatTime } from '../../model/time.ts';
import { plural } from './format.ts';
import { stageOf } from '../../scim/learned/fact-rules.ts';

/** A fact for `status --json`. */
export function learnedLine(fact: LearnedFact): Readonly<Record<string, unknown>> {
  const { kind, subject, status, learnedAt, confirmedAt } = fact;
  return {
    kind,
    subject: subject === '' ? null : subject,
    stage: stageOf(fact),
    status: status ?? null,
    learnedAt: formatTime(learnedAt),
    confirmedAt: formatTime(confirmedAt),
  };
}

/** Groups that are shown one by one. */
const maxGroups = 5;

/** One line per fact that changes how requests are sent. A single refusal changes nothing, so it is left out. */
export function learnedText(facts: readonly LearnedFact[]): readonly string[] {
  const groups = facts.filter(({ kind }) => kind === 'membersRefused');
  const hidden = groups.slice(maxGroups);
  const lines = facts
    .filter((fact) => stageOf(fact) !== 'suspected' && !hidden.includes(fact))
    .map((fact) => {
      const { status, learnedAt, confirmedAt } = fact;
      const answer = status === undefined ? '' : ` (${status})`;
      const dates =
        learnedAt === confirmedAt
          ? `since ${formatTime(learnedAt)}`
          : `since ${formatTime(learnedAt)}, last confirmed at ${formatTime(confirmedAt)}`;
      return `${sentenceOf(fact, answer)}, ${dates}; ${nextOf(fact)}`;
    });
  return hidden.length === 0
    ? lines
    : [...lines, `${plural(hidden.length, 'more group refuses', 'more groups refuse')} all new members`];
}

/** What ends the fact, or keeps it. */
function nextOf(fact: LearnedFact): string {
  if (fact.kind === 'activeHidden') return 'a read with `active` ends this';
  if (fact.kind === 'membersCut') return 'a longer list ends this';
  return stageOf(fact) === 'learned' ? 'if the next pass confirms it, it is kept' : 'it is tried again once a day';
}

function sentenceOf({ kind, subject }: LearnedFact, answer: string): string {
  const noun = subject === 'User' ? 'users' : 'groups';
  switch (kind) {
    case 'patchRefused':
      return `PATCH of ${noun} is refused${answer}, so PUT is used after a GET`;
    case 'deleteRefused':
      return `DELETE of ${noun} is refused${answer}, so they are ${subject === 'User' ? 'deactivated' : 'emptied'}`;
    case 'ifMatchRefused':
      return `If-Match is refused${answer}, so it is not sent`;
    case 'ifMatchRequired':
      return `requests without If-Match are refused${answer}, so it is sent`;
    case 'membersRefused':
      return `the group with id ${subject} refuses all new members${answer}, so they are sent in one request`;
    case 'operationsIgnored':
      return `PATCH of ${noun} with several operations is applied only in part, so each operation is a request`;
    case 'activeHidden':
      return 'reads do not show `active`, so deactivations cannot be confirmed there and count by their answers';
    case 'membersCut':
      return `a GET of a group shows ${subject} members and not all of them, so such a group is not written as a whole`;
    case 'writeIgnored':
      return `${subject}: accepted without effect, as a read showed; another request is used where there is one`;
    case 'externalIdNotFound':
      return `${noun} are not found by externalId${answer}, so other accounts of a leaver are not searched for`;
    case 'externalIdSearchRefused':
      return `a search by externalId is refused${answer}, so other accounts of a leaver are not searched for`;
    case 'membersTooLarge':
      return `larger requests are refused${answer}, so one has at most ${plural(Number(subject), 'membership')}`;
    case 'bulkTooLarge':
      return `larger Bulk requests are refused${answer}, so one has at most ${plural(Number(subject), 'operation')}`;
    case 'bulkRefused':
      return `Bulk requests are refused${answer}, so each operation is a request`;
  }
}
