import { describe, expect, test } from '@jest/globals';
import type { Limit } from '../../../src/model/plan.ts';
import type { ReferenceCounts } from '../../../src/model/reading/references.ts';
import { judgeAmbiguous, judgeEntryReferences, judgeKeyReferences } from '../../../src/plan/reading/references.ts';
import { searchSpellings } from '../../../src/plan/reading/reference-spellings.ts';

const tenPercent: Limit = { kind: 'share', share: 0.1, floor: 10 };
const counts = (dangling: number, total: number, left = 0): ReferenceCounts => ({ dangling, total, left });

describe('references of files', () => {
  test.each<[string, ReferenceCounts, ReferenceCounts | undefined, number, Limit, string | undefined]>([
    ['all lead to records', counts(0, 100), undefined, 0, tenPercent, undefined],
    ['a few do not', counts(5, 100), undefined, 0, tenPercent, 'source.danglingReferences'],
    ['more than the limit, first reading', counts(11, 100), undefined, 0, tenPercent, 'source.referencesBroken'],
    ['above the share, below the floor', counts(10, 50), undefined, 0, tenPercent, 'source.danglingReferences'],
    ['ten of ten', counts(10, 10), undefined, 0, tenPercent, 'source.referencesBroken'],
    ['five of five', counts(5, 5), undefined, 0, tenPercent, 'source.danglingReferences'],
    ['as many as accepted', counts(300, 1000), counts(300, 1000), 0, tenPercent, 'source.danglingReferences'],
    ['some more than accepted', counts(340, 1000), counts(300, 1000), 0, tenPercent, 'source.danglingReferences'],
    ['many more than accepted', counts(360, 1000), counts(300, 1000), 0, tenPercent, 'source.referencesBroken'],
    [
      'above the limit for the first time',
      counts(101, 1000),
      counts(99, 1000),
      0,
      tenPercent,
      'source.referencesBroken',
    ],
    [
      'the accepted share of a grown export',
      counts(420, 1400),
      counts(300, 1000),
      0,
      tenPercent,
      'source.danglingReferences',
    ],
    [
      'a larger share of a grown export',
      counts(500, 1400),
      counts(300, 1000),
      0,
      tenPercent,
      'source.referencesBroken',
    ],
    [
      'as many as accepted in a smaller export',
      counts(300, 800),
      counts(300, 1000),
      0,
      tenPercent,
      'source.danglingReferences',
    ],
    ['a kind that occurs for the first time', counts(50, 50), counts(0, 0), 0, tenPercent, 'source.referencesBroken'],
    ['a jump below the limit', counts(60, 1000), counts(5, 1000), 0, tenPercent, 'source.referencesBroken'],
    ['2 % joiners of tomorrow', counts(20, 1000), counts(0, 1000), 0, tenPercent, 'source.danglingReferences'],
    ['leavers alone', counts(0, 1000, 400), counts(0, 1000), 0, tenPercent, 'source.danglingReferences'],
    [
      'leavers whose keys are only respelt',
      counts(0, 1000, 400),
      counts(0, 1000),
      400,
      tenPercent,
      'source.referencesBroken',
    ],
    ['a count', counts(3, 1000), counts(0, 1000), 0, { kind: 'count', count: 2 }, 'source.referencesBroken'],
    [
      'a count that was accepted',
      counts(3, 1000),
      counts(3, 1000),
      0,
      { kind: 'count', count: 2 },
      'source.danglingReferences',
    ],
  ])('%s', (_, now, before, misspelt, limit, code) => {
    const comparison = { kind: 'members' as const, counts: now, before, misspelt, examples: ['x'], hint: undefined };
    expect(judgeKeyReferences(comparison, limit).map((one) => one.code)).toEqual(code === undefined ? [] : [code]);
  });
});

describe('managers decide no access', () => {
  test.each<[string, ReferenceCounts, ReferenceCounts | undefined, number, Limit, boolean]>([
    ['all are elsewhere, first reading', counts(50, 50), undefined, 0, tenPercent, false],
    ['all are elsewhere, first reading of managers', counts(50, 50), counts(0, 0), 0, tenPercent, false],
    ['all are elsewhere, a grown export', counts(65, 65), counts(50, 50), 0, tenPercent, false],
    ['a third is elsewhere, a grown export', counts(35, 100), counts(20, 60), 0, tenPercent, false],
    ['a department more whose managers are elsewhere', counts(45, 100), counts(0, 60), 0, tenPercent, false],
    ['all led to a row, and most do not', counts(40, 60), counts(0, 60), 0, tenPercent, true],
    ['a few did not, and now all', counts(60, 60), counts(10, 60), 0, tenPercent, true],
    ['a few did, and now one', counts(50, 50), counts(45, 50), 0, tenPercent, false],
    ['respelt keys of leavers', counts(0, 60, 60), counts(0, 60), 60, tenPercent, true],
    ['a count in a first reading', counts(50, 50), undefined, 0, { kind: 'count', count: 2 }, false],
    ['a count', counts(3, 50), counts(0, 50), 0, { kind: 'count', count: 2 }, true],
  ])('%s', (_, now, before, misspelt, limit, isRefused) => {
    const comparison = { kind: 'managers' as const, counts: now, before, misspelt, examples: ['x'], hint: 'fix it' };
    const [judgement, ...others] = judgeKeyReferences(comparison, limit);
    expect(others).toEqual([]);
    expect(judgement).toMatchObject({
      code: isRefused ? 'source.referencesBroken' : 'source.danglingReferences',
      refused: isRefused,
      reason: expect.stringContaining('fix it'),
    });
  });

  test.each<[number, boolean]>([
    [50, false],
    [60, true],
  ])('%s of 100 managers of a directory lose their entry', (lost, isRefused) => {
    const comparison = { kind: 'managers' as const, before: counts(0, 100), examples: [], hint: undefined };
    const judgements = judgeEntryReferences(comparison, counts(lost, 100), lost, tenPercent);
    expect(judgements.map(({ refused }) => refused)).toEqual([isRefused]);
  });
});

describe('references of a directory', () => {
  test.each<[string, ReferenceCounts | undefined, ReferenceCounts | undefined, number, string | undefined]>([
    ['contacts and computers, first reading', counts(900, 1000), undefined, 0, 'source.danglingReferences'],
    ['500 more printers', counts(1400, 1500), counts(900, 1000), 0, 'source.danglingReferences'],
    ['a few moved', counts(10, 1000), counts(0, 1000), 10, 'source.danglingReferences'],
    ['a tenth lost its entry', counts(101, 1000), counts(0, 1000), 101, 'source.referencesBroken'],
    ['a share of those that had one', counts(911, 1000), counts(900, 1000), 11, 'source.referencesBroken'],
    ['in an incremental reading', undefined, counts(0, 100), 11, 'source.referencesBroken'],
    ['nothing lost in an incremental reading', undefined, counts(50, 100), 0, undefined],
  ])('%s', (_, now, before, lost, code) => {
    const comparison = { kind: 'members' as const, before, examples: [], hint: undefined };
    expect(judgeEntryReferences(comparison, now, lost, tenPercent).map((one) => one.code)).toEqual(
      code === undefined ? [] : [code],
    );
  });
});

test('both entries with one login are named', () => {
  const owners = [
    { key: '1', dn: 'uid=ada,ou=a' },
    { key: '2', dn: 'uid=ada,ou=b' },
  ];
  const [judgement, more] = judgeAmbiguous([{ handle: 'login:ada', owners, references: 3 }], 2);
  expect(judgement).toMatchObject({
    code: 'source.ambiguousReference',
    subject: 'login:ada',
    numbers: { owners: 2, references: 3 },
    refused: false,
  });
  for (const { dn } of owners) expect(judgement?.reason).toContain(dn);
  expect(more).toMatchObject({ numbers: { handles: 2 } });
});

describe('what would let references match', () => {
  const dangling = (...names: string[]) => names.map((name) => ({ name, references: 2, hasLeft: false }));
  test.each<[string, string[], string[], Record<string, string[]>, RegExp | undefined]>([
    ['case', ['a1', 'a2'], ['A1', 'A2'], {}, /^4 .*another case.*ignoreCase/],
    ['zeros lost', ['7', '8'], ['007', '008'], {}, /^4 .*leading zeros.*stripLeadingZeros/],
    ['zeros added', ['007'], ['7'], {}, /^2 .*leading zeros/],
    ['blanks and invisible characters', ['A\u200b1', ' A2'], ['A1', 'A2'], {}, /^4 .*blanks.*trim/],
    ['blanks inside, which no form ignores', ['A 1', 'A 2'], ['A1', 'A2'], {}, /^4 .*correct the export/],
    ['all of them', ['a1', '0b2'], ['A1', 'B2'], {}, /^4 .*zeros, blanks at the ends and case/],
    ['another column', ['Ada@x.example'], ['1'], { email: ['ada@X.example'], name: ['Ada'] }, /^2 .*"email"/],
    ['moved entries', ['dn:cn=ada,ou=a'], ['dn:cn=ada,ou=b', 'login:ada'], {}, /^2 .*same name elsewhere/],
    ['e-mail address instead of login', ['login:ada@x'], ['login:ada'], { mail: ['ada@x'] }, /^2 .*"mail"/],
    ['nothing', ['zz'], ['A1'], { email: ['a'] }, undefined],
  ])('%s', (_, names, known, attributes, hint) => {
    const search = searchSpellings(dangling(...names));
    for (const name of known) search.look({ names: [name], attributes });
    if (hint === undefined) expect(search.hint()).toBeUndefined();
    else expect(search.hint()).toMatch(hint);
  });

  test('the column of the managers themselves is no hint, and one with their e-mail addresses is', () => {
    const search = searchSpellings(dangling('boss@x'), true);
    for (const key of ['1', '2']) search.look({ names: [key], attributes: { manager: ['boss@x'] } });
    expect(search.hint()).toBeUndefined();
    search.look({ names: ['3'], attributes: { mail: ['boss@x'] } });
    expect(search.hint()).toMatch(/^2 .*"mail"/);
  });

  test('a record that left counts if a present record has its key in another spelling', () => {
    const search = searchSpellings([
      { name: '007', references: 3, hasLeft: true },
      { name: '008', references: 5, hasLeft: true },
      { name: '9', references: 7, hasLeft: false },
    ]);
    for (const name of ['7', '009']) search.look({ names: [name], attributes: {} });
    expect(search.misspeltLeavers()).toBe(3);
  });
});
