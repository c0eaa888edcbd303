import { describe, expect, test } from '@jest/globals';
import { BerError } from '../../../../src/source/ldap/protocol/ber.ts';
import {
  dirSyncResponse,
  dirSyncFlags,
  dirSyncRequest,
  oids,
  pagedControl,
  pagedCookie,
  syncDone,
  syncInfo,
  syncRequest,
  syncState,
  uuidText,
  type ResponseControl,
} from '../../../../src/source/ldap/protocol/controls.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const responseControls = (oid: string, value: string | undefined): readonly ResponseControl[] => [
  { oid: '1.2.3', value: hex('00') },
  { oid, value: value === undefined ? undefined : hex(value) },
];
const uuid = '00112233445566778899aabbccddeeff';
const dashedUuid = '00112233-4455-6677-8899-aabbccddeeff';

describe('what is asked', () => {
  test.each<[string, Buffer | undefined, string]>([
    ['a page', pagedControl(1000, Buffer.from('ab')).value, '30 08 02 02 03 e8 04 02 61 62'],
    ['the first page', pagedControl(1, Buffer.alloc(0)).value, '30 05 02 01 01 04 00'],
    ['everything, and a cookie', syncRequest('refreshOnly', undefined).value, '30 03 0a 01 01'],
    ['changes', syncRequest('refreshOnly', Buffer.from('c')).value, '30 06 0a 01 01 04 01 63'],
    ['changes as they come', syncRequest('refreshAndPersist', Buffer.from('c')).value, '30 06 0a 01 03 04 01 63'],
    [
      'changes of Windows',
      dirSyncRequest(dirSyncFlags.incrementalValues, 4_194_304, Buffer.alloc(0)).value,
      '30 0d 02 04 80 00 00 00 02 03 40 00 00 04 00',
    ],
  ])('%s', (_, value, expected) => {
    expect(value).toEqual(hex(expected));
  });

  test('must be understood', () => {
    expect(
      [
        pagedControl(1, Buffer.alloc(0)),
        syncRequest('refreshOnly', undefined),
        dirSyncRequest(0, 0, Buffer.alloc(0)),
      ].map(({ critical }) => critical),
    ).toEqual([true, true, true]);
  });
});

test('a cookie for the next page', () => {
  expect(pagedCookie(responseControls(oids.paged, '30 07 02 01 00 04 02 61 62'))).toEqual(Buffer.from('ab'));
  expect(pagedCookie(responseControls(oids.paged, '30 05 02 01 00 04 00'))).toEqual(Buffer.alloc(0));
  expect(pagedCookie(responseControls('9.9', '30 05 02 01 00 04 00'))).toBeUndefined();
  expect(pagedCookie(responseControls(oids.paged, undefined))).toBeUndefined();
  expect(() => pagedCookie(responseControls(oids.paged, '30 03 02 01 00'))).toThrow(BerError);
});

describe('content synchronisation', () => {
  test.each<[string, unknown]>([
    [`30 15 0a 01 00 04 10 ${uuid}`, { state: 'present', uuid: dashedUuid, cookie: undefined }],
    [`30 15 0a 01 01 04 10 ${uuid}`, { state: 'add', uuid: dashedUuid, cookie: undefined }],
    [`30 18 0a 01 02 04 10 ${uuid} 04 01 63`, { state: 'modify', uuid: dashedUuid, cookie: Buffer.from('c') }],
    [`30 15 0a 01 03 04 10 ${uuid}`, { state: 'delete', uuid: dashedUuid, cookie: undefined }],
    [`30 15 0a 01 09 04 10 ${uuid}`, undefined],
  ])('of an entry: %s', (value, expected) => {
    expect(syncState(responseControls(oids.syncState, value))).toEqual(expected);
  });

  test.each<[string, unknown]>([
    ['30 00', { cookie: undefined, refreshDeletes: false }],
    ['30 03 04 01 63', { cookie: Buffer.from('c'), refreshDeletes: false }],
    ['30 06 04 01 63 01 01 ff', { cookie: Buffer.from('c'), refreshDeletes: true }],
    ['30 03 01 01 ff', { cookie: undefined, refreshDeletes: true }],
  ])('at the end: %s', (value, expected) => {
    expect(syncDone(responseControls(oids.syncDone, value))).toEqual(expected);
    expect(syncDone(responseControls('9.9', value))).toBeUndefined();
  });

  test.each<[string, unknown]>([
    ['80 01 63', { kind: 'newCookie', cookie: Buffer.from('c') }],
    ['a1 00', { kind: 'refreshDelete', cookie: undefined, refreshDone: true }],
    ['a1 06 04 01 63 01 01 00', { kind: 'refreshDelete', cookie: Buffer.from('c'), refreshDone: false }],
    ['a2 03 04 01 63', { kind: 'refreshPresent', cookie: Buffer.from('c'), refreshDone: true }],
    [`a3 14 31 12 04 10 ${uuid}`, { kind: 'idSet', cookie: undefined, refreshDeletes: false, uuids: [dashedUuid] }],
    [
      `a3 1a 04 01 63 01 01 ff 31 12 04 10 ${uuid}`,
      { kind: 'idSet', cookie: Buffer.from('c'), refreshDeletes: true, uuids: [dashedUuid] },
    ],
    ['a3 05 01 01 ff 31 00', { kind: 'idSet', cookie: undefined, refreshDeletes: true, uuids: [] }],
  ])('in between: %s', (value, expected) => {
    expect(syncInfo(hex(value))).toEqual(expected);
  });

  test.each(['', 'a1', 'a3 00', 'a3 04 31 02 04 10', 'a1 05 04 10 63'])('%j cannot be read', (value) => {
    expect(() => syncInfo(hex(value))).toThrow(BerError);
  });
});

test.each<[string, unknown]>([
  ['30 09 02 01 00 02 01 00 04 01 63', { more: false, cookie: Buffer.from('c') }],
  ['30 09 02 01 01 02 01 00 04 01 63', { more: true, cookie: Buffer.from('c') }],
  ['30 0c 02 04 00 00 00 01 02 01 00 04 01 63', { more: true, cookie: Buffer.from('c') }],
])('changes of Windows: %s', (value, expected) => {
  expect(dirSyncResponse(responseControls(oids.dirSync, value))).toEqual(expected);
});

test('a UUID as text', () => {
  expect(uuidText(hex(uuid))).toBe(dashedUuid);
});
