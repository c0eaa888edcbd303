import { expect, test } from '@jest/globals';
import { judgeDirectoryKind } from '../../../src/plan/reading/directory-kind.ts';

test.each([
  ['a first reading', undefined, 'openldap', 0],
  ['the same kind', 'openldap', 'openldap', 0],
  ['a configured kind', 'openldap', undefined, 0],
  ['another kind', 'openldap', 'generic', 1],
])('%s', (_, before, now, refused) => {
  expect(judgeDirectoryKind(before, now).filter((one) => one.refused)).toHaveLength(refused);
});
