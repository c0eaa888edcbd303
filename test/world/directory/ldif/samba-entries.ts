import { ldifLine } from './ldif-entry.ts';
import { domain } from '../servers/samba.ts';

type Values = Readonly<Record<string, string | Buffer | readonly string[]>>;

/** Below which people and groups are, in tests. */
export const peopleUnit = `OU=People,${domain}`;
export const groupsUnit = `OU=Groups,${domain}`;

export function unit(name: string, parent = domain): string {
  return addRecord(`OU=${escaped(name)},${parent}`, { objectClass: 'organizationalUnit' });
}

/** An enabled user without a password (userAccountControl 544). */
export function user(login: string, values: Values = {}, { cn = login, parent = peopleUnit }: Place = {}): string {
  return addRecord(`CN=${escaped(cn)},${parent}`, {
    objectClass: 'user',
    sAMAccountName: login,
    userPrincipalName: `${login}@example.test`,
    userAccountControl: '544',
    ...values,
  });
}

export function group(
  name: string,
  members: readonly string[] = [],
  { cn = name, parent = groupsUnit }: Place = {},
): string {
  return addRecord(`CN=${escaped(cn)},${parent}`, {
    objectClass: 'group',
    sAMAccountName: name,
    ...(members.length === 0 ? {} : { member: members }),
  });
}

interface Place {
  readonly cn?: string;
  readonly parent?: string;
}

export const userDn = (cn: string, parent = peopleUnit): string => `CN=${escaped(cn)},${parent}`;
export const groupDn = (cn: string, parent = groupsUnit): string => `CN=${escaped(cn)},${parent}`;

/** The form in which a password is written ([MS-ADTS] 3.1.1.3.1.5.1). */
export const unicodePassword = (password: string): Buffer => Buffer.from(`"${password}"`, 'utf16le');

export function addRecord(dn: string, values: Values): string {
  return record(
    dn,
    'add',
    Object.entries(values).flatMap(([name, value]) => eachOf(value).map((one) => ldifLine(name, one))),
  );
}

/** An empty list takes the attribute away. */
export function replaceRecord(dn: string, values: Values): string {
  return record(
    dn,
    'modify',
    Object.entries(values).flatMap(([name, value]) => [
      `replace: ${name}`,
      ...eachOf(value).map((one) => ldifLine(name, one)),
      '-',
    ]),
  );
}

export const addMembers = (groupName: string, ...members: readonly string[]): string =>
  record(groupName, 'modify', ['add: member', ...members.map((dn) => ldifLine('member', dn)), '-']);
export const removeMembers = (groupName: string, ...members: readonly string[]): string =>
  record(groupName, 'modify', ['delete: member', ...members.map((dn) => ldifLine('member', dn)), '-']);
export const deleteRecord = (dn: string): string => record(dn, 'delete', []);

/** What brings a deleted object back, for `changeDeleted` ([MS-ADTS] 3.1.1.5.3.7.3). */
export function restoreRecord(tombstone: string, dn: string): string {
  return record(tombstone, 'modify', [
    'delete: isDeleted',
    '-',
    'replace: distinguishedName',
    ldifLine('distinguishedName', dn),
    '-',
  ]);
}

/** @param parent where it goes; undefined: it stays where it is */
export function renameRecord(dn: string, rdn: string, parent?: string): string {
  return record(dn, 'modrdn', [
    ldifLine('newrdn', rdn),
    'deleteoldrdn: 1',
    ...(parent === undefined ? [] : [ldifLine('newsuperior', parent)]),
  ]);
}

/** A value in a name (RFC 4514 2.4). */
export function escaped(value: string): string {
  return value
    .replace(/[\\,+"<>;=]/g, '\\$&')
    .replace(/^[ #]/, '\\$&')
    .replace(/ $/, '\\ ');
}

const eachOf = (value: string | Buffer | readonly string[]): readonly (string | Buffer)[] =>
  typeof value === 'string' || Buffer.isBuffer(value) ? [value] : value;

function record(dn: string, type: string, lines: readonly string[]): string {
  return [ldifLine('dn', dn), `changetype: ${type}`, ...lines, '\n'].join('\n');
}

/** Both units, for the beginning. */
export const units = [unit('People'), unit('Groups')].join('');
