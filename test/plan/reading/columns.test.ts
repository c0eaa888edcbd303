import { expect, test } from '@jest/globals';
import {
  judgeColumns,
  visibleHeaders,
  type ColumnComparison,
  type Headers,
} from '../../../src/plan/reading/columns.ts';

/** Columns with these names have a role: that of the name in lower case. */
const rolesOf = (header: readonly string[]): ReadonlyMap<string, string> =>
  new Map(
    header
      .filter((name) => ['active', 'username', 'displayname', 'title'].includes(name.toLowerCase()))
      .map((name) => [pathOf(name), name]),
  );
const pathOf = (name: string): string =>
  ({ username: 'userName', displayname: 'displayName' })[name.toLowerCase()] ?? name.toLowerCase();

const side = (
  headers: Headers,
): { headers: Headers; roles: { users: ReadonlyMap<string, string>; groups: ReadonlyMap<string, string> } } => ({
  headers,
  roles: { users: rolesOf(headers.users), groups: rolesOf(headers.groups) },
});
const users = (before: string, now: string): ColumnComparison => ({
  before: side({ users: before.split(','), groups: [] }),
  now: side({ users: now.split(','), groups: [] }),
});
const groups = (before: string, now: string): ColumnComparison => ({
  before: side({ users: ['id'], groups: before.split(',') }),
  now: side({ users: ['id'], groups: now.split(',') }),
});

test.each<[string, ColumnComparison, readonly string[]]>([
  ['the same header', users('id,userName,active', 'id,userName,active'), []],
  ['another order', users('id,userName,active', 'active,id,userName'), []],
  ['another case', users('id,userName,active', 'id,USERNAME,Active'), []],
  ['a new column without a role', users('id,userName', 'id,userName,shoe'), []],
  ['a removed column without a role', users('id,userName,shoe', 'id,userName'), []],
  ['active renamed', users('id,userName,active', 'id,userName,Is Active'), ['refused source.columnVanished active']],
  ['active with U+200B', users('id,active', 'id,active\u200b'), ['refused source.columnVanished active']],
  ['active gone', users('id,userName,active', 'id,userName'), ['refused source.columnVanished active']],
  ['userName gone', users('id,userName,active', 'id,login,active'), ['refused source.columnVanished userName']],
  ['a mapped value gone', users('id,userName,title', 'id,userName'), ['refused source.columnVanished title']],
  ['active appears', users('id,userName', 'id,userName,active'), ['refused source.columnAppeared active']],
  ['a mapped value appears', users('id,userName', 'id,userName,title'), ['source.columnMapped title']],
  ['displayName of groups gone', groups('id,displayName', 'id'), ['refused source.columnVanished displayName']],
  ['displayName of groups appears', groups('id', 'id,displayName'), ['refused source.columnAppeared displayName']],
  ['no groups before', { before: side({ users: ['id'], groups: [] }), now: groups('id', 'id,displayName').now }, []],
  ['a first reading', { before: undefined, now: side({ users: ['id'], groups: [] }) }, []],
])('%s', (_, comparison, expected) => {
  const texts = judgeColumns(comparison).map(
    ({ code, subject, refused }) => `${refused ? 'refused ' : ''}${code} ${subject}`,
  );
  expect(texts).toEqual(expected);
});

test('another column that takes over a role is refused', () => {
  const header = { users: ['id', 'mail', 'emails'], groups: [] };
  const roles = (column: string) => ({ users: new Map([['emails', column]]), groups: new Map<string, string>() });
  expect(
    judgeColumns({
      before: { headers: header, roles: roles('mail') },
      now: { headers: header, roles: roles('emails') },
    }),
  ).toMatchObject([{ code: 'source.columnReplaced', subject: 'emails', refused: true }]);
});

test('a mapping that no longer compiles leaves the vanished columns', () => {
  const { before } = users('id,userName,active', 'id');
  expect(
    judgeColumns({ before, now: { headers: { users: ['id', 'active'], groups: [] }, roles: undefined } }),
  ).toMatchObject([{ code: 'source.columnVanished', subject: 'userName' }]);
});

test('the nearest new column is named, with its invisible characters', () => {
  const [judgement] = judgeColumns(users('id,active,nature', 'id,active\u200b,nature,native'));
  expect(judgement?.reason).toContain('"active\\u{200b}"');
  const [renamed] = judgeColumns(users('id,userName,active', 'id,userName,Is Active,other'));
  expect(renamed?.reason).toContain('"Is Active"');
});

test('a first reading is compared with its header without invisible characters', () => {
  expect(
    visibleHeaders({ users: ['id', 'active\u200b', 'dis\u00adplayName', 'Is\u00a0Active'], groups: [] }).users,
  ).toEqual(['id', 'active', 'displayName', 'Is Active']);
});

test('a column that differs only in case and stands beside the old one is refused, in any order', () => {
  const roles = (column: string) => ({ users: new Map([['userName', column]]), groups: new Map<string, string>() });
  const before = { headers: { users: ['id', 'userName'], groups: [] }, roles: roles('userName') };
  const judged = (users: readonly string[], column: string): readonly string[] =>
    judgeColumns({ before, now: { headers: { users, groups: [] }, roles: roles(column) } }).map(({ code }) => code);
  expect(judged(['id', 'USERNAME', 'userName'], 'USERNAME')).toEqual(['source.columnReplaced']);
  expect(judged(['id', 'userName', 'USERNAME'], 'userName')).toEqual([]);
  expect(judged(['id', 'USERNAME'], 'USERNAME')).toEqual([]);
});

test('a column in another case is not reported because another one vanished', () => {
  const { before, now } = users('id,userName,title', 'id,user name,Title');
  const judgements = judgeColumns({ before, now: { headers: now.headers, roles: undefined } });
  expect(judgements.map(({ subject }) => subject)).toEqual(['userName']);
});
