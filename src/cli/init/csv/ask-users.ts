import { resolve } from 'node:path';
import { OperatorError } from '../../../model/errors.ts';
import { encodingNamed, encodings } from '../../../model/reading/encodings.ts';
import type { SourcePart } from '../../../source/source.ts';
import { plural } from '../../print/format.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import type { Choice } from '../dialogue/question.ts';
import { examplesText, type ColumnFacts } from './column-facts.ts';
import { almostKey, identifies, keyProblem, proposeKey } from './propose-key.ts';
import { readTable, type GivenFormat, type TableFacts } from './read-table.ts';

/** Asks for a file until it can be read. */
export async function askFile(
  dialogue: Dialogue,
  { flag, text, part }: { readonly flag: string; readonly text: string; readonly part: SourcePart },
): Promise<TableFacts> {
  for (;;) {
    const answer = await dialogue.ask({ flag, value: '<file>', text });
    try {
      const table = await readTable({ file: resolve(answer), part }, givenFormat(dialogue, part), dialogue.signal);
      showTable(dialogue, table);
      return table;
    } catch (error) {
      dialogue.retry(error);
    }
  }
}

/** The flags about the format are about the users' file. */
function givenFormat(dialogue: Dialogue, part: SourcePart): GivenFormat {
  if (part !== 'users') return {};
  const invalid = (flag: string, what: string): never => {
    throw new OperatorError('init.answerInvalid', `${flag} must be ${what}`, 4);
  };
  const encoding = dialogue.given('--encoding');
  const delimiter = dialogue.given('--delimiter');
  const skipLines = dialogue.given('--skip-lines');
  return {
    encoding:
      encoding === undefined
        ? undefined
        : (encodingNamed(encoding) ?? invalid('--encoding', `one of ${encodings.join(', ')}`)),
    delimiter: delimiter === undefined || delimiter.length === 1 ? delimiter : invalid('--delimiter', 'one character'),
    skipLines:
      skipLines === undefined
        ? undefined
        : /^\d{1,3}$/.test(skipLines)
          ? Number(skipLines)
          : invalid('--skip-lines', 'a number of lines'),
  };
}

const delimiterNames: Readonly<Record<string, string>> = { ',': 'commas', ';': 'semicolons', '\t': 'tabs', '|': '"|"' };

function showTable({ show }: Dialogue, { name, format, columns, rows, isWhole, invalid }: TableFacts): void {
  const { encoding, delimiter, skipLines } = format;
  const looked = isWhole ? plural(rows, 'row') : `the first ${plural(rows, 'row')}`;
  const before = skipLines === 0 ? '' : `, with ${plural(skipLines, 'line')} before the header`;
  show(
    `${name}: ${looked}, ${plural(columns.length, 'column')}, separated by ` +
      `${delimiterNames[delimiter] ?? JSON.stringify(delimiter)}, ${encoding}${before}`,
  );
  if (invalid > 0)
    show(`${name}: ${plural(invalid, 'row')} cannot be read, because of missing cells, quotes or the encoding`);
}

/** The settings of a part that differ from the defaults, or from those of the users' file. */
export const formatSettings = (
  { encoding, delimiter, skipLines }: TableFacts['format'],
  defaults: { readonly encoding: string; readonly delimiter: string } = { encoding: 'utf-8', delimiter: ',' },
): Readonly<Record<string, unknown>> => ({
  ...(delimiter === defaults.delimiter ? {} : { delimiter }),
  ...(encoding === defaults.encoding ? {} : { encoding }),
  ...(skipLines === 0 ? {} : { skipLines }),
});

/** The columns as possible answers. */
export const columnChoices = (columns: readonly ColumnFacts[]): readonly Choice[] =>
  columns.map((column) => {
    const { name, filled, rows, isUnique } = column;
    const filledText = filled === rows ? 'in all rows' : `in ${filled} of ${plural(rows, 'row')}`;
    const unique = isUnique && filled > 0 ? ', all different' : '';
    return { answer: name, note: filled === 0 ? 'blank' : `${filledText}${unique}: ${examplesText(column)}` };
  });

/** The answer must be a column. */
export const isColumn =
  (columns: readonly ColumnFacts[], ...others: readonly string[]) =>
  (answer: string): string | undefined =>
    others.includes(answer) || columns.some(({ name }) => name === answer)
      ? undefined
      : `is not a column of the file: ${columns.map(({ name }) => name).join(', ')}`;

/** The answers about the key of users. */
export interface KeyAnswers {
  readonly key: string;
  /** Which of several rows of one user counts; undefined: each user has one row. */
  readonly rows: string | undefined;
}

/** Asks for the column that identifies a person for ever. @throws OperatorError */
export async function askKey(dialogue: Dialogue, { name, columns }: TableFacts): Promise<KeyAnswers> {
  const proposal = proposeKey(columns);
  if (proposal === undefined && dialogue.given('--key') === undefined && !dialogue.hasPerson)
    throw new OperatorError('init.noKey', noKeyText(name, columns), 4);
  if (proposal === undefined) dialogue.show(noKeyText(name, columns));
  const key = await dialogue.ask({
    ...{ flag: '--key', value: '<column>', text: 'Which column identifies a person for ever?', proposal },
    hint: 'An employee number is such a key. An e-mail address is not: it changes.',
    choices: columnChoices(columns),
    check: isColumn(columns),
  });
  const column = columns.find((each) => each.name === key);
  const problem = column === undefined ? undefined : keyProblem(column);
  if (problem !== undefined) dialogue.show(`warning: the key ${key} may change: ${problem}`);
  if (column !== undefined && column.filled < column.rows)
    dialogue.show(`warning: ${plural(column.rows - column.filled, 'row')} without ${key} will be rejected`);
  if (column === undefined || column.isUnique) return { key, rows: undefined };
  const rows = await dialogue.ask({
    ...{ flag: '--rows', value: '<rows>', onlyChoices: true },
    text: `Several rows have the same ${key}, such as ${column.repeated ?? ''}. Which one is the user?`,
    choices: [
      { answer: 'first', note: 'the first row' },
      { answer: 'last', note: 'the last row' },
      { answer: 'anyActive', note: 'the first active row' },
    ],
  });
  return { key, rows };
}

function noKeyText(name: string, columns: readonly ColumnFacts[]): string {
  const almost = almostKey(columns);
  const unique = columns.filter(identifies).map((column) => `${column.name} (${keyProblem(column) ?? 'perhaps'})`);
  const why =
    almost === undefined
      ? ''
      : almost.isUnique
        ? ` ${almost.name} is blank in ${plural(almost.rows - almost.filled, 'row')}.`
        : ` ${almost.name} has a value twice: ${almost.repeated ?? ''}.`;
  const others =
    unique.length === 0
      ? 'No column has another value in every row'
      : `Only these have another value in every row: ${unique.join(', ')}`;
  return (
    `no column of ${name} is certain to identify a person for ever.${why} ${others}. ` +
    'Correct the export, or name the right column with --key'
  );
}
