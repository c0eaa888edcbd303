import { expect, test } from '@jest/globals';
import { secondLooksText } from '../../src/cli/print/second-looks-text.ts';
import { instant, sourceKey } from '../../src/model/ids.ts';

const first = instant(Date.UTC(2026, 10, 29));
const gone = { key: sourceKey('5'), name: 'p5', detail: 'already gone, confirmed by look-up', due: first };

test.each<[string, Parameters<typeof secondLooksText>[0], readonly string[]]>([
  ['none', { removals: 0, unseen: 0, first: undefined, searched: [] }, []],
  [
    'one that was shown',
    { removals: 1, unseen: 0, first, searched: [] },
    ['1 removal is looked at once more, from 2026-11-29T00:00:00.000Z on'],
  ],
  [
    'some that were only answered, and one that was not found',
    { removals: 12, unseen: 3, first, searched: [gone] },
    [
      '12 removals are looked at once more, from 2026-11-29T00:00:00.000Z on; 3 of them only answered so far',
      '  user p5 (5): already gone, confirmed by look-up; after 2026-11-29T00:00:00.000Z',
    ],
  ],
])('second looks: %s', (_, looks, expected) => {
  expect(secondLooksText(looks)).toEqual(expected);
});
