/** An LDIF change record; names that are not plain are written in base64. */
export function changeRecord(dn: string, type: 'add' | 'delete' | 'modify' | 'modrdn', lines: readonly string[] = []): string {
  return [`dn:: ${Buffer.from(dn).toString('base64')}`, `changetype: ${type}`, ...lines, ''].join('\n');
}
