import type { Judgement } from '../../model/reading/judgement.ts';
import { judgeAmounts, percent, type AmountLimits } from './amounts.ts';

/**
 * What the server proves about the entries that lost a value. `proven`: they lack the attribute · `refuted`: at least
 * one has it, and the account may not read it · `unknown`: the server proves neither.
 */
export type Absence = 'proven' | 'refuted' | 'unknown';

/** A sign of inactivity that users of this reading no longer show. */
export interface SignComparison {
  readonly sign: string;
  /** Users who showed it in the last reading. */
  readonly had: number;
  /** Users of this reading who showed it and no longer do. */
  readonly lost: number;
  /** Names of the first of them. */
  readonly names?: readonly string[];
  /** Users who show it now. */
  readonly remaining: number;
  /** By default unknown. */
  readonly absence?: Absence;
}

/**
 * A sign that vanishes makes leavers active, and later ones too. An access rule hides it from all entries at once, so
 * one entry that still shows it is evidence that it is visible. Stronger evidence is what the server proves.
 *
 * @param mayBeHidden whether the source can hide a value, as a directory can: an empty cell of a file is not hidden
 */
export function judgeSigns(
  signs: readonly SignComparison[],
  mayBeHidden: boolean,
  limits: AmountLimits,
): readonly Judgement[] {
  return signs.flatMap(({ sign, had, lost, remaining, names = [], absence = 'unknown' }) => {
    if (mayBeHidden && isHidden({ lost, remaining, absence })) {
      const judgement: Judgement = {
        code: 'source.signVanished',
        subject: sign,
        numbers: { lost, before: had },
        reason:
          absence === 'refuted'
            ? `"${sign}", a sign of inactivity, is no longer visible on ${namesText(names, lost)}, although the ` +
              'server still has it: an access rule hides it, and they would count as active. ' +
              'Let the account of scimsync read it'
            : `"${sign}", a sign of inactivity, was visible on ${had} ${had === 1 ? 'user' : 'users'} ` +
              'in the last reading and is visible on no user now: an access rule may hide it, and ' +
              `${namesText(names, lost)} would count as active. Check what the account of scimsync may read. ` +
              `If an administrator ended it for ${lost === 1 ? 'this user' : 'these users'}, the reading is right`,
        refused: true,
      };
      return [judgement];
    }
    return judgeAmounts(
      { before: none, after: none, blanked: [{ part: 'users', attribute: sign, had, lost }] },
      limits,
    );
  });
}

/**
 * Most users who were inactive are active now: the value that decides is always "true", was sorted without the other
 * columns, or means the opposite. A few people return together from leave: the guard limits them at each target.
 */
export function judgeActivations(
  { users, stillInactive }: { readonly users: number; readonly stillInactive: number },
  limits: Pick<AmountLimits, 'floor'>,
): readonly Judgement[] {
  const before = users + stillInactive;
  if (users <= Math.max(limits.floor, activationFloor) || users <= maxActivated * before) return [];
  return [
    {
      code: 'source.activated',
      subject: 'active',
      numbers: { activated: users, before },
      reason:
        `${users} of the ${before} users who were inactive are active now: ${percent(users, before)}. ` +
        'The values that decide who is active may have lost their meaning: check them',
      refused: true,
    },
  ];
}

const activationFloor = 6;
/** As a share of the inactive users whom the reading contains. */
const maxActivated = 0.5;

/** Whether values vanished from all entries, or the server has them still. */
const isHidden = ({ lost, remaining, absence = 'unknown' }: Lost): boolean =>
  absence === 'refuted' || (absence === 'unknown' && lost > 0 && remaining === 0);

type Lost = Pick<SignComparison, 'lost' | 'remaining' | 'absence'>;

function namesText(names: readonly string[], lost: number, noun: 'user' | 'group' = 'user'): string {
  if (names.length === 0) return lost === 1 ? `1 ${noun}` : `${lost} ${noun}s`;
  const others = lost - names.length;
  return `${names.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
}

const none = { users: 0, groups: 0, memberships: 0 };

/** Groups that named members in the last reading and name none in this one. */
export interface EmptiedComparison {
  readonly emptied: number;
  /** Names of the first of them. */
  readonly names: readonly string[];
  /** Groups that name members now. */
  readonly remaining: number;
  readonly absence: Absence;
}

/** Refuses a reading in which no group names members any more, or the server has members that it does not show. */
export function judgeEmptiedGroups(groups: EmptiedComparison | undefined): readonly Judgement[] {
  if (groups === undefined) return [];
  const { emptied, names, remaining, absence } = groups;
  // The members of one group are removed through the guard, which holds the loss of all memberships.
  if (absence !== 'refuted' && (emptied < 2 || !isHidden({ lost: emptied, remaining, absence }))) return [];
  return [
    {
      code: 'source.membersVanished',
      subject: 'members',
      numbers: { emptied, remaining },
      reason:
        `${namesText(names, emptied, 'group')} had members in the last reading and ` +
        `${emptied === 1 ? 'shows' : 'show'} none now` +
        (absence === 'refuted'
          ? ', although the server still has them: an access rule hides them. Let the account of scimsync read them'
          : ', and no other group shows members: an access rule may hide them. ' +
            'Check what the account of scimsync may read'),
      refused: true,
    },
  ];
}

/**
 * Whether only a complete reading can show that a sign or members are still visible: users became active, or groups
 * empty, because the values vanished, and no changed entry shows them.
 */
export function needsCompleteReading(
  signs: readonly { readonly reactivated: number; readonly shown: number; readonly absence?: Absence }[],
  groups: { readonly shown: number; readonly absence: Absence } | undefined,
): string | undefined {
  const isOpen = ({ shown, absence = 'unknown' }: { readonly shown: number; readonly absence?: Absence }): boolean =>
    absence === 'unknown' && shown === 0;
  if (signs.some((sign) => sign.reactivated > 0 && isOpen(sign)))
    return 'users became active because a sign of inactivity vanished';
  return groups !== undefined && isOpen(groups) ? 'the members of groups vanished' : undefined;
}
