import { expect, test } from '@jest/globals';
import { judgeGroupSpellings, reportedJudgements } from '../../../src/plan/reading/group-spellings.ts';

const it = judgeGroupSpellings([{ group: 'IT', spellings: ['IT', 'it'] }]);
const hr = judgeGroupSpellings([{ group: 'HR', spellings: ['HR', 'H R'] }]);
const refused = { ...it[0], code: 'source.shrunk', refused: true } as const;

test('several spellings are reported, not refused', () => {
  expect(it).toMatchObject([{ code: 'source.groupSpellings', subject: 'IT', refused: false }]);
});

test.each([
  ['a complete reading', it, hr, false, ['HR']],
  ['a reading of changed rows keeps what it does not show', it, hr, true, ['IT', 'HR']],
  ['once for each group', it, it, true, ['IT']],
  ['what was accepted is not reported again', it, [refused], true, ['IT']],
])('%s', (_, before, now, isPartial, expected) => {
  expect(reportedJudgements(before, now as typeof it, isPartial).map(({ subject }) => subject)).toEqual(expected);
});
