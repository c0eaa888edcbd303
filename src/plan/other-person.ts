import type { Instant } from '../model/ids.ts';
import { foldKey, foldText } from '../model/reading/key-form.ts';
import type { KnownPerson } from './key-change.ts';

/** Another person under a key: how the two are called, and how they differ, as a continuation. */
export interface OtherPerson {
  /** The userName, e-mail address or name of the person whom the key names now. */
  readonly name: string;
  readonly reason: string;
}

/**
 * Whether a key names another person than before, such as the employee number of a leaver that a joiner gets. Nothing
 * of the two may agree: not one name in any place, not one userName, not one e-mail address.
 *
 *     changed                                  the same person?
 *     family name, userName, e-mail address    yes: a marriage
 *     given name, userName, e-mail address     yes
 *     spelling of all names, and the rest      yes: "Jürgen Groß" and "Juergen Gross", "Max" and "Maximilian"
 *     all names, userName or e-mail address    no
 *     all names, and each login has the key    no: logins that contain the key distinguish no people
 *
 * @returns undefined: the same person, or the source has no names
 */
export function otherPerson(before: KnownPerson, now: KnownPerson): OtherPerson | undefined {
  if (before.fullName === undefined || now.fullName === undefined) return undefined;
  if (haveCommonName(before.fullName, now.fullName)) return undefined;
  const logins = new Set(loginsOf(before));
  if (loginsOf(now).some((login) => logins.has(login))) return undefined;
  const fullName = now.fullName.join(' ');
  return {
    name: now.userNames[0] ?? now.emails[0] ?? fullName,
    reason: `${before.fullName.join(' ')} before, ${fullName} now`,
  };
}

/** A key that no source has, for a person whose key names another person now. */
export const formerKey = (key: string, at: Instant): string =>
  `${key} (former person, until ${new Date(at).toISOString()})`;

/** Whether a key is one of `formerKey`, in any case. */
export const isFormerKey = (key: string): boolean => /\(former person, until [\dtz:.-]+\)$/i.test(key);

/** Whether a word of both names is the same in one spelling or another, also where the columns were exchanged. */
function haveCommonName(before: readonly string[], now: readonly string[]): boolean {
  const [wordsBefore, wordsNow] = [before.map(wordsOf), now.map(wordsOf)];
  const all = wordsNow.flat();
  // A placeholder such as "-" is the name of no person.
  if (wordsBefore.flat().length === 0 || all.length === 0) return true;
  return wordsBefore.some((words, index) =>
    words.some((word) => all.includes(word) || wordsNow[index]?.some((other) => areSpellings(word, other)) === true),
  );
}

/** The words of a name, without accents, and in the spelling of languages that write umlauts with two letters. */
const wordsOf = (name: string): readonly string[] =>
  plainText(name)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

const plainText = (text: string): string =>
  foldText(text)
    .replaceAll('ß', 'ss')
    .replaceAll(/[øö]/g, 'oe')
    .replaceAll(/[æä]/g, 'ae')
    .replaceAll('å', 'aa')
    .replaceAll('ü', 'ue')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll('ı', 'i')
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '');

/** "Max" and "Maximilian", "Meier" and "Meyer": from three letters the beginning, from five on one letter in four. */
function areSpellings(one: string, other: string): boolean {
  const [short, long] = one.length <= other.length ? [one, other] : [other, one];
  if (short.length >= 3 && long.startsWith(short)) return true;
  return short.length >= 5 && 4 * distance(short, long) <= long.length;
}

/** How many letters are inserted, left out or replaced (Levenshtein). */
function distance(one: string, other: string): number {
  const letters = [...other];
  let row = Array.from({ length: letters.length + 1 }, (_, index) => index);
  for (const [index, letter] of [...one].entries()) {
    const next = [index + 1];
    for (const [column, otherLetter] of letters.entries())
      next.push(
        Math.min(
          (row[column + 1] ?? 0) + 1,
          (next[column] ?? 0) + 1,
          (row[column] ?? 0) + (letter === otherLetter ? 0 : 1),
        ),
      );
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** UserNames and e-mail addresses that are more than the key, such as "p00123@corp.example". */
function loginsOf({ key, userNames, emails }: KnownPerson): readonly string[] {
  const folded = foldKey(key);
  const logins = [...userNames, ...emails].map(foldText);
  return folded.length < 3 ? logins : logins.filter((login) => !login.includes(folded));
}
