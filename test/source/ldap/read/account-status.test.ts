import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { instant } from '../../../../src/model/ids.ts';
import { accountStatus, type AccountStatus } from '../../../../src/source/ldap/read/account-status.ts';
import type { InactiveCondition } from '../../../../src/source/ldap/settings.ts';
import { attributesOf } from '../entries.ts';

const now = Date.UTC(2026, 10, 23, 9, 30);
const statusOf = (sign: InactiveCondition, ...values: readonly string[]): AccountStatus =>
  accountStatus([sign], attributesOf({ [sign.attribute]: values }));

const active = (until?: number): AccountStatus => ({
  active: true,
  validTo: until === undefined ? undefined : instant(until),
});
const inactive: AccountStatus = { active: false, validTo: undefined };
const unreadable = (attribute: string, text: string): AccountStatus => ({
  error: `cannot interpret ${attribute} = ${JSON.stringify(text)}`,
});

describe('a bit: userAccountControl 2', () => {
  const sign: InactiveCondition = { attribute: 'userAccountControl', bit: 2 };

  test.each<[string, AccountStatus]>([
    ['512', active()],
    ['514', inactive],
    ['66048', active()],
    ['66050', inactive],
    ['0', active()],
    ['2', inactive],
    [' 514 ', inactive],
    // A signed 32-bit number with its highest bit set.
    ['-2147483136', active()],
    ['-2147483134', inactive],
    ['-1', inactive],
  ])('%s', (text, expected) => {
    expect(statusOf(sign, text)).toEqual(expected);
  });

  test.each(['0x202', '512.0', 'ACCOUNTDISABLE', '5 14', '--2', '1e3', '9999999999999999'])(
    '%s cannot be interpreted',
    (text) => {
      expect(statusOf(sign, text)).toEqual(unreadable('userAccountControl', text));
    },
  );
});

describe('a moment as Windows counts: accountExpires', () => {
  const sign: InactiveCondition = { attribute: 'accountExpires', past: 'fileTime' };
  const ticks = (ms: number): string => String((BigInt(ms) + 11_644_473_600_000n) * 10_000n);

  test.each<[string, string, AccountStatus]>([
    ['0: never', '0', active()],
    ['the largest: never', '9223372036854775807', active()],
    ['before the first: never', '-1', active()],
    // 2024-01-01T00:00:00Z.
    ['past', '133485408000000000', active(Date.UTC(2024, 0, 1))],
    // 2030-01-01T00:00:00Z.
    ['to come', '135379296000000000', active(Date.UTC(2030, 0, 1))],
    ['1601', '1', active(Date.UTC(1601, 0, 1))],
    ['this very moment', ticks(now), active(now)],
    ['a millisecond from now', ticks(now + 1), active(now + 1)],
    ['less than a millisecond from now', String(BigInt(ticks(now)) + 9_999n), active(now)],
    ['the year 30000', '8962167456000000000', active(884_572_272_000_000)],
  ])('%s', (_, text, expected) => {
    expect(statusOf(sign, text)).toEqual(expected);
  });

  test.each(['never', '20261123093000Z', '1.5', '92233720368547758070'])('%s cannot be interpreted', (text) => {
    expect(statusOf(sign, text)).toEqual(unreadable('accountExpires', text));
  });
});

describe('a text: nsAccountLock, pwdAccountLockedTime', () => {
  test.each<[string, AccountStatus]>([
    ['true', inactive],
    ['TRUE', inactive],
    [' True ', inactive],
    ['false', active()],
    ['FALSE', active()],
    ['', active()],
  ])('nsAccountLock %j', (text, expected) => {
    expect(statusOf({ attribute: 'nsAccountLock', is: 'true' }, text)).toEqual(expected);
  });

  test.each<[string, AccountStatus]>([
    ['000001010000Z', inactive],
    ['20261123093000Z', active()],
    ['20200101000000Z', active()],
  ])('pwdAccountLockedTime %s: only a lock for good counts', (text, expected) => {
    expect(statusOf({ attribute: 'pwdAccountLockedTime', is: '000001010000Z' }, text)).toEqual(expected);
  });
});

describe('days since 1970: shadowExpire', () => {
  const sign: InactiveCondition = { attribute: 'shadowExpire', past: 'days' };
  const today = Math.floor(now / 86_400_000);

  test.each<[string, AccountStatus]>([
    ['-1', active()],
    [String(today), active(today * 86_400_000)],
    [String(today - 1), active((today - 1) * 86_400_000)],
    [String(today + 1), active((today + 1) * 86_400_000)],
    ['1', active(86_400_000)],
    ['99999', active(99_999 * 86_400_000)],
  ])('%s', (text, expected) => {
    expect(statusOf(sign, text)).toEqual(expected);
  });

  // 0 means never to some programs, and long ago to others.
  test.each(['0', '-0', '000', '2026-11-23', '20000.5', 'never', '9999999999'])('%s cannot be interpreted', (text) => {
    expect(statusOf(sign, text)).toEqual(unreadable('shadowExpire', text));
  });
});

describe('a moment as directories write it', () => {
  const sign: InactiveCondition = { attribute: 'loginExpirationTime', past: 'generalizedTime' };

  test.each<[string, number]>([
    ['20261124093000Z', Date.UTC(2026, 10, 24, 9, 30)],
    ['202611240930Z', Date.UTC(2026, 10, 24, 9, 30)],
    ['2026112409Z', Date.UTC(2026, 10, 24, 9)],
    ['20261124093000.5Z', Date.UTC(2026, 10, 24, 9, 30, 0, 500)],
    ['20261124093000,123456Z', Date.UTC(2026, 10, 24, 9, 30, 0, 123)],
    ['202611240930.5Z', Date.UTC(2026, 10, 24, 9, 30, 30)],
    ['2026112409.25Z', Date.UTC(2026, 10, 24, 9, 15)],
    ['20261124093000.0Z', Date.UTC(2026, 10, 24, 9, 30)],
    ['20261124093000+0200', Date.UTC(2026, 10, 24, 7, 30)],
    ['20261124093000-0530', Date.UTC(2026, 10, 24, 15)],
    ['20261124093000+02', Date.UTC(2026, 10, 24, 7, 30)],
    ['20261124003000+0200', Date.UTC(2026, 10, 23, 22, 30)],
    ['20280229000000Z', Date.UTC(2028, 1, 29)],
    ['20261231235960Z', Date.UTC(2027, 0, 1)],
    ['99991231235959Z', Date.UTC(9999, 11, 31, 23, 59, 59)],
    ['20261123093000Z', Date.UTC(2026, 10, 23, 9, 30)],
    ['20261123093000.9+0001', Date.UTC(2026, 10, 23, 9, 29, 0, 900)],
    ['19700101000000Z', 0],
    ['00500101000000Z', Date.parse('0050-01-01T00:00:00Z')],
    ['00000101000000Z', Date.parse('0000-01-01T00:00:00Z')],
  ])('%s ends access', (text, expected) => {
    expect(statusOf(sign, text)).toEqual(active(expected));
  });

  test.each([
    '20261124093000',
    '2026-11-24T09:30:00Z',
    '20261324000000Z',
    '20260024000000Z',
    '20261100000000Z',
    '20260231000000Z',
    '20260431000000Z',
    '20270229000000Z',
    '20261124240000Z',
    '20261124096000Z',
    '20261124093061Z',
    '20261124093000+2400',
    '20261124093000+0260',
    '20261124Z',
    '20261124093000.Z',
    '20261124093000z',
    'never',
    '133485408000000000',
  ])('%s cannot be interpreted', (text) => {
    expect(statusOf(sign, text)).toEqual(unreadable('loginExpirationTime', text));
  });

  test('any moment, with any offset', () => {
    const digits = (value: number, size = 2): string => String(value).padStart(size, '0');
    fc.assert(
      fc.property(
        fc.integer({ min: Date.UTC(1000, 0), max: Date.UTC(9998, 0) }),
        fc.integer({ min: -1439, max: 1439 }),
        (ms, away) => {
          const local = new Date(ms + away * 60_000);
          const clock = [local.getUTCHours(), local.getUTCMinutes(), local.getUTCSeconds()]
            .map((part) => digits(part))
            .join('');
          const [hours, minutes] = [Math.floor(Math.abs(away) / 60), Math.abs(away) % 60];
          const offset = `${away < 0 ? '-' : '+'}${digits(hours)}${digits(minutes)}`;
          const [month, day] = [local.getUTCMonth() + 1, local.getUTCDate()];
          const date = `${digits(local.getUTCFullYear(), 4)}${digits(month)}${digits(day)}`;
          const text = `${date}${clock}.${digits(local.getUTCMilliseconds(), 3)}${offset}`;
          expect(statusOf(sign, text)).toEqual(active(ms));
        },
      ),
      { seed: 4517, numRuns: 2_000 },
    );
  });
});

describe('several signs', () => {
  const signs: readonly InactiveCondition[] = [
    { attribute: 'userAccountControl', bit: 2 },
    { attribute: 'accountExpires', past: 'fileTime' },
    { attribute: 'ends', past: 'days' },
  ];
  const of = (attributes: Readonly<Record<string, readonly string[]>>): AccountStatus =>
    accountStatus(signs, attributesOf(attributes));

  test.each<[string, Readonly<Record<string, readonly string[]>>, AccountStatus]>([
    ['without the attributes', { cn: ['x'] }, active()],
    ['names in another case', { USERACCOUNTCONTROL: ['514'] }, inactive],
    ['empty values', { userAccountControl: ['', ' '] }, active()],
    ['one condition holds', { userAccountControl: ['514'], accountExpires: ['0'] }, inactive],
    ['the first end counts', { accountExpires: ['135379296000000000'], ends: ['30000'] }, active(Date.UTC(2030, 0, 1))],
    [
      'the first end counts, wherever it stands',
      { accountExpires: ['135379296000000000'], ends: ['21000'] },
      active(21_000 * 86_400_000),
    ],
    [
      'an inactive user has an end, too',
      { userAccountControl: ['514'], accountExpires: ['135379296000000000'] },
      { active: false, validTo: instant(Date.UTC(2030, 0, 1)) },
    ],
    ['each value counts', { ends: ['30000', '1'] }, active(86_400_000)],
    [
      'an invalid value beside a condition that holds',
      { userAccountControl: ['514'], accountExpires: ['soon'] },
      unreadable('accountExpires', 'soon'),
    ],
    ['a long one is not repeated whole', { ends: ['x'.repeat(100)] }, unreadable('ends', 'x'.repeat(40))],
  ])('%s', (_, attributes, expected) => {
    expect(of(attributes)).toEqual(expected);
  });

  test('without conditions all users are active', () => {
    expect(accountStatus([], attributesOf({ userAccountControl: ['514'] }))).toEqual(active());
  });
});
