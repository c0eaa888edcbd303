import { canonicalPath } from '../../../desired/canonical-path.ts';
import { attributeExpression } from '../../../desired/expressions/attribute-variables.ts';
import { OperatorError } from '../../../model/errors.ts';
import { managerPath, PathSyntaxError } from '../../../model/path.ts';
import { columnChoices, isColumn } from '../csv/ask-users.ts';
import type { ColumnFacts } from '../csv/column-facts.ts';
import type { Dialogue } from '../dialogue/dialogue.ts';
import { none } from '../dialogue/question.ts';
import type { Settings } from '../draft-config.ts';
import {
  knownAttributes,
  mappedByName,
  proposeMapping,
  proposeUserName,
  referencesUsers,
  userNameExpression,
  type MappedTable,
} from './propose-mapping.ts';

/** The attributes that flags map: `title=position`. */
export type GivenMapping = readonly string[];

/** Asks which columns become which attributes of a user. @returns SCIM path → expression */
export async function askMapping(dialogue: Dialogue, table: MappedTable, given: GivenMapping): Promise<Settings> {
  const { columns, keys } = table;
  const byName = mappedByName(columns);
  const userName = await askUserName(dialogue, columns, byName.get('userName'));
  for (const [path, column] of byName) if (path !== 'userName') dialogue.show(`${path} ← ${column} (by its name)`);
  const manager = columns.find(({ name }) => name === byName.get(managerPath));
  const isManagerUnusable = manager !== undefined && !referencesUsers(keys)(manager);
  if (isManagerUnusable)
    dialogue.show(`${managerPath} is not sent: the values of ${manager.name} are no keys of users`);
  const columnsOf = await askAttributes(dialogue, columns, proposeMapping(table), given);
  const display = displayName(new Map([...byName, ...columnsOf]));
  for (const [path, expression] of Object.entries({ ...userName, ...display }))
    dialogue.show(`${path} = ${String(expression)}`);
  const expressions = Object.fromEntries(
    [...columnsOf].map(([path, column]) => [path, attributeExpression('user', column)] as const),
  );
  return {
    ...userName,
    ...display,
    ...(isManagerUnusable ? { [managerPath]: null } : {}),
    ...expressions,
  };
}

/** Most applications show the displayName, so it is put together where no column has it. */
function displayName(columnsOf: ReadonlyMap<string, string>): Settings {
  const [first, last] = ['name.givenName', 'name.familyName'].map((path) => columnsOf.get(path));
  if (columnsOf.has('displayName') || first === undefined || last === undefined) return {};
  return { displayName: `${attributeExpression('user', first)} + ' ' + ${attributeExpression('user', last)}` };
}

async function askUserName(
  dialogue: Dialogue,
  columns: readonly ColumnFacts[],
  byName: string | undefined,
): Promise<Settings> {
  const answer = await dialogue.ask({
    ...{
      flag: '--user-name',
      value: '<column>',
      text: 'Which column has the name by which a user logs in (userName)?',
    },
    choices: columnChoices(columns),
    proposal: byName ?? proposeUserName(columns),
    check: isColumn(columns),
  });
  const column = columns.find(({ name }) => name === answer);
  if (column === undefined || answer === byName) return {};
  if (column.filled < column.rows)
    dialogue.show(`warning: rows without ${answer} are rejected: a user needs a userName`);
  if (column.repeated !== undefined) dialogue.show(`warning: ${answer} has a value twice: ${column.repeated}`);
  return { userName: userNameExpression(column) };
}

/** @returns SCIM path → column */
async function askAttributes(
  dialogue: Dialogue,
  columns: readonly ColumnFacts[],
  proposed: ReadonlyMap<string, string>,
  given: GivenMapping,
): Promise<ReadonlyMap<string, string>> {
  const fromFlags = given.filter((text) => text !== none).map((text) => parseGiven(text, columns));
  if (given.length > 0) return merged(dialogue.takesProposals ? proposed : new Map(), fromFlags);
  for (const [path, column] of proposed) dialogue.show(`${path} ← ${column}`);
  const answer = await dialogue.ask({
    ...{ flag: '--map', value: '<path=column>', onlyChoices: true, proposal: 'yes' },
    text: proposed.size === 0 ? 'Send no other attributes?' : 'Send these attributes?',
    choices: [
      { answer: 'yes' },
      { answer: 'choose', note: 'choose a column for each attribute' },
      { answer: none, note: 'send only userName, and what is mapped by its name' },
    ],
  });
  if (answer === none) return new Map();
  if (answer === 'yes') return proposed;
  const chosen = new Map<string, string>();
  for (const { path } of knownAttributes) {
    const column = await dialogue.ask({
      ...{ flag: `--map ${path}`, value: '<column>', text: `Which column is ${path}?` },
      choices: [...columnChoices(columns), { answer: none }],
      proposal: proposed.get(path) ?? none,
      check: isColumn(columns, none),
    });
    if (column !== none) chosen.set(path, column);
  }
  return chosen;
}

/** `title=position`, and `title=none` for no column. The path may contain "=" only as "eq". */
function parseGiven(text: string, columns: readonly ColumnFacts[]): readonly [string, string] {
  const at = text.indexOf('=');
  const wrong = (why: string): OperatorError =>
    new OperatorError('init.answerInvalid', `--map ${JSON.stringify(text)} ${why}`, 4);
  if (at === -1) throw wrong('must be a SCIM path and a column, such as title=position');
  const column = text.slice(at + 1).trim();
  const problem = isColumn(columns, none)(column);
  if (problem !== undefined) throw wrong(problem);
  try {
    return [canonicalPath('User', text.slice(0, at).trim()).text, column];
  } catch (error) {
    if (error instanceof PathSyntaxError) throw wrong(`has a path that cannot be mapped: ${error.message}`);
    throw error;
  }
}

function merged(
  proposed: ReadonlyMap<string, string>,
  given: readonly (readonly [string, string])[],
): ReadonlyMap<string, string> {
  const all = new Map(proposed);
  for (const [path, column] of given) {
    if (column === none) all.delete(path);
    else all.set(path, column);
  }
  return all;
}
