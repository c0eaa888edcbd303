import { formatTime } from '../../model/time.ts';
import type { RejectionReport } from '../../store/store.ts';
import { plural, rejectedText } from './format.ts';

/** The rejected rows of the last reading, and who keeps access because of them. */
export function rejectionsText({ rejected, waiting, waitingMemberships }: RejectionReport): readonly string[] {
  if (rejected.total === 0) return [];
  return [
    `${rejectedText(rejected.total)}:`,
    ...rejected.rows.map(({ part, line, key, reason, since }) => {
      const subject = key === undefined ? '' : `, key ${JSON.stringify(key)}`;
      return `  line ${line} of the ${part}${subject}, since ${formatTime(since)}: ${reason}`;
    }),
    ...moreText(rejected.total - rejected.rows.length, 'row'),
    ...(waiting.total === 0
      ? []
      : [
          `${plural(waiting.total, 'user or group', 'users and groups')} absent from the source and not removed, ` +
            'because a rejected row could be that user or group:',
          ...waiting.records.map(({ resourceType, key, name, since, line }) => {
            const label = name === key ? key : `${name} (${key})`;
            const noun = resourceType === 'User' ? 'user' : 'group';
            return `  ${noun} ${label}, since ${formatTime(since)}: line ${line}`;
          }),
          ...moreText(waiting.total - waiting.records.length, 'user or group', 'users and groups'),
        ]),
    ...(waitingMemberships === 0
      ? []
      : [
          `${plural(waitingMemberships, 'membership')} absent from the source and not removed, ` +
            'because a rejected row could be that membership',
        ]),
  ];
}

function moreText(count: number, one: string, many?: string): readonly string[] {
  return count > 0 ? [`  … and ${plural(count, `more ${one}`, many === undefined ? undefined : `more ${many}`)}`] : [];
}

/** The same as JSON lines: one for each named row, user and group, and one with the totals; none without a row. */
export function rejectionsAsJson({
  rejected,
  waiting,
  waitingMemberships,
}: RejectionReport): readonly Readonly<Record<string, unknown>>[] {
  if (rejected.total === 0) return [];
  return [
    ...rejected.rows.map(({ part, line, key, reason, since }) => ({
      type: 'rejectedRow',
      part,
      line,
      key: key ?? null,
      reason,
      since: formatTime(since),
    })),
    ...waiting.records.map(({ resourceType, key, name, since, line }) => ({
      type: 'waitingRemoval',
      resource: resourceType,
      key,
      name,
      since: formatTime(since),
      line,
    })),
    {
      type: 'source',
      rejected: rejected.total,
      waitingRemovals: waiting.total,
      waitingMemberships,
    },
  ];
}
