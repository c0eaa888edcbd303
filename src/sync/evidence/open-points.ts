import { formatTime } from '../../model/time.ts';
import type { FreezeRecord } from '../../store/store.ts';
import type { TargetFacts } from './facts.ts';
import type { OpenCode, OpenPoint, TargetEvidence } from './evidence.ts';

/** What is not closed at a target, or not shown, in plain words. */
export function openPoints(
  evidence: Omit<TargetEvidence, 'open'>,
  facts: TargetFacts,
  frozen: FreezeRecord | undefined,
): readonly OpenPoint[] {
  const { account } = evidence;
  const points = [
    ...(account === 'none' || account === 'missing' ? closedPoints(evidence, facts) : []),
    ...(account === 'inactive' ? closedPoints(evidence, facts) : []),
    ...(account === 'active' ? activePoints(evidence, facts) : []),
    ...(account === 'forgotten' ? forgottenPoints(evidence) : []),
    ...doubtPoints(facts),
  ];
  const isOpen = points.some(({ code }) => code !== 'notInJournal');
  return [...points, ...(isOpen ? suspensionPoints(evidence, facts, frozen) : [])];
}

const point = (code: OpenCode, text: string): OpenPoint => ({ code, text });

/** The account is closed, as far as scimsync knows: was that shown? */
function closedPoints(evidence: Omit<TargetEvidence, 'open'>, { duties }: TargetFacts): readonly OpenPoint[] {
  const { acknowledged, verified, account } = evidence;
  const members =
    duties.groups.length === 0
      ? []
      : [point('membership', `the account is still a member of ${groupsText(duties.groups.length)}`)];
  if (verified !== undefined) return members;
  if (acknowledged === undefined)
    return account === 'none'
      ? members
      : [...members, point('notInJournal', 'the journal has no answer that closed it')];
  const status = acknowledged.status === undefined ? 'a success' : String(acknowledged.status);
  const later =
    duties.look === undefined
      ? 'and was not read back'
      : `and was not read back yet; the next look is due at ${formatTime(duties.look.due)}`;
  return [...members, point('notRead', `the application answered ${status} to the ${acknowledged.action}, ${later}`)];
}

const groupsText = (count: number): string => (count === 1 ? '1 group' : `${count.toLocaleString('en')} groups`);

function activePoints(evidence: Omit<TargetEvidence, 'open'>, { duties }: TargetFacts): readonly OpenPoint[] {
  const last = evidence.steps.findLast(({ isMembership }) => !isMembership)?.row;
  const members = duties.groups.length === 0 ? '' : `, and a member of ${groupsText(duties.groups.length)}`;
  const active = point('active', `the account is active${members}`);
  if (last === undefined) return [active];
  const when = formatTime(last.answered ?? last.sent ?? last.planned);
  const detail = last.detail === undefined ? '' : `: ${last.detail}`;
  switch (last.state) {
    case 'held':
      return [
        active,
        point('held', `the ${last.operation.action} is held since ${formatTime(last.since ?? last.planned)}${detail}`),
      ];
    case 'failed':
    case 'skipped': {
      const { nextTry } = duties;
      const next = nextTry === undefined ? 'the next pass tries again' : `tried again by ${formatTime(nextTry.at)}`;
      const verb = last.state === 'failed' ? 'failed' : 'was not sent';
      return [active, point('failing', `the ${last.operation.action} ${verb} at ${when}${detail}; ${next}`)];
    }
    case 'unknown':
      return [active, point('inDoubt', `the ${last.operation.action} of ${when} has no known effect${detail}`)];
    default:
      return [active];
  }
}

/** The last acknowledged state of the account stays what the application shows, because nothing changes it any more. */
function forgottenPoints({ acknowledged, verified, accountSince }: Omit<TargetEvidence, 'open'>): readonly OpenPoint[] {
  if (verified !== undefined) return [];
  const since = accountSince === undefined ? '' : ` at ${formatTime(accountSince)}`;
  return [
    point(
      'forgotten',
      acknowledged === undefined
        ? `"target forget" ended the management of the account${since}, while it was open`
        : `the application answered the ${acknowledged.action}, and "target forget"${since} ended the look at it`,
    ),
  ];
}

function doubtPoints({ known, duties }: TargetFacts): readonly OpenPoint[] {
  return [
    ...(duties.isCreateInDoubt
      ? [
          point(
            'inDoubt',
            'a create was sent without an answer, so the application may have an account that is not known',
          ),
        ]
      : []),
    ...(known?.inDoubt?.includes('active') === true
      ? [point('inDoubt', 'a change of the access was sent without an answer; the account is read in the next pass')]
      : []),
    ...((known?.unprovenRemovals ?? 0) > 0
      ? [point('notRead', `${known?.unprovenRemovals} removals in a row were answered, and no read confirmed one`)]
      : []),
    ...(known?.mayHaveDuplicates === true
      ? [point('inDoubt', 'the application may have another account with the same externalId')]
      : []),
  ];
}

/** Who keeps scimsync from closing what is open. */
function suspensionPoints(
  { isConfigured, target }: Omit<TargetEvidence, 'open'>,
  { paused }: TargetFacts,
  frozen: FreezeRecord | undefined,
): readonly OpenPoint[] {
  return [
    ...(isConfigured
      ? []
      : [point('notConfigured', `the configuration has no target ${target}, so no pass changes it`)]),
    ...(paused === undefined
      ? []
      : [
          point(
            'paused',
            `${paused.begun.operator} on ${paused.begun.host} paused the target at ${formatTime(paused.begun.at)}` +
              (paused.reason === undefined ? '' : `: ${paused.reason}`),
          ),
        ]),
    ...(frozen === undefined
      ? []
      : [
          point(
            'frozen',
            `${frozen.begun.operator} on ${frozen.begun.host} froze the user at ${formatTime(frozen.begun.at)}: ` +
              frozen.reason,
          ),
        ]),
  ];
}
