import type { SourceKey } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import type { LeaverLookUp } from '../../store/store.ts';
import { displayName } from '../../plan/diff.ts';
import type { ExecutionDeps, ExecutionRound } from '../context.ts';
import { unknownLeavers, withoutAccount, type UnknownLeaver } from './without-account.ts';

/** The users to look up in one pass, of all that were not looked up yet. */
export interface Rotation<T> {
  /** @param lastPass the last pass whose look-up of the user was not answered; undefined: none looked the user up */
  add(user: T, lastPass: number | undefined): void;
  /** The users of this pass. */
  chosen(): readonly T[];
  /** Number of users that were added. */
  readonly open: number;
}

/**
 * Chooses up to `limit` users: first those whom no pass looked up, then those whose last look-up is the longest ago. So
 * users whose look-up is never answered do not keep the others from being looked up.
 */
export function createRotation<T>(limit: number): Rotation<T> {
  const fresh: T[] = [];
  let repeated: { readonly user: T; readonly lastPass: number }[] = [];
  let open = 0;
  const keepOldest = (): void => {
    repeated = repeated.toSorted((one, other) => one.lastPass - other.lastPass).slice(0, limit);
  };
  return {
    add(user, lastPass) {
      open += 1;
      if (lastPass !== undefined) {
        repeated.push({ user, lastPass });
        if (repeated.length > 2 * limit) keepOldest();
      } else if (fresh.length < limit) fresh.push(user);
    },
    chosen() {
      keepOldest();
      return [...fresh, ...repeated.map(({ user }) => user)].slice(0, limit);
    },
    get open() {
      return open;
    },
  };
}

/**
 * The values by which a user who should have no access is looked up; undefined: no value finds an account of this user.
 * An account with a userName that another user gets belongs to that user.
 *
 * @param neededNames userNames of users who get an account, in lower case
 */
export function lookUpValues(
  identity: FlatResource,
  matchUsers: readonly string[],
  neededNames: ReadonlySet<string> = new Set(),
): FlatResource | undefined {
  const { userName, ...rest } = identity;
  const isNeeded = typeof userName === 'string' && neededNames.has(userName.toLowerCase());
  const values = isNeeded ? rest : identity;
  return matchUsers.some((attribute) => typeof values[attribute] === 'string') ? values : undefined;
}

/** The next pass looks up the others. */
const maxLookUps = 500;

/** The look-ups of a pass. */
export interface LookUps {
  readonly lookUps: readonly UnknownLeaver[];
  /** Their users, and those whose account no look-up can find. */
  readonly lookedUp: readonly SourceKey[];
  /** Number of users without an answered look-up, these ones included. */
  readonly open: number;
}

export const noLookUps: LookUps = { lookUps: [], lookedUp: [], open: 0 };

/**
 * Chooses the users to look up: those without a listed account whom no earlier pass looked up.
 *
 * @param listed users whom a listed account was found for
 * @param hasList an incomplete list shows the accounts of most users. Without any list, users who are out of scope are
 *   not looked up: they may be most of the source, and the target may never have had them
 */
export async function chooseLookUps(
  { store }: Pick<ExecutionDeps, 'store'>,
  { spec, mapping }: Omit<ExecutionRound, 'round'>,
  listed: ReadonlySet<SourceKey>,
  hasList: boolean,
): Promise<LookUps> {
  const { matchUsers } = spec.profile.protocol;
  const rotation = createRotation<UnknownLeaver>(maxLookUps);
  for await (const page of unknownLeavers(store, mapping, spec)) {
    const remembered = store.leaverLookUps.of(page.map(({ record: { key } }) => key));
    for (const leaver of page) {
      const { key } = leaver.record;
      const last = remembered.get(key);
      if (listed.has(key) || last?.isAnswered === true || (!hasList && leaver.reason === 'outOfScope')) continue;
      if (lookUpValues(leaver.identity, matchUsers) !== undefined) rotation.add(leaver, last?.pass);
    }
  }
  const chosen = rotation.chosen();
  const neededNames =
    chosen.length === 0 ? new Set<string>() : await namesOfOthers({ store }, { spec, mapping }, chosen);
  const lookUps = chosen.flatMap((leaver) => {
    const identity = lookUpValues(leaver.identity, matchUsers, neededNames);
    return identity === undefined ? [] : [{ ...leaver, identity }];
  });
  return { lookUps, lookedUp: chosen.map(({ record: { key } }) => key), open: rotation.open };
}

/** Of the userNames of these users, in lower case: those of users who get an account. */
async function namesOfOthers(
  { store }: Pick<ExecutionDeps, 'store'>,
  { spec, mapping }: Pick<ExecutionRound, 'spec' | 'mapping'>,
  leavers: readonly UnknownLeaver[],
): Promise<ReadonlySet<string>> {
  const names = new Set(leavers.map(({ identity }) => displayName('User', identity).toLowerCase()));
  const needed = new Set<string>();
  for await (const page of withoutAccount(store, mapping, spec))
    for (const { desired } of page) {
      const name = desired.kind === 'present' ? displayName('User', desired.body).toLowerCase() : '';
      if (names.has(name)) needed.add(name);
    }
  return needed;
}

/** Remembers which look-ups of a pass were answered. @returns the number of these */
export async function rememberLookUps(
  { journal, store }: Pick<ExecutionDeps, 'journal' | 'store'>,
  { spec, pass }: Pick<ExecutionRound, 'spec' | 'pass'>,
  lookedUp: readonly SourceKey[],
): Promise<number> {
  const lookUps: LeaverLookUp[] = [];
  for (const key of lookedUp) {
    const { operations } = await journal.recordEntries(pass, spec.name, 'User', key);
    const stored = operations.find(({ operation }) => operation.action === 'verifyCreate');
    if (stored === undefined || ['done', 'adopted'].includes(stored.state)) lookUps.push({ key, isAnswered: true });
    else if (stored.state === 'failed' || stored.state === 'unknown') lookUps.push({ key, isAnswered: false });
  }
  if (lookUps.length > 0) await store.leaverLookUps.save(pass, lookUps);
  return lookUps.filter(({ isAnswered }) => isAnswered).length;
}
