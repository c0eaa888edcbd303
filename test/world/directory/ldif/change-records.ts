import { ldifLine } from './ldif-entry.ts';

const line = (name: string, value: string): string => `${ldifLine(name, value)}\n`;

export const addRecord = (dn: string, attributes: readonly (readonly [string, string])[]): string =>
  `${line('dn', dn)}changetype: add\n${attributes.map(([name, value]) => line(name, value)).join('')}\n`;

export const deleteRecord = (dn: string): string => `${line('dn', dn)}changetype: delete\n\n`;

export type Modification = readonly [
  kind: 'add' | 'delete' | 'replace',
  attribute: string,
  ...values: readonly string[],
];

export const modifyRecord = (dn: string, ...changes: readonly Modification[]): string =>
  `${line('dn', dn)}changetype: modify\n${changes.map(modificationLines).join('')}\n`;

const modificationLines = ([kind, attribute, ...values]: Modification): string =>
  `${kind}: ${attribute}\n${values.map((value) => line(attribute, value)).join('')}-\n`;

export const renameRecord = (dn: string, rdn: string, superior?: string): string =>
  `${line('dn', dn)}changetype: modrdn\n${line('newrdn', rdn)}deleteoldrdn: 1\n` +
  `${superior === undefined ? '' : line('newsuperior', superior)}\n`;

/** RFC 4514 section 2.4. */
export const escaped = (value: string): string =>
  value.replace(/[\\,+"<>;=#]/g, (sign) => `\\${sign}`).replace(/^ | $/g, '\\20');
