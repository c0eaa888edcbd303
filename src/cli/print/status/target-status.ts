import type { NextTry } from '../../../model/requeue.ts';
import { formatTime } from '../../../model/time.ts';
import type { NameOf } from '../../../plan/describe.ts';
import type { FailingRecord } from '../../../store/failing.ts';
import type { NameAtTarget } from '../../../store/store.ts';
import type { WaitingLeavers } from '../../../sync/suspensions/leavers-at-pause.ts';
import type { TargetStatus } from '../../../store/read-only-store.ts';
import { noSecondLooks } from '../../../store/snapshot/second-looks.ts';
import { plural } from '../format.ts';
import { learnedLine, learnedText } from '../learned-text.ts';
import { orphanLines } from '../orphans-text.ts';
import { secondLooksLine, secondLooksText } from '../second-looks-text.ts';
import { pauseAsJson, pauseText } from '../suspensions-text.ts';
import { laneAsJson, laneText } from './lane-text.ts';

/** The users and groups that the state knows at a target. */
export const accountsOf = ({ users, groups }: TargetStatus): number => users.active + users.inactive + groups;

/** A target that the configuration no longer has: its accounts stay open, and no pass removes a leaver there. */
export function goneText(target: TargetStatus): readonly string[] {
  const { name, users, groups, uncertain } = target;
  return [
    `${name}: is not in the configuration, and still holds ${plural(accountsOf(target), 'account')}: ` +
      `${plural(users.active, 'active person', 'active people')}, ${users.inactive} inactive, ` +
      `${plural(groups, 'group')}. No pass removes leavers there.`,
    ...(uncertain > 0 ? [`  ${plural(uncertain, 'create is', 'creates are')} in doubt`] : []),
    `  If it was renamed, run "scimsync target rename ${name} NEW"; ` +
      `if its accounts are no longer to be managed, run "scimsync target forget ${name}"`,
  ];
}

/** A target that no pass has processed. */
export function emptyStatus(name: string): TargetStatus {
  return {
    name,
    lane: undefined,
    paused: undefined,
    users: { active: 0, inactive: 0 },
    groups: 0,
    memberships: 0,
    due: 0,
    uncertain: 0,
    missing: 0,
    deletionsRefused: 0,
    secondLooks: noSecondLooks,
    behind: 0,
    orphans: 0,
    unowned: 0,
    listed: undefined,
    last: undefined,
    ignoredWrites: [],
    learned: [],
    discovery: undefined,
    discoveryReadAt: undefined,
    failing: [],
  };
}

/** A target as a line of `--json`. */
export function statusLine(
  status: TargetStatus,
  leavers: WaitingLeavers | undefined,
): Readonly<Record<string, unknown>> {
  const { name, lane, paused, last, ignoredWrites, learned, discovery: _, discoveryReadAt, listed, ...rest } = status;
  return {
    type: 'target',
    target: name,
    lane: lane === undefined ? null : laneAsJson(lane),
    paused: paused === undefined ? null : { ...pauseAsJson(paused), leavers: leavers ?? null },
    ...rest,
    failing: rest.failing.map(({ members, ...record }) => ({ ...record, detail: failingText({ members, ...record }) })),
    secondLooks: secondLooksLine(rest.secondLooks),
    listed: listed === undefined ? null : formatTime(listed),
    ignoredWrites: ignoredWrites.map(({ kind, at }) => ({ kind, at: formatTime(at) })),
    learned: learned.map(learnedLine),
    serviceProviderConfigReadAt: discoveryReadAt === undefined ? null : formatTime(discoveryReadAt),
    last:
      last === undefined
        ? null
        : {
            pass: last.pass,
            at: formatTime(last.at),
            ended: last.ended === undefined ? null : formatTime(last.ended),
            result: last.result ?? null,
            summary: last.summary,
          },
  };
}

/** What `status` reads of the report of a pass at a target. */
interface Summary {
  readonly held: { readonly reasons: readonly string[] } | null;
  readonly unavailable?: string;
  readonly skipped?: number;
}

const triedText = ({ unavailable, skipped = 0 }: Summary): string =>
  unavailable === undefined && skipped === 0 ? 'processed' : 'tried, and not completed,';

/** The line of a quarantine has the same reason. */
const unavailableText = ({ unavailable }: Summary, lane: TargetStatus['lane']): readonly string[] =>
  unavailable === undefined || lane?.state === 'quarantined' ? [] : [`  ${unavailable}`];

/** A target for a terminal. */
export function statusText(
  {
    name,
    lane,
    paused,
    users,
    groups,
    memberships,
    due,
    uncertain,
    missing,
    deletionsRefused,
    secondLooks,
    behind,
    last,
    learned,
    orphans,
    unowned,
    failing,
  }: TargetStatus,
  leavers: WaitingLeavers | undefined,
  nameAtTarget: NameAtTarget,
): readonly string[] {
  const pause = [
    ...(lane === undefined ? [] : [`  ${laneText(lane)}`]),
    ...(paused === undefined ? [] : [`  ${pauseText(paused)}`, ...leaversText(leavers)]),
  ];
  if (last === undefined) return [`${name}: not processed yet`, ...pause];
  const summary = last.summary as Summary;
  const { held } = summary;
  return [
    `${name}: ${plural(users.active, 'active person', 'active people')}, ${users.inactive} inactive, ` +
      `${plural(groups, 'group')}, ${plural(memberships, 'membership')}; ` +
      `${triedText(summary)} in pass ${last.pass} at ${formatTime(last.at)}`,
    ...pause,
    ...unavailableText(summary, lane),
    ...(behind > 0 ? [`  ${plural(behind, 'reading')} behind the source`] : []),
    ...(held === null ? [] : held.reasons.map((reason) => `  held: ${reason}`)),
    ...(due > 0
      ? [`  ${plural(due, 'record or membership', 'records and memberships')} due: failed, held or waiting`]
      : []),
    ...(uncertain > 0
      ? [
          `  ${plural(uncertain, 'create is', 'creates are')} in doubt: not answered, or refused; ` +
            'the next pass looks the account up first',
        ]
      : []),
    ...(missing > 0
      ? [
          `  ${plural(missing, 'account is', 'accounts are')} missing at the target; ` +
            'those of active people are created again, within the guard',
        ]
      : []),
    ...(deletionsRefused > 0
      ? [
          `  ${plural(deletionsRefused, 'deletion was', 'deletions were')} refused by the target; ` +
            'the access has ended, and the deletion is tried again',
        ]
      : []),
    ...secondLooksText(secondLooks).map((line) => `  ${line}`),
    ...orphanLines(name, { orphans, unowned }).map((line) => `  ${line}`),
    ...learnedText(learned).map((line) => `  ${line}`),
    ...failing.map((record) => {
      const { resourceType, name: ownName, key, nextTry } = record;
      const detail = failingText(record, (type, member) => nameAtTarget(name, type, member));
      const label = ownName === '' ? key : `${ownName} (${key})`;
      return `    ${resourceType === 'User' ? 'user' : 'group'} ${label}: ${detail}${nextTryText(nextTry)}`;
    }),
  ];
}

/** What the target answered last, with the members that are concerned. */
function failingText({ detail, members }: Pick<FailingRecord, 'detail' | 'members'>, nameOf: NameOf = () => undefined) {
  if (members === undefined) return detail;
  const { total, first } = members;
  const others = total === 1 ? '' : ` and ${total - 1} more`;
  return `member ${nameOf('User', first) ?? nameOf('Group', first) ?? first}${others}: ${detail}`;
}

/** Who loses access after `resume`. */
function leaversText(leavers: WaitingLeavers | undefined): readonly string[] {
  if (leavers === undefined || leavers.total === 0) return [];
  const { total, first } = leavers;
  const names = first.map(({ key, name }) => (name === '' || name === key ? key : `${name} (${key})`));
  const more = total > first.length ? `, and ${total - first.length} more` : '';
  const who = plural(total, 'leaver keeps', 'leavers keep');
  return [`  ${who} access until "scimsync resume": ${names.join(', ')}${more}`];
}

const nextTryText = (nextTry: NextTry | undefined): string =>
  nextTry === undefined ? '' : `; next try in pass ${nextTry.pass}, ${formatTime(nextTry.at)} at the latest`;
