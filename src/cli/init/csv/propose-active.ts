import { activeColumnAmong, parseActive } from '../../../source/table/active.ts';
import { attributeExpression } from '../../../desired/expressions/attribute-variables.ts';
import { plainName, type ColumnFacts } from './column-facts.ts';

const statusNames =
  /^(?:(?:employ(?:ee|ment)?|worker|work|user|account|staff|hr|person|contract)?(?:status|state)|is(?:active|enabled|employed)|active|enabled|aktiv)$/;

/** Values of people who have access; people on leave keep it. */
const activeValues =
  /^(?:a|active|aktiv|activ[eo]?|actif|employed|current|enabled|working|hired|yes|y|true|1|.*\bleave\b.*|loa|sabbatical)$/i;

/** The column that shows whether a user is active, and its values for active ones. */
export interface ActiveProposal {
  readonly column: string;
  readonly values: readonly string[];
}

/** Columns with few values. */
export const statusColumns = (columns: readonly ColumnFacts[]): readonly ColumnFacts[] =>
  columns.filter(({ distinct }) => distinct !== undefined);

/** @returns undefined where no column is named like a status, or no value of it means "active" */
export function proposeActive(columns: readonly ColumnFacts[]): ActiveProposal | undefined {
  for (const { name, distinct } of statusColumns(columns)) {
    const values = activeAmong(distinct ?? []);
    if (statusNames.test(plainName(name)) && values.length > 0) return { column: name, values };
  }
  return undefined;
}

/** The values that mean "active". */
export const activeAmong = (values: readonly string[]): readonly string[] =>
  values.filter((value) => activeValues.test(value.trim()));

/** Whether a column is the one named `active`, with values that need no expression. */
export const needsNoExpression = (columns: readonly ColumnFacts[], { column }: ActiveProposal): boolean =>
  activeColumnAmong(columns.map(({ name }) => name)) === column &&
  (columns.find(({ name }) => name === column)?.distinct ?? []).every(
    (value) => typeof parseActive(value) === 'boolean',
  );

/** The expression that is true for active users. */
export function activeExpression({ column, values }: ActiveProposal): string {
  const attribute = attributeExpression('user', column);
  const [first = '', ...others] = values.map(celText);
  return others.length === 0 ? `${attribute} == ${first}` : `${attribute} in [${[first, ...others].join(', ')}]`;
}

/** A text as an expression. */
const celText = (text: string): string => (/['\\\u0000-\u001f]/.test(text) ? JSON.stringify(text) : `'${text}'`);
