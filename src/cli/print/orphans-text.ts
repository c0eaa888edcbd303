import type { OrphanCounts } from '../../store/store.ts';
import type { PassEvent } from '../../sync/events.ts';
import { plural } from './format.ts';

/** The state is new or was lost, and the target holds accounts. */
export function noMemoryText({ target, found }: Extract<PassEvent, { type: 'noMemory' }>): string {
  return (
    `${target}: the state has no memory of this target, which holds ${plural(found, 'account')}: ` +
    'it is new, or it was lost. Accounts of people in the source are adopted'
  );
}

/** Sentences about accounts that no record owns, and the commands that deal with them. */
export const orphanLines = (target: string, { orphans, unowned }: OrphanCounts): readonly string[] => [
  ...(orphans === 0 ? [] : [orphansText(target, orphans)]),
  ...(unowned === 0 ? [] : [unownedText(target, unowned)]),
];

/** Accounts with an externalId of scimsync. */
export const orphansText = (target: string, orphans: number): string =>
  `${plural(orphans, 'account carries', 'accounts carry')} an externalId that no record of the source has: ` +
  `"scimsync orphans --target ${target}" lists ${orphans === 1 ? 'it' : 'them'}`;

/** Accounts without an externalId. */
export const unownedText = (target: string, unowned: number): string =>
  `${plural(unowned, 'account has', 'accounts have')} no owner; leavers of a lost state would be among ` +
  `${unowned === 1 ? 'it' : 'them'}: "scimsync orphans --target ${target}"`;
