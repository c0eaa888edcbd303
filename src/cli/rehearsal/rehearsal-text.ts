import { describeEdit } from '../../plan/describe.ts';
import { managerPath } from '../../model/path.ts';
import type { TargetConfig } from '../../config/config.ts';
import { catalogue, misbehaviourProblem } from '../../sandbox/misbehaviours/catalogue.ts';
import { grouped, plural } from '../print/format.ts';
import type { CopiedTarget } from './copy-target.ts';
import type { Difference } from './differences.ts';

/** What was copied, for a person. */
export function copiedText(
  { name, profile, about }: Pick<TargetConfig, 'name' | 'profile' | 'about'>,
  { users, groups, memberships, fromState }: CopiedTarget,
): readonly string[] {
  const ofState = [
    ...(fromState.users === 0 ? [] : [plural(fromState.users, 'inactive user')]),
    ...(fromState.memberships === 0 ? [] : [plural(fromState.memberships, 'membership')]),
  ];
  return [
    `${name}: copied ${plural(users, 'user')}, ${plural(groups, 'group')} and ${plural(memberships, 'membership')}; ` +
      `the double plays the profile "${profile.name}" (${about.supportLevel ?? 'your own'})`,
    ...(ofState.length === 0
      ? []
      : [`  from the state, because the application does not show it: ${ofState.join(', ')}`]),
  ];
}

/**
 * What the double of a target cannot play, as sentences.
 *
 * @param isPaced whether the double has the rate limits of the profile
 */
export function notPlayed(
  { profile }: Pick<TargetConfig, 'profile'>,
  { unknownPaths }: Pick<CopiedTarget, 'unknownPaths'>,
  isPaced: boolean,
): readonly string[] {
  const { limits, protocol, misbehaviours } = profile;
  return [
    ...(isPaced ? [] : [`its pace of ${limits.requestsPerSecond} requests per second: the double answers at once`]),
    ...(protocol.refusedUsers === 'readable' ? [] : ['404 for a user whose update it refused']),
    ...catalogue
      .filter(({ number }) => misbehaviours.includes(number) && misbehaviourProblem(number) !== undefined)
      .map(({ number, title }) => `misbehaviour ${number}: ${title}`),
    ...(unknownPaths.length === 0
      ? []
      : [`whether it stores ${unknownPaths.join(', ')}: no account there has it, and the double stores it`]),
  ];
}

/** A longer list shows this number of each kind; `--json` prints all. */
export const maxShown = 10;

const maxNamesShown = 5;

/** One user or group that changed at the double, as a line. @param nameOf the name of a user or group by its id */
export function differenceText(
  { kind, resourceType, id, name, changes, removed, added }: Difference,
  nameOfId: (id: string) => string | undefined,
): string {
  const list = (ids: readonly string[]): string => {
    const names = ids.slice(0, maxNamesShown).map((each) => nameOfId(each) ?? each);
    return ids.length > maxNamesShown ? `${grouped(ids.length)} members (${names.join(', ')}, …)` : names.join(', ');
  };

  const parts = [
    ...changes.map((edit) => {
      if (edit.path !== managerPath) return describeEdit(edit);
      const named = (value: typeof edit.from): typeof edit.from =>
        typeof value === 'string' ? (nameOfId(value) ?? value) : value;
      return describeEdit({ ...edit, from: named(edit.from), to: named(edit.to) });
    }),
    ...(removed.length === 0 ? [] : [`without ${list(removed)}`]),
    ...(added.length === 0 ? [] : [`with ${list(added)}`]),
  ];
  const subject = `${kind} ${resourceType === 'User' ? 'user' : 'group'} ${name === '' ? id : `${name} (${id})`}`;
  return parts.length === 0 ? subject : `${subject}: ${parts.join(', ')}`;
}

/** The same for `--json`. */
export function differenceLine(target: string, found: Difference): Readonly<Record<string, unknown>> {
  const { kind, resourceType, id, name, changes, removed, added } = found;
  return {
    ...{ type: 'difference', target, kind, resource: resourceType, id, name },
    changes: [
      ...changes,
      ...(removed.length === 0 ? [] : [{ path: 'members', from: removed, to: null }]),
      ...(added.length === 0 ? [] : [{ path: 'members', from: null, to: added }]),
    ],
  };
}
