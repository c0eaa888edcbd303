import { formatTime } from '../../../model/time.ts';
import type { OpenLeavers } from '../../../store/notifications/conditions-interface.ts';
import { plural } from '../format.ts';

/** Leavers with access at a target: a sentence without names, and a line for each of the first ones. */
export function openLeaversText({ total, since, first }: OpenLeavers): readonly string[] {
  if (since === undefined) return [];
  const who = plural(total, 'leaver may still have', 'leavers may still have');
  return [
    `${who} access: no answer or read has shown the removal; the first one was planned at ${formatTime(since)}`,
    ...first.map(({ key, name, action, detail, since: planned }) => {
      const label = name === '' || name === key ? key : `${name} (${key})`;
      return `user ${label}: ${action} since ${formatTime(planned)}: ${detail}`;
    }),
  ];
}
