import { groups, people } from '../servers/slapd.ts';

/** LDIF of one person; `more` are further lines. */
export const person = (uid: string, more = ''): string => `dn: uid=${uid},${people}
objectClass: inetOrgPerson
uid: ${uid}
cn: ${uid} Test
sn: Test
givenName: ${uid}
mail: ${uid}@example.test
${more}`;

export const uidOf = (number: number): string => `p${String(number).padStart(4, '0')}`;

/** LDIF of `count` users: p0001, p0002 and so on. */
export const peopleLdif = (count: number): string =>
  Array.from({ length: count }, (_, index) => person(uidOf(index + 1))).join('\n');

export const group = (cn: string, uids: readonly string[]): string =>
  `dn: cn=${cn},${groups}\nobjectClass: groupOfNames\ncn: ${cn}\n` +
  `${uids.map((uid) => `member: uid=${uid},${people}\n`).join('')}`;

/** An account that can bind and is not a user of the directory. */
export const account = (cn: string, password: string): string =>
  `dn: cn=${cn},dc=example,dc=test\nobjectClass: person\nobjectClass: simpleSecurityObject\n` +
  `cn: ${cn}\nsn: ${cn}\nuserPassword: ${password}\n`;
