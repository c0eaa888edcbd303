import { createHash } from 'node:crypto';
import type { Uses } from '../source.ts';
import type { ActiveRule } from '../active-rule.ts';
import type { OpenTable } from './open-table.ts';
import type { CsvSettings } from './settings.ts';

/** Raise it whenever equal bytes under equal settings are read as other records than before; every row is then parsed once more. */
const parserVersion = 1;

/** A digest of all that decides what the bytes of a row mean, in hex. Which file they stand in is not part of it. */
export function shapeOf(
  settings: CsvSettings,
  opened: readonly OpenTable[],
  rule: ActiveRule | undefined,
  uses: Uses,
): string {
  const { users, groups } = settings;
  const meaning = [
    parserVersion,
    opened.map(({ table, detected, header }) => [
      table.part,
      table.delimiter,
      detected.encoding,
      header.width,
      [...header.columns],
      [...table.needs],
    ]),
    users.listSeparator ?? null,
    groups !== undefined && 'column' in groups ? (groups.separator ?? ';') : null,
    rule?.text ?? null,
    sorted(uses.users),
    sorted(uses.groups),
  ];
  return createHash('sha256').update(JSON.stringify(meaning)).digest('hex');
}

function sorted(used: ReadonlySet<string> | undefined): readonly string[] | null {
  return used === undefined ? null : [...used].sort();
}
