import { createHash } from 'node:crypto';
import type { UsedAttributes } from '../source.ts';
import type { ActiveCondition } from '../row-condition.ts';
import { validityInputs } from '../validity.ts';
import type { OpenTable } from './open-table.ts';
import type { TableSettings } from './settings.ts';

/** Increase it whenever equal bytes become other records than before; every row is then parsed again. */
export const parserVersion = 2;

/** A digest, in hex, of everything that decides how the bytes of a row are parsed. The path of the file does not. */
export function parseSignature(
  settings: TableSettings,
  openTables: readonly OpenTable[],
  activeCondition: ActiveCondition | undefined,
  usedAttributes: UsedAttributes,
): string {
  const { users, groups } = settings;
  const inputs = [
    parserVersion,
    openTables.map(({ table, layout, header }) => [
      table.part,
      ...layout,
      header.width,
      [...header.columns],
      [...table.requiredColumns],
      table.where?.text ?? null,
    ]),
    users.listSeparator ?? null,
    users.rows ?? null,
    users.orderBy ?? null,
    groups !== undefined && 'column' in groups ? (groups.separator ?? ';') : null,
    activeCondition?.text ?? null,
    sorted(usedAttributes.users),
    sorted(usedAttributes.groups),
    ...(users.validity === undefined ? [] : [validityInputs(users.validity)]),
  ];
  return createHash('sha256').update(JSON.stringify(inputs)).digest('hex');
}

function sorted(used: ReadonlySet<string> | undefined): readonly string[] | null {
  return used === undefined ? null : [...used].sort();
}
