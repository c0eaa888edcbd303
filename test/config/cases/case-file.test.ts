import { expect, test } from '@jest/globals';
import { parseCase } from '../../../src/config/cases/case-file.ts';

test('a case may have comments, and parts that it omits are empty', () => {
  expect(parseCase('{ "at": "2026-03-01", /* one user */ "users": [{ "id": "7" }], }')).toEqual({
    case: { at: '2026-03-01', users: [{ id: '7' }], groups: [], nested: [], memberships: [], joined: {} },
  });
});

test.each([
  ['no moment', '{"users": []}', /^at: /],
  [
    'an unknown name',
    '{"at": "2026-03-01", "user": []}',
    /^user: unknown key; did you mean "users"\?|^user: unknown key/,
  ],
  ['a row that is no object', '{"at": "2026-03-01", "users": ["7"]}', /^users\[0\]: /],
  ['a name that occurs twice', '{"at": "2026-03-01", "at": "2026-03-02"}', /^at: occurs twice/],
  ['text that is not JSON', '{"at": ', /^is not valid JSON: /],
])('%s is a mistake', (_label, text, message) => {
  const parsed = parseCase(text);
  expect('mistakes' in parsed ? parsed.mistakes[0] : undefined).toMatch(message);
});
