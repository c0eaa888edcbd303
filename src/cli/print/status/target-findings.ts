import { formatTime } from '../../../model/time.ts';
import type { NextTry } from '../../../model/requeue.ts';
import type { Finding } from '../../../page/facts/finding.ts';
import type { NameOf } from '../../../plan/describe.ts';
import type { FailingRecord } from '../../../store/failing.ts';
import type { TargetStatus } from '../../../store/target-status.ts';
import type { NameAtTarget } from '../../../store/store.ts';
import type { WaitingLeavers } from '../../../sync/suspensions/leavers-at-pause.ts';
import { driftCountsText } from '../../drift/drift-text.ts';
import { approveCommandLine } from '../audit/approval-text.ts';
import { plural } from '../format.ts';
import { learnedText } from '../learned-text.ts';
import { orphansText, unownedText } from '../orphans-text.ts';
import { secondLooksText } from '../second-looks-text.ts';
import { pauseText } from '../suspensions-text.ts';
import type { OpenLeavers } from '../../../store/notifications/conditions-interface.ts';
import { laneText } from './lane-text.ts';
import { openLeaversText } from './open-leavers-text.ts';
import { summaryOf } from './stored-summary.ts';

/** All that an operator should know about a target, in the order in which it is shown. */
export function targetFindings(
  status: TargetStatus,
  leavers: WaitingLeavers | undefined,
  openLeavers: OpenLeavers,
  nameAtTarget: NameAtTarget,
): readonly Finding[] {
  const { name, paused, last } = status;
  const suspended: readonly Finding[] = [
    ...laneFindings(status),
    ...(paused === undefined
      ? []
      : [{ kind: 'paused', text: pauseText(paused), command: `scimsync resume ${name}` } as const]),
    ...(paused === undefined ? [] : leaversWait(leavers)),
  ];
  if (last === undefined) return suspended;
  return [
    ...suspended,
    ...lastPassFindings(status),
    ...openLeaversFindings(openLeavers),
    ...countFindings(status),
    ...listFindings(status),
    ...failingFindings(status, nameAtTarget),
  ];
}

function openLeaversFindings(openLeavers: OpenLeavers): readonly Finding[] {
  const [text, ...details] = openLeaversText(openLeavers);
  return text === undefined ? [] : [{ kind: 'openLeavers', text, details }];
}

/** What the lane of a target does. */
export const laneFindings = ({ lane }: Pick<TargetStatus, 'lane'>): readonly Finding[] =>
  lane === undefined
    ? []
    : [{ kind: lane.state === 'quarantined' ? 'quarantined' : 'busy', text: laneText(lane) } as const];

/** Records whose last operation did not succeed. */
export const failingFindings = (
  { name, failing }: Pick<TargetStatus, 'name' | 'failing'>,
  nameAtTarget: NameAtTarget,
): readonly Finding[] => failing.map((record) => failingFinding(record, (type, key) => nameAtTarget(name, type, key)));

/** What the last pass left. The line of a quarantine has the same reason. */
export function lastPassFindings({
  last,
  lane,
  behind,
}: Pick<TargetStatus, 'last' | 'lane' | 'behind'>): readonly Finding[] {
  const { unavailable, held, hold } = summaryOf(last?.summary);
  return [
    ...(unavailable === undefined || lane?.state === 'quarantined'
      ? []
      : [{ kind: 'unavailable', text: unavailable } as const]),
    ...(behind > 0 ? [{ kind: 'behind', text: `${plural(behind, 'reading')} behind the source` } as const] : []),
    ...(held ?? []).map((reason, index, reasons) => ({
      kind: 'held' as const,
      text: `held: ${reason}`,
      ...(hold === undefined || index < reasons.length - 1 ? {} : { command: approveCommandLine(hold) }),
    })),
  ];
}

function countFindings({ due, uncertain, missing, deletionsRefused }: TargetStatus): readonly Finding[] {
  const counts: readonly (Finding & { readonly count: number })[] = [
    {
      kind: 'due',
      count: due,
      text: `${plural(due, 'record or membership', 'records and memberships')} due: failed, held or waiting`,
    },
    {
      kind: 'uncertain',
      count: uncertain,
      text:
        `${plural(uncertain, 'create is', 'creates are')} in doubt: not answered, or refused; ` +
        'the next pass looks the account up first',
    },
    {
      kind: 'missing',
      count: missing,
      text:
        `${plural(missing, 'account is', 'accounts are')} missing at the target; ` +
        'those of active people are created again, within the guard',
    },
    {
      kind: 'deletionsRefused',
      count: deletionsRefused,
      text:
        `${plural(deletionsRefused, 'deletion was', 'deletions were')} refused by the target; ` +
        'the access has ended, and the deletion is tried again',
    },
  ];
  return counts.flatMap(({ count, ...finding }) => (count > 0 ? [finding] : []));
}

function listFindings({ name, secondLooks, drift, orphans, unowned, learned }: TargetStatus): readonly Finding[] {
  const [looks, ...searched] = secondLooksText(secondLooks);
  return [
    ...(looks === undefined ? [] : [{ kind: 'secondLooks', text: looks, details: searched } as const]),
    ...driftFindings(name, drift),
    ...(orphans === 0 ? [] : [{ kind: 'orphans', text: orphansText(name, orphans) } as const]),
    ...(unowned === 0 ? [] : [{ kind: 'unowned', text: unownedText(name, unowned) } as const]),
    ...learnedText(learned).map((text) => ({ kind: 'learned', text }) as const),
  ];
}

/** Where the target no longer holds what it acknowledged. */
function driftFindings(name: string, { counts }: TargetStatus['drift']): readonly Finding[] {
  const text = driftCountsText(counts);
  const command = `scimsync drift --target ${name}`;
  return text === undefined ? [] : [{ kind: 'drift', text: `it differs: ${text}; "${command}" lists them`, command }];
}

function failingFinding(record: FailingRecord, nameOf: NameOf): Finding {
  const { resourceType, name, key, nextTry } = record;
  const label = name === '' ? key : `${name} (${key})`;
  const noun = resourceType === 'User' ? 'user' : 'group';
  return { kind: 'failing', text: `${noun} ${label}: ${failingText(record, nameOf)}${nextTryText(nextTry)}` };
}

/** What the target answered last, with the members that are concerned. */
export function failingText(
  { detail, members }: Pick<FailingRecord, 'detail' | 'members'>,
  nameOf: NameOf = () => undefined,
): string {
  if (members === undefined) return detail;
  const { total, first } = members;
  const others = total === 1 ? '' : ` and ${total - 1} more`;
  return `member ${nameOf('User', first) ?? nameOf('Group', first) ?? first}${others}: ${detail}`;
}

const nextTryText = (nextTry: NextTry | undefined): string =>
  nextTry === undefined ? '' : `; next try in pass ${nextTry.pass}, ${formatTime(nextTry.at)} at the latest`;

/** Who loses access after `resume`. */
function leaversWait(leavers: WaitingLeavers | undefined): readonly Finding[] {
  if (leavers === undefined || leavers.total === 0) return [];
  const { total, first } = leavers;
  const names = first.map(({ key, name }) => (name === '' || name === key ? key : `${name} (${key})`));
  const more = total > first.length ? `, and ${total - first.length} more` : '';
  const who = plural(total, 'leaver keeps', 'leavers keep');
  return [{ kind: 'leaversWait', text: `${who} access until "scimsync resume": ${names.join(', ')}${more}` }];
}
