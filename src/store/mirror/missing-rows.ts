/**
 * The SQL condition that a table has no row with the same values as `row` in these columns.
 *
 *     isMissingFrom('staged_record', 'r', ['resource_type', 'key'])
 *     → not exists (select 1 from staged_record x where x.resource_type = r.resource_type and x.key = r.key)
 *
 * @param row the alias of the row in the surrounding query; not `x`
 * @param condition about `x`
 */
export function isMissingFrom(table: string, row: string, columns: readonly string[], condition = 'true'): string {
  const isEqual = [...columns.map((column) => `x.${column} = ${row}.${column}`), condition].join(' and ');
  return `not exists (select 1 from ${table} x where ${isEqual})`;
}
