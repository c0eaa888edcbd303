import { plural } from '../../print/format.ts';
import type { Choice } from '../dialogue/question.ts';
import { surveyedAttributes, type Found } from './survey.ts';

const countOf = ({ having }: Found, attribute: string): number => having.get(attribute.toLowerCase()) ?? 0;

/** "57 users; 52 have employeeNumber, 50 have mail". Attributes that all or no users have are left out. */
export function describeFound(found: Found): string {
  const { dns, isCut } = found;
  const partial = surveyedAttributes.filter((name) => isPartial(found, name));
  const counts = partial.map((name) => `${countOf(found, name)} have ${name}`);
  const total = `${isCut ? 'the first ' : ''}${plural(dns.length, 'user')}`;
  return counts.length === 0 ? total : `${total}; ${counts.join(', ')}`;
}

/** Filters for what only some users have: accounts of programs often have no employee number. */
export const filterChoices = (found: Found): readonly Choice[] =>
  ['employeeNumber', 'employeeID', 'mail']
    .filter((name) => isPartial(found, name))
    .map((name) => ({ answer: `(${name}=*)`, note: `${countOf(found, name)} of ${found.dns.length}` }));

const isPartial = (found: Found, name: string): boolean => {
  const count = countOf(found, name);
  return count > 0 && count < found.dns.length;
};

/** Attributes by which users log in. */
const loginAttributes: readonly string[] = ['uid', 'userPrincipalName', 'sAMAccountName', 'mail'];

/** The attributes by which some users could log in. */
export const loginChoices = (found: Found): readonly Choice[] =>
  loginAttributes.flatMap((name) => {
    const count = countOf(found, name);
    return count === 0 ? [] : [{ answer: name, note: `${count} of ${plural(found.dns.length, 'user')}` }];
  });

/** The attributes of users that an expression reads: `has(user.mail) ? user.mail : user.uid` → mail, uid. */
const attributesIn = (expression: string): readonly string[] => [
  ...new Set([...expression.matchAll(/\buser\.([A-Za-z][A-Za-z0-9]*)/g)].map(([, name = '']) => name)),
];

/** Users without a value for an expression. Each attribute that it reads is taken for a sufficient one. */
export const countWithout = (found: Found, expression: string): number =>
  found.dns.length - Math.max(0, ...attributesIn(expression).map((name) => countOf(found, name)));

/**
 * The attribute for userName, where that of the kind of directory is missing in most users.
 *
 * @param usual the expression of the kind of directory
 * @returns undefined where the usual one is right
 */
export function proposeUserName(found: Found, usual: string): string | undefined {
  const best = found.dns.length - countWithout(found, usual);
  return loginAttributes.find((name) => countOf(found, name) > best);
}
