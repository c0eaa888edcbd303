import { expect, test } from '@jest/globals';
import { judgeLostJoins } from '../../../src/plan/reading/lost-joins.ts';

test.each([
  ['the settings of the join changed', undefined, []],
  ['no user lost a record', { before: 100, lost: 0 }, []],
  ['up to the floor', { before: 2, lost: 2 }, []],
  ['up to the limit', { before: 100, lost: 30 }, []],
  ['above the limit', { before: 100, lost: 31 }, ['source.joinsLost']],
  ['above the floor and the limit', { before: 3, lost: 3 }, ['source.joinsLost']],
])('%s', (_title, losses, codes) => {
  const judgements = judgeLostJoins(losses, { maxShrink: 0.3, floor: 2 });
  expect(judgements.map(({ code, refused }) => (refused ? code : ''))).toEqual(codes);
  if (judgements.length > 0) expect(judgements[0]?.numbers).toEqual(losses);
});
