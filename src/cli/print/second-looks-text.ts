import { formatTime } from '../../model/time.ts';
import type { SecondLooks } from '../../store/snapshot/second-looks.ts';
import { plural } from './format.ts';

/** The removals that are looked at once more, for `status`. */
export function secondLooksText({ removals, unseen, first, searched }: SecondLooks): readonly string[] {
  if (removals === 0 || first === undefined) return [];
  const unread = unseen === 0 ? '' : `; ${unseen} of them only answered so far`;
  return [
    `${plural(removals, 'removal is', 'removals are')} looked at once more, from ${formatTime(first)} on${unread}`,
    ...searched.map(({ key, name, detail, due }) => `  user ${name} (${key}): ${detail}; after ${formatTime(due)}`),
  ];
}

/** The same for `status --json`. */
export const secondLooksLine = ({ removals, unseen, first, searched }: SecondLooks) => ({
  removals,
  unseen,
  first: first === undefined ? null : formatTime(first),
  searched: searched.map((one) => ({ ...one, due: formatTime(one.due) })),
});
