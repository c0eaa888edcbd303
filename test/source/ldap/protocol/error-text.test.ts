import { describe, expect, test } from '@jest/globals';
import { IncompleteReading } from '../../../../src/model/errors.ts';
import { searchError, connectFailure } from '../../../../src/source/ldap/protocol/error-text.ts';
import type { SearchDone } from '../../../../src/source/ldap/protocol/client.ts';

const end = 'The reading is not complete: nothing was planned, everything stays as it is.';
const errorText = (code: number, more: Partial<SearchDone> = {}, base = 'ou=people,dc=x'): string =>
  searchError('ldaps://dc1', { base }, { code, matchedDn: '', message: '', referrals: [], controls: [], ...more })
    .message;

describe('a search that failed', () => {
  test.each<[number, RegExp]>([
    [1, /refused to search .*\(operationsError\)/],
    [3, /timeLimitExceeded.*pageSize/],
    [4, /only some of .*sizeLimitExceeded.*raise/],
    [8, /strongerAuthRequired.*ldaps/],
    [10, /\(referral\)/],
    [11, /adminLimitExceeded.*pageSize/],
    [12, /unavailableCriticalExtension/],
    [13, /confidentialityRequired.*ldaps/],
    [32, /no entry "ou=people,dc=x", or this account may not see it \(noSuchObject\).*"base"/],
    [34, /"ou=people,dc=x" is no name .*invalidDNSyntax/],
    [50, /may not read .*insufficientAccessRights/],
    [51, /busy/],
    [52, /shutting down or not available/],
    [53, /unwillingToPerform/],
  ])('%d has its own sentence', (code, message) => {
    expect(errorText(code)).toMatch(message);
  });

  test('whatever the code: one line that names the server, the base and the consequence', () => {
    for (let code = 1; code < 130; code += 1) {
      const sentence = errorText(code, { message: 'one\n two\u0000\tthree. ' });
      expect(sentence).toMatch(
        /^ldaps:\/\/dc1: [^\n\u0000]*; it says: one two three\. The reading is not complete: nothing was planned, everything stays as it is\.$/,
      );
      if (![8, 13, 51, 52].includes(code)) expect(sentence).toContain('ou=people,dc=x');
    }
    expect(errorText(123)).toBe(
      `ldaps://dc1: searching the entries below "ou=people,dc=x" failed with result code 123. ${end}`,
    );
    expect(errorText(4, {}, '')).toContain('gave only some of the entries and stopped');
    expect(
      searchError('x', { base: '' }, { code: 4, matchedDn: '', message: '', referrals: [], controls: [] }),
    ).toBeInstanceOf(IncompleteReading);
  });

  test('says what is there, where the server says it, and where else to look', () => {
    expect(errorText(32, { matchedDn: 'dc=x' })).toContain('; what is there is "dc=x". Look at "base"');
    expect(errorText(10, { referrals: ['ldap://a', 'ldap://b'] })).toContain(
      'are on other servers: ldap://a, ldap://b (referral)',
    );
    expect(errorText(80, { message: 'x'.repeat(1_000) }).length).toBeLessThan(600);
  });
});

const connectFailureText = (code: unknown, message = ''): ReturnType<typeof connectFailure> =>
  connectFailure(Object.assign(new Error(message), { code }), 'cn=reader');

describe('a connection that failed', () => {
  test.each<[string, RegExp]>([
    ['ECONNREFUSED', /nobody listens/],
    ['ENOTFOUND', /no host of that name/],
    ['EAI_AGAIN', /cannot be looked up/],
    ['EHOSTUNREACH', /no way to that host/],
    ['ENETUNREACH', /no way to that network/],
    ['ETIMEDOUT', /did not answer in time/],
    ['CERT_HAS_EXPIRED', /has expired/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /signed by itself.*source\.tls\.caFile/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /source\.tls\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT', /source\.tls\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /source\.tls\.caFile/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /source\.tls\.caFile/],
    ['CERT_SIGNATURE_FAILURE', /source\.tls\.caFile/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /for another name.*source\.tls\.serverName/],
    ['EPROTO', /does not speak TLS there.*\(EPROTO\)/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS there/],
    ['EWHATEVER', /^the words \(EWHATEVER\)$/],
  ])('%s', (code, sentence) => {
    const found = connectFailureText(code, 'the words');
    expect(found.sentence).toMatch(sentence);
    expect(found.isFinal).toBe(false);
  });

  test.each<[string, string]>([
    [
      'ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE',
      'it and we have no way of encryption in common, or it wants a client certificate (TLS alert "handshake failure")',
    ],
    [
      'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION',
      'it and we have no way of encryption in common, or it wants a client certificate (TLS alert "protocol version")',
    ],
    [
      'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
      'it wants a client certificate; name one in source.tls.certFile and source.tls.keyFile',
    ],
    [
      'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA',
      'it does not accept our client certificate (TLS alert "unknown ca"); look at source.tls.certFile',
    ],
  ])('in the handshake repeats what the server says of us: %s', (code, sentence) => {
    expect(connectFailureText(code, 'SSL alert number 40')).toEqual({ sentence, isFinal: false });
  });

  test.each<[string, string]>([
    ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', 'source.tls.keyFile is not the key of source.tls.certFile'],
    ['ERR_MISSING_PASSPHRASE', 'source.tls.keyFile is encrypted; a key without passphrase is needed'],
    [
      'ERR_OSSL_UNSUPPORTED',
      'source.tls.certFile or source.tls.keyFile cannot be used: is it PEM, and whole? (ERR_OSSL_UNSUPPORTED)',
    ],
  ])('by our own certificate is no different at another server: %s', (code, sentence) => {
    expect(connectFailureText(code, 'the words')).toEqual({ sentence, isFinal: true });
  });

  test.each<[unknown]>([
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    [Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })],
    [new Error('it closed the connection')],
    [new Error('Connection closed before message response was received. Message type: BindRequest (0x60)')],
    [new Error('Socket error. Message type: BindRequest (0x60)\nread ECONNRESET')],
  ])('because the other side ended it says which port may be meant: %s', (error) => {
    const inClear =
      'it ended the connection before it answered; where the port is one for TLS from the start, write ldaps:// (without "startTls")';
    const inTls =
      'it ended the connection instead of taking up TLS. It does not speak TLS there: is the port right? Where it speaks LDAP that is encrypted afterwards, write ldap:// and "startTls": true';
    expect(connectFailure(error, undefined)).toEqual({ sentence: inClear, isFinal: false });
    expect(connectFailure(error, undefined, { url: 'ldap://dc1', method: 'anonymous' })).toEqual({
      sentence: inClear,
      isFinal: false,
    });
    expect(connectFailure(error, undefined, { url: 'ldaps://dc1', method: 'anonymous' })).toEqual({
      sentence: inTls,
      isFinal: false,
    });
  });

  test.each<[unknown, string]>([
    [new Error('Socket error. Message type: BindRequest (0x60)\nread EIO'), 'read EIO'],
    [new Error('the server is out of words. Message type: BindRequest (0x60)'), 'the server is out of words.'],
    ['words', 'words'],
  ])('%s without a code', (error, sentence) => {
    expect(connectFailure(error, undefined)).toEqual({ sentence, isFinal: false });
  });
});

describe('a bind that is refused', () => {
  const ad = (data: string): string =>
    `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v2580\u0000 Code: 0x31`;

  test.each<[string, string]>([
    ['525', 'it knows no such account; look at source.bind.dn'],
    ['52e', 'the name or the password is wrong; look at source.bind'],
    ['52E', 'the name or the password is wrong; look at source.bind'],
    ['530', 'the account may not log on at this time'],
    ['531', 'the account may not log on from here'],
    ['532', 'the password has expired'],
    ['533', 'the account is disabled'],
    ['568', 'too many security identifiers'],
    ['701', 'the account has expired'],
    ['773', 'the password must be changed first'],
    ['775', 'the account is locked'],
    ['57', 'the DN or the password is wrong; look at source.bind'],
    ['999', 'the DN or the password is wrong; look at source.bind'],
  ])('by Active Directory, data %s', (data, why) => {
    expect(connectFailureText(49, ad(data))).toEqual({
      sentence: `it refuses the bind of "cn=reader": ${why} (invalidCredentials)`,
      isFinal: true,
    });
  });

  test.each<[number, string, boolean]>([
    [
      49,
      'it refuses the bind of "cn=reader": the DN or the password is wrong; look at source.bind (invalidCredentials)',
      true,
    ],
    [
      48,
      'it refuses the bind of "cn=reader": this way of binding is not allowed (inappropriateAuthentication); look at source.bind',
      true,
    ],
    [7, 'it refuses the bind of "cn=reader": it does not offer this way of binding (authMethodNotSupported)', true],
    [
      34,
      'it refuses the bind of "cn=reader": that is no name that it understands (invalidDNSyntax); look at source.bind.dn',
      true,
    ],
    // Another URL of the list may be an encrypted one.
    [8, 'it refuses the bind of "cn=reader" on an unencrypted connection; use ldaps:// or "startTls": true', false],
    [13, 'it refuses the bind of "cn=reader" on an unencrypted connection; use ldaps:// or "startTls": true', false],
    [53, 'it is unwilling to take the bind of "cn=reader"; it says: unauthenticated bind disallowed', true],
    [51, 'it is busy or not available (result code 51)', false],
    [52, 'it is busy or not available (result code 52)', false],
    [80, 'it refuses the bind of "cn=reader" (result code 80); it says: unauthenticated bind disallowed', false],
  ])('with %d', (code, sentence, isFinal) => {
    expect(connectFailureText(code, 'unauthenticated bind disallowed Code: 0x35')).toEqual({ sentence, isFinal });
    expect(connectFailure(Object.assign(new Error(''), { code }), undefined).sentence).not.toContain('undefined');
  });

  test("says whose it was: nobody's, or our certificate's", () => {
    const error = Object.assign(new Error(''), { code: 7 });
    expect(connectFailure(error, undefined, { url: 'ldap://dc1', method: 'anonymous' })).toEqual({
      sentence: 'it refuses a bind as nobody: it does not offer this way of binding (authMethodNotSupported)',
      isFinal: true,
    });
    expect(connectFailure(error, undefined, { url: 'ldaps://dc1', method: 'external' })).toEqual({
      sentence:
        'it refuses our client certificate as a bind (authMethodNotSupported); was source.tls.certFile signed by somebody whom the server trusts, and does it ask for client certificates?',
      isFinal: true,
    });
  });
});
