import { isMail, isMostly, plainName, type ColumnFacts } from './column-facts.ts';

/** Names of columns with a number that identifies a person for ever, best first. */
const idNames: readonly RegExp[] = [
  /^(?:employee|emp|person|personnel|personal|pers|staff|worker|mitarbeiter|hr)(?:number|num|no|nr|nummer|id|code)$/,
  /^(?:immutableid|externalid|objectguid|entryuuid|guid|uuid)$/,
  /^(?:id|key|number|no|nr)$/,
  /(?:number|nummer|nr|id|guid|uuid|key)$/,
];

/** What changes in the life of a person, or belongs to several. */
const changingNames =
  /mail|login|logon|user(?:name|id)$|^user$|^uid$|account|upn|principal|name$|^name|^dn$|distinguished|phone|mobile|manager|supervisor|badge/;

const isDn = (value: string): boolean => /^(?:cn|uid|ou|o)=[^,]+,/i.test(value);

/** Whether a column could be the key: every row has another value. */
export const identifies = ({ filled, rows, isUnique }: ColumnFacts): boolean => isUnique && filled === rows;

/** Why a column whose values identify people is no good key; undefined: there is no reason against it. */
export function keyProblem(column: ColumnFacts): string | undefined {
  if (isMostly(column, isMail, 0.1)) return 'e-mail addresses change';
  if (isMostly(column, isDn, 0.1)) return 'DNs change when an entry is moved or renamed';
  return changingNames.test(plainName(column.name)) ? 'such values change, or are given to another person' : undefined;
}

/**
 * The column that identifies a person for ever: unique, never blank, with a name like "employee number". Never a column
 * of e-mail addresses, DNs or names.
 *
 * @returns undefined where no column is one beyond doubt
 */
export function proposeKey(columns: readonly ColumnFacts[]): string | undefined {
  const possible = columns.filter((column) => identifies(column) && keyProblem(column) === undefined);
  for (const pattern of idNames) {
    const found = possible.find(({ name }) => pattern.test(plainName(name)));
    if (found !== undefined) return found.name;
  }
  return undefined;
}

/** A column that has the name of a key, and whose values do not identify people. */
export const almostKey = (columns: readonly ColumnFacts[]): ColumnFacts | undefined =>
  idNames
    .map((pattern) =>
      columns.find((column) => pattern.test(plainName(column.name)) && keyProblem(column) === undefined),
    )
    .find((column) => column !== undefined);
