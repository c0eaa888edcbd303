import type { Dialogue } from '../dialogue/dialogue.ts';
import { none } from '../dialogue/question.ts';
import type { Settings } from '../draft-config.ts';
import { attributeExpression } from '../../../desired/expressions/attribute-variables.ts';
import { askFile, columnChoices, formatSettings, isColumn } from './ask-users.ts';
import { plainName, type ColumnFacts } from './column-facts.ts';
import { proposeGroupsColumn, proposeReferences, proposeSeparator } from './propose-groups.ts';
import { proposeKey } from './propose-key.ts';
import type { TableFacts } from './read-table.ts';

/** The answers about groups. */
export interface GroupAnswers {
  /** Settings of the source, besides those of the users. */
  readonly source: Settings;
  /** SCIM path → expression. */
  readonly mapping: Settings;
}

/** Asks where groups come from: a column of the users' file, files of their own, or nowhere. */
export async function askGroups(
  dialogue: Dialogue,
  users: TableFacts,
  key: string,
  fileName: (path: string) => string,
): Promise<GroupAnswers> {
  const column = proposeGroupsColumn(users.columns);
  const where = await dialogue.ask({
    ...{ flag: '--groups', value: '<where>', text: 'Where do groups come from?', onlyChoices: true },
    choices: [
      { answer: 'column', note: "a column of the users' file names the groups of a user" },
      { answer: 'files', note: 'a file of groups, and a file of memberships' },
      { answer: none, note: 'there are no groups' },
    ],
    proposal: impliedWhere(dialogue) ?? (column === undefined ? none : 'column'),
  });
  if (where === none) return { source: {}, mapping: {} };
  return where === 'column'
    ? { source: { groups: await askColumn(dialogue, users, column) }, mapping: {} }
    : askFiles(dialogue, users, key, fileName);
}

/** What another flag makes the only sensible answer. */
function impliedWhere(dialogue: Dialogue): string | undefined {
  if (dialogue.given('--groups-column') !== undefined) return 'column';
  return dialogue.given('--groups-file') === undefined ? undefined : 'files';
}

async function askColumn(dialogue: Dialogue, { columns }: TableFacts, proposal: string | undefined): Promise<Settings> {
  const column = await dialogue.ask({
    ...{ flag: '--groups-column', value: '<column>', text: 'Which column has the groups of a user?', proposal },
    choices: columnChoices(columns),
    check: isColumn(columns),
  });
  const facts = columns.find(({ name }) => name === column);
  const separator = await dialogue.ask({
    ...{ flag: '--groups-separator', value: '<text>', text: 'What separates the groups of one user?' },
    proposal: proposeSeparator(facts ?? { examples: [] }),
  });
  return { column, separator };
}

async function askFiles(
  dialogue: Dialogue,
  users: TableFacts,
  usersKey: string,
  fileName: (path: string) => string,
): Promise<GroupAnswers> {
  const groups = await askFile(dialogue, {
    ...{ flag: '--groups-file', text: 'Which CSV file has one row for each group?', part: 'groups' },
  });
  const key = await askColumnOf(dialogue, groups, {
    ...{ flag: '--groups-key', text: 'Which column identifies a group?', proposal: proposeKey(groups.columns) },
  });
  const memberships = await askFile(dialogue, {
    ...{ flag: '--memberships-file', text: 'Which CSV file has one row for each membership?', part: 'memberships' },
  });
  const groupColumn = await askColumnOf(dialogue, memberships, {
    ...{ flag: '--group-column', text: 'Which column of it has the key of the group?' },
    proposal: proposeReferences(memberships.columns, valuesOf(groups, key)),
  });
  const memberColumn = await askColumnOf(dialogue, memberships, {
    ...{ flag: '--member-column', text: 'Which column of it has the key of the user?' },
    proposal: proposeReferences(
      memberships.columns.filter(({ name }) => name !== groupColumn),
      valuesOf(users, usersKey),
    ),
  });
  const name = nameColumn(groups.columns);
  return {
    source: {
      groups: {
        ...{ file: fileName(groups.file), key, ...(name === undefined ? {} : { name }) },
        ...formatSettings(groups.format, users.format),
      },
      memberships: {
        ...{ file: fileName(memberships.file), group: groupColumn, member: memberColumn },
        ...formatSettings(memberships.format, users.format),
      },
    },
    mapping: name === undefined ? {} : { displayName: attributeExpression('group', name) },
  };
}

const askColumnOf = (
  dialogue: Dialogue,
  { columns }: TableFacts,
  question: { readonly flag: string; readonly text: string; readonly proposal: string | undefined },
): Promise<string> =>
  dialogue.ask({ ...question, value: '<column>', choices: columnChoices(columns), check: isColumn(columns) });

const valuesOf = ({ columns }: TableFacts, column: string): ReadonlySet<string> =>
  columns.find(({ name }) => name === column)?.values ?? new Set();

/** Columns that are the name of a group without a setting. */
const defaultNames: ReadonlySet<string> = new Set(['displayname', 'name', 'cn']);

/** The column with the name of a group; undefined: one that needs no setting, or none. */
function nameColumn(columns: readonly ColumnFacts[]): string | undefined {
  if (columns.some(({ name }) => defaultNames.has(name.toLowerCase()))) return undefined;
  return columns.find(({ name }) => /^(?:(?:group|team|role)?(?:name|title|label)|bezeichnung)$/.test(plainName(name)))
    ?.name;
}
