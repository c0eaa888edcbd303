import type { EarlierUse, KeyedRow } from '../model/record.ts';

/**
 * The rule for two rows of one reading with the same key: nothing shows which of them is right, so both are rejected
 * and the mirror keeps its record. A directory entry has no line number, so its message names DNs.
 *
 * @param earlier how the reading used the key before this row
 * @returns why the row is rejected, for the operator; undefined if no other row has its key
 */
export function duplicateKeyReason(row: KeyedRow, earlier: EarlierUse): string | undefined {
  const { stagedLine, isRejected, isSeen } = earlier;
  if (stagedLine === undefined && !isRejected && !isSeen) return undefined;
  const other = stagedLine === undefined ? 'another line' : `line ${stagedLine}`;
  if (row.kind === 'line') return `the key ${row.key} stands on ${other} too; neither row is taken`;
  const otherDn = earlier.dn();
  return (
    `the key ${row.key} belongs to ${JSON.stringify(row.dn ?? '')} and to ` +
    `${otherDn === undefined ? other : JSON.stringify(otherDn)}; neither entry is taken`
  );
}
