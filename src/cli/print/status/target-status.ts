import { formatTime } from '../../../model/time.ts';
import type { Finding } from '../../../page/facts/finding.ts';
import type { WaitingLeavers } from '../../../sync/suspensions/leavers-at-pause.ts';
import type { TargetStatus } from '../../../store/target-status.ts';
import { noDrift } from '../../../store/drift/drift-status.ts';
import { noSecondLooks } from '../../../store/snapshot/second-looks.ts';
import { driftStatusLine } from '../../drift/drift-json.ts';
import { plural } from '../format.ts';
import { learnedLine } from '../learned-text.ts';
import { secondLooksLine } from '../second-looks-text.ts';
import { pauseAsJson } from '../suspensions-text.ts';
import { laneAsJson } from './lane-text.ts';
import { summaryOf } from './stored-summary.ts';
import { failingText } from './target-findings.ts';

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
    drift: noDrift,
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
    drift: driftStatusLine(rest.drift),
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

/** Whether the last pass reached the target and sent everything there. */
export function triedText(summary: unknown): string {
  const { unavailable, skipped } = summaryOf(summary);
  return unavailable === undefined && skipped === 0 ? 'processed' : 'tried, and not completed,';
}

/** A target for a terminal. */
export function statusText(status: TargetStatus, findings: readonly Finding[]): readonly string[] {
  const { name, users, groups, memberships, last } = status;
  const held =
    `${plural(users.active, 'active person', 'active people')}, ${users.inactive} inactive, ` +
    `${plural(groups, 'group')}, ${plural(memberships, 'membership')}`;
  const head =
    last !== undefined
      ? `${held}; ${triedText(last.summary)} in pass ${last.pass} at ${formatTime(last.at)}`
      : users.active + users.inactive + groups === 0
        ? 'not processed yet'
        : `${held}; no pass has ended there yet`;
  return [`${name}: ${head}`, ...findings.flatMap(findingLines)];
}

/** Records are listed below the count of what is due. */
const findingLines = ({ kind, text, details = [], command }: Finding): readonly string[] => [
  `${kind === 'failing' ? '    ' : '  '}${text}`,
  ...details.map((line) => `  ${line}`),
  ...(kind === 'held' && command !== undefined ? [`  if it is right: ${command}`] : []),
];
