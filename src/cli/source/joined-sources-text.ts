import type { JoinedRecord } from '../../model/record.ts';
import { formatTime } from '../../model/time.ts';
import type { AmbiguousValue } from '../../store/store.ts';
import type { JoinedSourceReport } from '../../sync/joins/joined-source-report.ts';
import type { Colors } from '../console.ts';
import { plural } from '../print/format.ts';
import { judgementsText } from '../print/judgements.ts';
import type { JsonLine } from '../print/json-lines.ts';
import { rejectionsText } from '../print/rejections.ts';

/** What a pass found out about joined sources: why a reading is not accepted, rejected rows, values that repeat. */
export const joinedSourcesText = (reports: readonly JoinedSourceReport[], colors: Colors): readonly string[] =>
  reports.flatMap((report) => reportText(report, colors));

function reportText(
  { source, failure, judgements, rejections, counts }: JoinedSourceReport,
  colors: Colors,
): readonly string[] {
  const name = `source ${source}`;
  return [
    ...(failure === undefined
      ? judgementsText(judgements, colors, name)
      : [
          colors.red(
            `${name}: not accepted since ${formatTime(failure.since)}, what depends on it stays as it was: ` +
              `${failure.message} (code: ${failure.code})`,
          ),
        ]),
    ...rejectionsText(rejections).map((line) => colors.red(`${name}: ${line}`)),
    ...(counts.ambiguous === 0
      ? []
      : [
          `${name}: ${plural(counts.ambiguous, 'user is', 'users are')} not joined, because several users or several ` +
            'records have the value:',
          ...counts.ambiguousValues.map(ambiguousText),
        ].map(colors.yellow)),
    ...(counts.unjoinedMembers === 0
      ? []
      : [
          colors.yellow(
            `${name}: ${plural(counts.unjoinedMembers, 'member of a group is', 'members of groups are')} left out, ` +
              'because they are joined to no user of the primary source',
          ),
        ]),
  ];
}

const ambiguousText = ({ value, users, records }: AmbiguousValue): string =>
  `  ${JSON.stringify(value)}: users ${users.join(', ')}; records ${records.join(', ')}`;

/** The same as JSON lines, one for each source. */
export const joinedSourceLines = (reports: readonly JoinedSourceReport[]): readonly JsonLine[] =>
  reports.map(({ source, failure, judgements, rejected, counts }) => ({
    type: 'joinedSource',
    source,
    accepted: failure === undefined,
    since: failure === undefined ? null : formatTime(failure.since),
    code: failure?.code ?? null,
    message: failure?.message ?? null,
    judgements,
    rejected,
    users: { joined: counts.joined, missing: counts.missing, ambiguous: counts.ambiguous },
    ambiguous: counts.ambiguousValues,
    groups: counts.groups,
    memberships: counts.memberships,
    unjoinedMembers: counts.unjoinedMembers,
  }));

/** Whether a source needs the operator. */
export const isJoinFailed = (reports: readonly JoinedSourceReport[]): boolean =>
  reports.some(({ failure, rejected }) => failure !== undefined || rejected > 0);

/** What a user has in joined sources. */
export function joinedRecordsText(
  names: readonly string[],
  joined: Readonly<Record<string, JoinedRecord>> | undefined,
): readonly string[] {
  return names.flatMap((name) => {
    const record = joined?.[name];
    return [
      `    source ${name}: ${stateText(record)}`,
      ...Object.entries(record?.attributes ?? {}).map(
        ([attribute, values]) => `      ${name}.${attribute}: ${values.join(' | ')}`,
      ),
    ];
  });
}

function stateText(record: JoinedRecord | undefined): string {
  const value = JSON.stringify(record?.value ?? '');
  switch (record?.state) {
    case 'joined':
      return `record ${record.key ?? ''}, joined by ${value}`;
    case 'missing':
      return record.value === undefined
        ? 'no record: the user has no value by which it is joined'
        : `no record: no record has the value ${value}`;
    case 'ambiguous':
      return `no record: several users or several records have the value ${value}`;
    case 'unknown':
    case undefined:
      return (
        'not compared with this user yet, because no reading of it was accepted since, ' +
        'or because a change of the key waits'
      );
  }
}
