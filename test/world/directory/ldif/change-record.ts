import { ldifLine } from './ldif-entry.ts';

/** An LDIF change record; names that are not plain are written in base64. */
export function changeRecord(
  dn: string,
  type: 'add' | 'delete' | 'modify' | 'modrdn',
  lines: readonly string[] = [],
): string {
  return [ldifLine('dn', dn), `changetype: ${type}`, ...lines, ''].join('\n');
}
