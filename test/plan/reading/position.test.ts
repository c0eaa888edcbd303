import { describe, expect, test } from '@jest/globals';
import { mergePositions, type SourcePosition } from '../../../src/model/reading/source-position.ts';
import {
  comparePositions,
  judgePosition,
  judgeUnchangedLeavers,
  type PositionOrder,
} from '../../../src/plan/reading/position.ts';

const csn = (time: string, id = '000'): string => `${time}.000000Z#000000#${id}#000000`;
const csns = (byId: Readonly<Record<string, string>>): SourcePosition => ({
  csns: { 'dc=x': Object.fromEntries(Object.entries(byId).map(([id, time]) => [id, csn(time, id)])) },
});
const log = (number: number, url = 'ldap://a'): SourcePosition => ({ changeNumbers: { [url]: number } });
const usn = (value: string, invocation = 'i1', controller = 'dc1'): SourcePosition => ({
  controllers: { [controller]: { invocation, usn: value } },
});

describe('the position of a server, compared with the remembered one', () => {
  test.each<[string, SourcePosition, SourcePosition, PositionOrder]>([
    ['no change', csns({ '000': '20260101' }), csns({ '000': '20260101' }), 'equal'],
    ['a change', csns({ '000': '20260101' }), csns({ '000': '20260102' }), 'ahead'],
    ['a restored copy', csns({ '000': '20260102' }), csns({ '000': '20260101' }), 'behind'],
    [
      'one of two providers',
      csns({ '001': '20260102', '002': '20260102' }),
      csns({ '001': '20260103', '002': '20260101' }),
      'behind',
    ],
    [
      'a provider whose changes are missing',
      csns({ '001': '20260102', '002': '20260102' }),
      csns({ '001': '20260102' }),
      'behind',
    ],
    ['a new provider', csns({ '001': '20260102' }), csns({ '001': '20260102', '002': '20260101' }), 'equal'],
    ['no readable contextCSN', csns({ '001': '20260102' }), {}, 'incomparable'],
    [
      'another naming context',
      csns({ '001': '20260102' }),
      { csns: { 'dc=y': { '001': csn('20200101', '001') } } },
      'incomparable',
    ],
    ['a changelog that went on', log(10), log(11), 'ahead'],
    ['a changelog that went back', log(10), log(9), 'behind'],
    ['the changelog of another server', log(10), log(3, 'ldap://b'), 'incomparable'],
    ['a controller that went on', usn('9'), usn('10'), 'ahead'],
    ['a controller that went back', usn('9007199254740995'), usn('9007199254740994'), 'behind'],
    ['a restored controller', usn('10'), usn('99', 'i2'), 'otherHistory'],
    ['another controller', usn('10'), usn('3', 'i9', 'dc2'), 'incomparable'],
  ])('%s', (_, before, now, order) => {
    expect(comparePositions(before, now)).toBe(order);
    const refused = judgePosition('ldap://a', before, now).map(({ code }) => code);
    expect(refused).toEqual(order === 'behind' || order === 'otherHistory' ? ['source.wentBack'] : []);
  });

  test('a first reading has nothing to compare with', () => {
    expect(judgePosition('ldap://a', undefined, log(1))).toEqual([]);
    expect(judgePosition('ldap://a', log(1), undefined)).toEqual([]);
  });

  test('the position of a server that was not asked is kept', () => {
    const both = mergePositions(usn('10'), usn('3', 'i9', 'dc2'));
    expect(both).toBeDefined();
    expect(comparePositions(both ?? {}, usn('9'))).toBe('behind');
    expect(comparePositions(mergePositions(both, usn('9')) ?? {}, usn('9'))).toBe('equal');
    expect(mergePositions(undefined, undefined)).toBeUndefined();
  });
});

test('leavers who are back without a change of their entries refuse the reading', () => {
  expect(judgeUnchangedLeavers(0)).toEqual([]);
  expect(judgeUnchangedLeavers(1)).toMatchObject([{ code: 'source.wentBack', numbers: { users: 1 }, refused: true }]);
});
