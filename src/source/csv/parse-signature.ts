import { createHash } from 'node:crypto';
import type { UsedAttributes } from '../source.ts';
import type { ActiveCondition } from '../active-condition.ts';
import type { OpenTable } from './open-table.ts';
import type { CsvSettings } from './settings.ts';

/** Raise it whenever equal bytes under equal settings are read as other records than before; every row is then parsed once more. */
const parserVersion = 1;

/** A digest of all that decides what the bytes of a row mean, in hex. Which file they stand in is not part of it. */
export function parseSignature(
  settings: CsvSettings,
  openTables: readonly OpenTable[],
  activeCondition: ActiveCondition | undefined,
  usedAttributes: UsedAttributes,
): string {
  const { users, groups } = settings;
  const inputs = [
    parserVersion,
    openTables.map(({ table, detected, header }) => [
      table.part,
      table.delimiter,
      detected.encoding,
      header.width,
      [...header.columns],
      [...table.requiredColumns],
    ]),
    users.listSeparator ?? null,
    groups !== undefined && 'column' in groups ? (groups.separator ?? ';') : null,
    activeCondition?.text ?? null,
    sorted(usedAttributes.users),
    sorted(usedAttributes.groups),
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

function sorted(used: ReadonlySet<string> | undefined): readonly string[] | null {
  return used === undefined ? null : [...used].sort();
}
