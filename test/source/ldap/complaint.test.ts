import { describe, expect, test } from '@jest/globals';
import { IncompleteReading } from '../../../src/model/errors.ts';
import { complain, connectFailure } from '../../../src/source/ldap/complaint.ts';
import type { SearchDone } from '../../../src/source/ldap/client.ts';

const end = 'The reading is not complete: nothing was planned, everything stays as it is.';
const said = (code: number, more: Partial<SearchDone> = {}, base = 'ou=people,dc=x'): string =>
  complain('ldaps://dc1', { base }, { code, matchedDn: '', message: '', referrals: [], controls: [], ...more }).message;

describe('a search that failed', () => {
  test.each<[number, RegExp]>([
    [1, /refused to search .*\(operationsError\)/], [3, /timeLimitExceeded.*pageSize/], [4, /only some of .*sizeLimitExceeded.*raise/], [8, /strongerAuthRequired.*ldaps/], [10, /\(referral\)/],
    [11, /adminLimitExceeded.*pageSize/], [12, /unavailableCriticalExtension/], [13, /confidentialityRequired.*ldaps/], [32, /no entry "ou=people,dc=x", or this account may not see it \(noSuchObject\).*"base"/],
    [34, /"ou=people,dc=x" is no name .*invalidDNSyntax/], [50, /may not read .*insufficientAccessRights/], [51, /busy/], [52, /shutting down or not available/], [53, /unwillingToPerform/],
  ])('%d has its own sentence', (code, message) => {
    expect(said(code)).toMatch(message);
  });

  test('whatever the code: one line that names the server, the base and the consequence', () => {
    for (let code = 1; code < 130; code += 1) {
      const sentence = said(code, { message: 'one\n two\u0000\tthree. ' });
      expect(sentence).toMatch(/^ldaps:\/\/dc1: [^\n\u0000]*; it says: one two three\. The reading is not complete: nothing was planned, everything stays as it is\.$/);
      if (![8, 13, 51, 52].includes(code)) expect(sentence).toContain('ou=people,dc=x');
    }
    expect(said(123)).toBe(`ldaps://dc1: searching the entries below "ou=people,dc=x" failed with result code 123. ${end}`);
    expect(said(4, {}, '')).toContain('gave only some of the entries and stopped');
    expect(complain('x', { base: '' }, { code: 4, matchedDn: '', message: '', referrals: [], controls: [] })).toBeInstanceOf(IncompleteReading);
  });

  test('says what is there, where the server says it, and where else to look', () => {
    expect(said(32, { matchedDn: 'dc=x' })).toContain('; what is there is "dc=x". Look at "base"');
    expect(said(10, { referrals: ['ldap://a', 'ldap://b'] })).toContain('are on other servers: ldap://a, ldap://b (referral)');
    expect(said(80, { message: 'x'.repeat(1_000) }).length).toBeLessThan(600);
  });
});

const failed = (code: unknown, message = ''): ReturnType<typeof connectFailure> => connectFailure(Object.assign(new Error(message), { code }), 'cn=reader');

describe('a connection that failed', () => {
  test.each<[string, RegExp]>([
    ['ECONNREFUSED', /nobody listens/], ['ENOTFOUND', /no host of that name/], ['EAI_AGAIN', /cannot be looked up/], ['EHOSTUNREACH', /no way to that host/], ['ENETUNREACH', /no way to that network/],
    ['ETIMEDOUT', /did not answer in time/], ['ECONNRESET', /is TLS meant/], ['EPIPE', /ended the connection/],
    ['CERT_HAS_EXPIRED', /has expired/], ['CERT_NOT_YET_VALID', /not valid yet/], ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed by itself.*source\.tls\.caFile/], ['SELF_SIGNED_CERT_IN_CHAIN', /source\.tls\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT', /source\.tls\.caFile/], ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /source\.tls\.caFile/], ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /source\.tls\.caFile/], ['CERT_SIGNATURE_FAILURE', /source\.tls\.caFile/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name.*source\.tls\.serverName/],
    ['EPROTO', /does not speak TLS there.*\(EPROTO\)/], ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS there/], ['EWHATEVER', /^the words \(EWHATEVER\)$/],
  ])('%s', (code, sentence) => {
    const found = failed(code, 'the words');
    expect(found.sentence).toMatch(sentence);
    expect(found.isFinal).toBe(false);
  });

  test('in the handshake asks for the client certificate', () => {
    expect(failed('ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'SSL alert number 40').sentence).toBe('the TLS handshake failed; does it want a client certificate, or refuse this one? (ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE)');
  });

  test.each<[unknown, string]>([
    [new Error('it closed the connection'), 'it closed the connection'],
    [new Error('Connection closed before message response was received. Message type: BindRequest (0x60)'), 'Connection closed before message response was received.'],
    [new Error('Socket error. Message type: BindRequest (0x60)\nread ECONNRESET'), 'read ECONNRESET'],
    ['words', 'words'],
  ])('%s without a code', (error, sentence) => {
    expect(connectFailure(error, undefined)).toEqual({ sentence, isFinal: false });
  });
});

describe('a bind that is refused', () => {
  const ad = (data: string): string => `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v2580\u0000 Code: 0x31`;

  test.each<[string, string]>([
    ['525', 'it knows no such account'], ['52e', 'the name or the password is wrong'], ['52E', 'the name or the password is wrong'], ['530', 'the account may not log on at this time'], ['531', 'the account may not log on from here'],
    ['532', 'the password has expired'], ['533', 'the account is disabled'], ['568', 'too many security identifiers'], ['701', 'the account has expired'], ['773', 'the password must be changed first'],
    ['775', 'the account is locked'], ['57', 'the DN or the password is wrong'], ['999', 'the DN or the password is wrong'],
  ])('by Active Directory, data %s', (data, why) => {
    expect(failed(49, ad(data))).toEqual({ sentence: `it refuses the bind of "cn=reader": ${why} (invalidCredentials)`, isFinal: true });
  });

  test.each<[number, RegExp, boolean]>([
    [49, /^it refuses the bind of "cn=reader": the DN or the password is wrong \(invalidCredentials\)$/, true], [48, /inappropriateAuthentication/, true], [7, /authMethodNotSupported/, true],
    [8, /unencrypted connection; use ldaps/, true], [13, /unencrypted connection/, true], [53, /^it is unwilling to take the bind of "cn=reader"; it says: unauthenticated bind disallowed$/, true],
    [51, /busy or not available \(result code 51\)/, false], [52, /busy or not available \(result code 52\)/, false], [80, /^it refuses the bind of "cn=reader" \(result code 80\); it says: unauthenticated bind disallowed$/, false],
  ])('with %d', (code, sentence, isFinal) => {
    const found = failed(code, 'unauthenticated bind disallowed Code: 0x35');
    expect(found.sentence).toMatch(sentence);
    expect(found.isFinal).toBe(isFinal);
    expect(connectFailure(Object.assign(new Error(''), { code }), undefined).sentence).not.toContain('undefined');
  });
});
