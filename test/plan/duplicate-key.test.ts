import { expect, test } from '@jest/globals';
import type { EarlierUse, KeyedRow } from '../../src/model/record.ts';
import { duplicateKeyReason } from '../../src/plan/duplicate-key.ts';

const line: KeyedRow = { kind: 'line', key: '7' };
const entry = (dn: string | undefined): KeyedRow => ({ kind: 'entry', key: '7', dn });
const unused: EarlierUse = { stagedLine: undefined, isRejected: false, isSeen: false, dn: () => undefined };

test.each<[KeyedRow, Partial<EarlierUse>, string | undefined]>([
  // the row, the earlier use of its key, why the row is rejected
  [line, {}, undefined],
  [line, { stagedLine: 3 }, 'the key 7 stands on line 3 too; neither row is taken'],
  [line, { isRejected: true }, 'the key 7 stands on another line too; neither row is taken'],
  [line, { isSeen: true }, 'the key 7 stands on another line too; neither row is taken'],
  [line, { stagedLine: 3, isSeen: true }, 'the key 7 stands on line 3 too; neither row is taken'],
  [entry('uid=b'), {}, undefined],
  [
    entry('uid=b'),
    { stagedLine: 3, dn: () => 'uid=a' },
    'the key 7 belongs to "uid=b" and to "uid=a"; neither entry is taken',
  ],
  [entry('uid=b'), { stagedLine: 3 }, 'the key 7 belongs to "uid=b" and to line 3; neither entry is taken'],
  [entry('uid=b'), { isRejected: true }, 'the key 7 belongs to "uid=b" and to another line; neither entry is taken'],
  [
    entry(undefined),
    { isSeen: true, dn: () => 'uid=a' },
    'the key 7 belongs to "" and to "uid=a"; neither entry is taken',
  ],
])('%j after %j', (row, earlier, expected) => {
  expect(duplicateKeyReason(row, { ...unused, ...earlier })).toBe(expected);
});

test('the DN of the other entry is looked up for a duplicate only', () => {
  const dn = (): never => {
    throw new Error('looked up');
  };
  expect(duplicateKeyReason(entry('uid=b'), { ...unused, dn })).toBeUndefined();
});
