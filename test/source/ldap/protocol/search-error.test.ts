import { describe, expect, test } from '@jest/globals';
import type { ErrorCode } from '../../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../../src/model/errors.ts';
import { searchError, type SearchFailed } from '../../../../src/source/ldap/protocol/search-error.ts';
import type { SearchDone } from '../../../../src/source/ldap/protocol/client.ts';

const errorFor = (code: number, more: Partial<SearchDone> = {}, base = 'ou=people,dc=x'): SearchFailed =>
  searchError('ldaps://dc1', { base }, { code, matchedDn: '', message: '', referrals: [], controls: [], ...more });

describe('a search that failed', () => {
  test.each<[number, ErrorCode, RegExp]>([
    [1, 'ldap.accessDenied', /operationsError.*source\.bind/],
    [3, 'ldap.timeLimitExceeded', /timeLimitExceeded.*"pageSize"/],
    [4, 'ldap.sizeLimitExceeded', /sizeLimitExceeded/],
    [8, 'ldap.accessDenied', /strongerAuthRequired.*ldaps/],
    [10, 'ldap.referral', /referral/],
    [11, 'ldap.adminLimitExceeded', /adminLimitExceeded.*"pageSize"/],
    [12, 'ldap.searchFailed', /unavailableCriticalExtension/],
    [13, 'ldap.accessDenied', /confidentialityRequired.*ldaps/],
    [32, 'ldap.noSuchObject', /noSuchObject.*"base"/],
    [34, 'ldap.invalidDnSyntax', /invalidDNSyntax.*"base"/],
    [50, 'ldap.accessDenied', /insufficientAccessRights.*source\.bind/],
    [51, 'ldap.unavailable', /result code 51/],
    [52, 'ldap.unavailable', /result code 52/],
    [53, 'ldap.searchFailed', /unwillingToPerform/],
    [80, 'ldap.searchFailed', /result code 80/],
  ])('with result code %d has the code %s and names the setting to check', (resultCode, code, text) => {
    const error = errorFor(resultCode);
    expect(error).toBeInstanceOf(IncompleteReading);
    expect(error).toMatchObject({ code, resultCode });
    expect(error.message).toMatch(text);
  });

  test('is reported in one line with the server, the base and its message', () => {
    for (let code = 1; code < 130; code += 1) {
      const { message } = errorFor(code, { message: 'one\n two\u0000\tthree. ' });
      expect(message).toMatch(/^ldaps:\/\/dc1: [^\n\u0000]*: one two three\. [^\n\u0000]*$/);
      if (![8, 13, 51, 52].includes(code)) expect(message).toContain('"ou=people,dc=x"');
    }
    expect(errorFor(4, {}, '').message).not.toContain('""');
    expect(errorFor(80, { message: 'x'.repeat(1_000) }).message.length).toBeLessThan(600);
  });

  test('names the nearest existing entry and the other servers, where the server does', () => {
    expect(errorFor(32, { matchedDn: 'dc=x' }).message).toContain(' "dc=x"');
    expect(errorFor(10, { referrals: ['ldap://a', 'ldap://b'] }).message).toContain('ldap://a, ldap://b');
  });
});
