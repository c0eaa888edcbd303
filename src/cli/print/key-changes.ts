import type { KeyChange, KeyChanges } from '../../store/store.ts';
import { formatTime } from '../../model/time.ts';
import { grouped, plural } from './format.ts';

/** A long list shows this number; `scimsync status --json` prints more. */
const maxShown = 10;

/** The key changes that wait for an operator, with the commands that decide; empty: there are none. */
export function keyChangesText({ total, groups, reused, first }: KeyChanges): readonly string[] {
  if (total === 0) return [];
  const shown = first.slice(0, maxShown);
  const changed = total - reused;
  const nouns = groups === 0 ? 'people' : groups === total ? 'groups' : 'people and groups';
  const those = [
    ...(changed === 0
      ? []
      : [`${changedText(changed, groups)} changed ${changed === 1 ? 'the' : 'their'} key in the source`]),
    ...(reused === 0 ? [] : [`${plural(reused, 'key')} ${reused === 1 ? 'names' : 'name'} another person than before`]),
  ];
  return [
    `${those.join(', and ')}; nothing is created or removed for them until you decide:`,
    ...shown.map((change) => `  ${keyChangeText(change)}`),
    ...(total > shown.length ? [`  … and ${grouped(total - shown.length)} more`] : []),
    `If they are the same ${nouns}, run "scimsync relink"; if they are other ${nouns}, ` +
      'run "scimsync relink --as-new". ' +
      'A file of old,new pairs decides for some of them: "scimsync relink FILE".',
  ];
}

/** "30 people and 2 groups". */
export function changedText(total: number, groups: number): string {
  const people = total - groups;
  return [
    ...(people > 0 ? [plural(people, 'person', 'people')] : []),
    ...(groups > 0 ? [plural(groups, 'group')] : []),
  ].join(' and ');
}

/** "key changed: 007 → 7, same userName and name (ada@x.example), since …". */
export function keyChangeText({ resourceType, from, to, name, reason, since }: KeyChange): string {
  if (from === to) return `key names another person: ${from}, ${reason} (${name}), since ${formatTime(since)}`;
  const subject = resourceType === 'Group' ? 'key of a group' : 'key';
  return `${subject} changed: ${from} → ${to}, ${reason} (${name}), since ${formatTime(since)}`;
}

/** The same for `--json`. */
export function keyChangeLines({ first }: KeyChanges): readonly Readonly<Record<string, unknown>>[] {
  return first.map(({ resourceType, from, to, name, reason, since }) => ({
    type: 'keyChange',
    resource: resourceType,
    from,
    to,
    name,
    reason,
    since: formatTime(since),
  }));
}
