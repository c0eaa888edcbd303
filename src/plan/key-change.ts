import { foldKey, foldText } from '../model/reading/key-form.ts';

/** What is known of a user of the source, as far as it decides whether another user is the same person. */
export interface KnownPerson {
  readonly key: string;
  readonly userNames: readonly string[];
  readonly emails: readonly string[];
  /** Given name and family name; undefined: the source does not have both. */
  readonly fullName: readonly string[] | undefined;
}

/**
 * One sign by which two users are recognised as one person: both have a token with the same text.
 *
 *     strong   userName or e-mail address, and the full name; or the key in another spelling, and one of them
 *     weak     userName or e-mail address alone, where the source has no names
 */
export interface IdentityToken {
  readonly text: string;
  readonly isStrong: boolean;
  /** The userName or e-mail address in it, as the source has it. */
  readonly value: string;
  readonly reason: string;
  /** The full name as it is compared; undefined: the source does not have it. */
  readonly fullName: string | undefined;
}

/**
 * The signs of a user, the most certain first.
 *
 * A userName that is given to another person is no change of a key: without the same name it is a leaver and a joiner.
 */
export function identityTokens({ key, userNames, emails, fullName }: KnownPerson): readonly IdentityToken[] {
  const logins = [
    ...userNames.map((value) => ({ value, kind: 'userName' })),
    ...emails.map((value) => ({ value, kind: 'e-mail address' })),
  ];
  const folded = fullName?.map(foldText).join('\n');
  const tokens = (suffix: string, isStrong: boolean, reasonOf: (kind: string) => string): readonly IdentityToken[] =>
    logins.map(({ value, kind }) => ({
      text: `${kind}\n${foldText(value)}\n${suffix}`,
      isStrong,
      value,
      reason: reasonOf(kind),
      fullName: folded,
    }));
  const byKey = tokens(
    `key\n${foldKey(key)}`,
    true,
    (kind) => `same ${kind}, and the keys differ only in their spelling`,
  );
  if (folded === undefined) return [...byKey, ...tokens('unnamed', false, (kind) => `same ${kind}`)];
  return [...tokens(`named\n${folded}`, true, (kind) => `same ${kind} and name`), ...byKey];
}

/**
 * Whether weak signs count: they do if at least half of the users who vanished come back in that way, and more
 * than the floor. One reused userName means nothing; a hundred of them are another column of keys.
 */
export function doWeakSignsCount(weakPairs: number, vanished: number, floor: number): boolean {
  return weakPairs > floor && 2 * weakPairs >= vanished;
}

/** The displayName of a group as it is compared: case, blanks and invisible characters do not distinguish groups. */
export const foldGroupName = (name: string): string => foldText(name);

/** Two groups with one displayName, of which one vanished from the source and the other is new. */
export interface GroupPair {
  readonly from: string;
  readonly to: string;
  /** Numbers of members: of the group that vanished, of the new one, and of those that both have. */
  readonly before: number;
  readonly now: number;
  /** A member whose key changed is the same member. */
  readonly common: number;
}

/**
 * Why two groups with one displayName are one group: at least half of the members of the larger one are in both, or
 * only the spelling of the keys differs. Undefined: they are two groups.
 */
export function sameGroupReason({ from, to, before, now, common }: GroupPair): string | undefined {
  const larger = Math.max(before, now);
  const isSameKey = foldKey(from) === foldKey(to);
  if (larger === 0 && !isSameKey) return 'same displayName, and neither has members';
  if (larger > 0 && common === larger) return 'same displayName and members';
  if (larger > 0 && 2 * common >= larger) return `same displayName, and ${common} of ${larger} members`;
  return isSameKey ? 'same displayName, and the keys differ only in their spelling' : undefined;
}

/** At most this number of key changes in one reading is carried out without an operator, with `"relink": "auto"`. */
export const maxAutomaticRelinks = 10;
