import { describe, expect, test } from '@jest/globals';
import { sourceKey } from '../../../src/model/ids.ts';
import type { RejectedRows } from '../../../src/model/reading/rejected-row.ts';
import type { RejectedSubject } from '../../../src/model/reading/rejected-subject.ts';
import type { SourceRecord } from '../../../src/model/record.ts';
import { createRejectedRows } from '../../../src/plan/reading/rejected-rows.ts';

const person = (key: string, ...names: readonly string[]): SourceRecord => ({
  resourceType: 'User',
  key: sourceKey(key),
  active: true,
  attributes: { names },
});

const unknown = (text: string, more: Partial<Extract<RejectedSubject, { kind: 'unknown' }>> = {}): RejectedSubject => ({
  kind: 'unknown',
  text,
  keyCells: [],
  ...more,
});

const rows = (limit?: number, groupsFromColumn = false): RejectedRows =>
  createRejectedRows(({ attributes }) => attributes['names'] ?? [], groupsFromColumn, limit);

describe('an absent user could be a rejected row', () => {
  const ada = person('1004', 'ada.l', 'ada@corp.example', 'Lovelace');
  test.each<[string, RejectedSubject, SourceRecord, boolean]>([
    ['by the key in the text', unknown('1004;Ada'), ada, true],
    ['by a name in the text', unknown(';x;Lovelace'), ada, true],
    ['by the address in the text', unknown(';;ADA@CORP.EXAMPLE'), ada, true],
    ['not by another text', unknown('Total: 41 people'), ada, false],
    ['by a short key in its cell', unknown('7;Ng', { keyCells: ['7'] }), person('7', 'Ng'), true],
    ['not by a short key elsewhere', unknown('x;7', { keyCells: ['x'] }), person('7', 'Ng'), false],
    ['by the first part of the key', unknown('100', { keyCells: ['100'], cutKey: '100' }), ada, true],
    ['not by one character of the key', unknown('1', { keyCells: ['1'], cutKey: '1' }), ada, false],
    ['not by more than the key', unknown('10045', { keyCells: ['10045'], cutKey: '10045' }), ada, false],
    ['not by a row whose key is certain', { kind: 'record' }, ada, false],
  ])('%s', (_, subject, record, expected) => {
    const all = rows();
    all.add('users', 12, subject);
    expect(all.recordLine('users', record)).toBe(expected ? 12 : undefined);
    // The rows of another file state nothing about users.
    expect(all.recordLine('groups', record)).toBeUndefined();
  });

  test('with more text than can be searched, every absent user could be meant', () => {
    const all = rows(20);
    all.add('users', 3, unknown('a note'));
    expect(all.recordLine('users', person('9'))).toBeUndefined();
    all.add('users', 4, unknown('a note that is much longer'));
    expect(all.recordLine('users', person('9'))).toBe(3);
  });

  test('a part without such a row has none', () => {
    const all = rows();
    all.add('users', 3, { kind: 'record' });
    expect([all.has('users'), all.has('groups'), all.has('memberships')]).toEqual([false, false, false]);
    all.add('groups', 3, unknown('x'));
    expect([all.has('users'), all.has('groups'), all.has('memberships')]).toEqual([false, true, false]);
  });

  test('a group of the column is named by a rejected user, also by a short name', () => {
    const all = rows(undefined, true);
    all.add('users', 5, unknown('1004;Ada;IT|app-x'));
    expect(['IT', 'app-x', 'HR'].map((name) => all.groupColumnLine(name))).toEqual([5, 5, undefined]);
  });
});

describe('an absent membership could be a rejected row', () => {
  test.each<[string, RejectedSubject, string[]]>([
    ['a certain membership', { kind: 'membership', group: 'eng', member: '1' }, ['eng>1']],
    ['a certain group', { kind: 'membership', group: 'eng', member: undefined }, ['eng>1', 'eng>2']],
    ['a certain member', { kind: 'membership', group: undefined, member: '1' }, ['eng>1', 'ops>1']],
    ['neither', { kind: 'membership', group: undefined, member: undefined }, []],
    ['a row that ends after the group', unknown('eng', { keyCells: ['eng'] }), ['eng>1', 'eng>2']],
    ['cells of both', unknown('eng;1;x', { keyCells: ['eng'], memberCells: ['1', 'x'] }), ['eng>1']],
    ['a mention of both', unknown('"ops and 1002"', { keyCells: [''], memberCells: [] }), ['ops>1002']],
    ['a mention of one', unknown('Total of ops', { keyCells: ['Total'], memberCells: ['ops'] }), []],
  ])('%s', (_, subject, expected) => {
    const all = rows();
    all.add('memberships', 8, subject);
    const absent = ['eng>1', 'eng>2', 'ops>1', 'ops>1002'];
    const kept = absent.filter((edge) => all.membershipLine(...(edge.split('>') as [string, string])) === 8);
    expect(kept).toEqual(expected);
  });

  test('with more text than can be searched, every absent membership could be meant', () => {
    const all = rows(10);
    all.add('memberships', 3, unknown('a note that is long', { memberCells: [] }));
    expect(all.membershipLine('a', 'b')).toBe(3);
  });
});
