import type { Judgement } from '../../model/reading/judgement.ts';
import { judgeAmounts, percent, type AmountLimits } from './amounts.ts';

/** A sign of inactivity that users of this reading no longer show. */
export interface SignComparison {
  readonly sign: string;
  /** Users who showed it in the last reading. */
  readonly had: number;
  /** Users who showed it in the last complete reading. */
  readonly hadComplete: number;
  /** Users of this reading who showed it and no longer do. */
  readonly lost: number;
  /** Names of the first of them. */
  readonly names?: readonly string[];
  /** Users who show it now. */
  readonly remaining: number;
}

/**
 * A sign that vanishes makes leavers active, and later ones too. An access rule hides it from all entries at once, so
 * one entry that still shows it is evidence that it is visible.
 *
 * @param mayBeHidden whether the source can hide a value, as a directory can: an empty cell of a file is not hidden
 */
export function judgeSigns(
  signs: readonly SignComparison[],
  mayBeHidden: boolean,
  limits: AmountLimits,
): readonly Judgement[] {
  return signs.flatMap(({ sign, had, hadComplete, lost, remaining, names = [] }) => {
    if (mayBeHidden && hadComplete > 0 && lost > 0 && remaining === 0) {
      const judgement: Judgement = {
        code: 'source.signVanished',
        subject: sign,
        numbers: { lost, before: hadComplete },
        reason:
          `"${sign}", a sign of inactivity, was visible on ${hadComplete} ${hadComplete === 1 ? 'user' : 'users'} ` +
          'in the last complete reading and is visible on no user now: an access rule may hide it, and ' +
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

function namesText(names: readonly string[], lost: number): string {
  if (names.length === 0) return lost === 1 ? '1 user' : `${lost} users`;
  const others = lost - names.length;
  return `${names.join(', ')}${others === 0 ? '' : ` and ${others} more`}`;
}

const none = { users: 0, groups: 0, memberships: 0 };

/**
 * Whether only a complete reading can show that a sign is still visible: users became active because it vanished, and
 * no changed entry shows it.
 */
export function needsCompleteReading(
  signs: readonly { readonly hadComplete: number; readonly reactivated: number; readonly shown: number }[],
): boolean {
  return signs.some(({ hadComplete, reactivated, shown }) => hadComplete > 0 && reactivated > 0 && shown === 0);
}
