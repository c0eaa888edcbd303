import { expect, test } from '@jest/globals';
import { issueLines, loadFrom, minimalConfig } from '../fixtures.ts';

const program = { run: ['./export'], key: 'id' };
const url = { url: 'https://hr.example.com/people', key: 'id' };
const member = { group: 'team', member: 'id' };

test.each<[string, object, readonly string[]]>([
  ['a CSV program has a delimiter', { type: 'command', users: { ...program, delimiter: ';' } }, []],
  [
    'CSV names its columns in a header',
    { type: 'command', users: { ...program, columns: ['x'] } },
    ['source.users.columns config.formatOption'],
  ],
  ['JSON lines name columns', { type: 'command', users: { ...program, format: 'jsonLines', columns: ['x'] } }, []],
  [
    'JSON lines have no layout of a file',
    {
      type: 'command',
      users: { ...program, format: 'jsonLines', delimiter: ';', encoding: 'latin1', skipLines: 1 },
    },
    ['delimiter', 'encoding', 'skipLines'].map((name) => `source.users.${name} config.formatOption`),
  ],
  [
    'other parts have the format of the users',
    {
      type: 'command',
      users: { ...program, format: 'jsonLines' },
      groups: { ...program, delimiter: ';' },
      memberships: { run: ['./export'], ...member, format: 'csv', delimiter: ';' },
    },
    ['source.groups.delimiter config.formatOption'],
  ],
  ['an HTTP server sends JSON by default', { type: 'http', users: { ...url, items: 'data' } }, []],
  [
    'CSV has no list in a body',
    { type: 'http', users: { ...url, format: 'csv', items: 'data', paging: { next: 'next' } } },
    ['source.users.items config.formatOption', 'source.users.paging config.formatOption'],
  ],
  [
    'JSON has no delimiter',
    { type: 'http', users: { ...url, delimiter: ';' } },
    ['source.users.delimiter config.formatOption'],
  ],
  [
    'a column of the users has no format',
    { type: 'http', users: url, groups: { column: 'teams', separator: ';' } },
    [],
  ],
])('%s', (_what, source, lines) => {
  expect(issueLines(loadFrom({ ...minimalConfig(), source }))).toEqual(lines);
});

test('each of several sources is checked', () => {
  const { source, ...rest } = minimalConfig();
  const hr = { type: 'command', users: { ...program, columns: ['x'] }, join: { on: 'hr.id', equals: 'files.id' } };
  expect(issueLines(loadFrom({ ...rest, sources: { files: source, hr } }))).toEqual([
    'sources.hr.users.columns config.formatOption',
  ]);
});
