import { describe, expect, test } from '@jest/globals';
import { ClosedAfterHandshake, connectFailure } from '../../../../src/source/ldap/protocol/connect-error.ts';

const failureOf = (code: unknown, message = ''): ReturnType<typeof connectFailure> =>
  connectFailure(Object.assign(new Error(message), { code }), 'cn=reader');

describe('a connection that failed', () => {
  test.each<[string, RegExp]>([
    ['ECONNREFUSED', /connection refused/],
    ['ENOTFOUND', /source\.url/],
    ['EAI_AGAIN', /DNS/],
    ['EHOSTUNREACH', /host/],
    ['ENETUNREACH', /network/],
    ['ETIMEDOUT', /in time/],
    ['CERT_HAS_EXPIRED', /expired/],
    ['CERT_NOT_YET_VALID', /not valid yet/],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', /self-signed.*source\.tls\.caFile/],
    ['SELF_SIGNED_CERT_IN_CHAIN', /source\.tls\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT', /source\.tls\.caFile/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /source\.tls\.caFile/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /source\.tls\.caFile/],
    ['CERT_SIGNATURE_FAILURE', /source\.tls\.caFile/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host name.*source\.tls\.serverName/],
    ['EPROTO', /StartTLS.*\(EPROTO\)/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /StartTLS/],
    ['EUNKNOWN', /^the text \(EUNKNOWN\)$/],
  ])('%s may succeed at another server', (code, sentence) => {
    const failure = failureOf(code, 'the text');
    expect(failure.sentence).toMatch(sentence);
    expect(failure.isFinal).toBe(false);
  });

  test.each<[string, string]>([
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', 'handshake failure'],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', 'protocol version'],
    ['ERR_SSL_TLSV1_ALERT_UNKNOWN_CA', 'unknown ca'],
  ])('%s names the TLS alert', (code, alert) => {
    const { sentence, isFinal } = failureOf(code, 'SSL alert number 40');
    expect(sentence).toContain(`TLS alert "${alert}"`);
    expect(isFinal).toBe(false);
  });

  test('because the server requires a client certificate names the settings', () => {
    const { sentence } = failureOf('ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'SSL alert number 116');
    expect(sentence).toMatch(/source\.tls\.certFile and source\.tls\.keyFile/);
  });

  test.each<[string, RegExp]>([
    ['ERR_OSSL_X509_KEY_VALUES_MISMATCH', /source\.tls\.keyFile is not the key of source\.tls\.certFile/],
    ['ERR_MISSING_PASSPHRASE', /source\.tls\.keyFile is encrypted/],
    ['ERR_OSSL_UNSUPPORTED', /source\.tls\.certFile or source\.tls\.keyFile.*\(ERR_OSSL_UNSUPPORTED\)/],
  ])('%s is a fault of our certificate, which no other server accepts either', (code, sentence) => {
    const failure = failureOf(code, 'the text');
    expect(failure.sentence).toMatch(sentence);
    expect(failure.isFinal).toBe(true);
  });

  test.each<[unknown]>([
    [Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    [Object.assign(new Error('write EPIPE'), { code: 'EPIPE' })],
    [new Error('the server closed the connection')],
    [new Error('Connection closed before message response was received. Message type: BindRequest (0x60)')],
    [new Error('Socket error. Message type: BindRequest (0x60)\nread ECONNRESET')],
  ])('because the server closed it suggests the other kind of port: %s', (error) => {
    const sentenceAt = (url: string): string => connectFailure(error, undefined, { url, method: 'anonymous' }).sentence;
    expect(connectFailure(error, undefined).sentence).toBe(sentenceAt('ldap://dc1'));
    expect(sentenceAt('ldap://dc1')).toContain('ldaps://');
    expect(sentenceAt('ldaps://dc1')).toContain('"startTls": true');
  });

  test.each([
    [true, /\(source\.tls\.certFile\)/],
    [false, /source\.tls\.certFile and source\.tls\.keyFile/],
  ])('right after the TLS handshake names the client certificate (we sent one: %s)', (hasCertificate, sentence) => {
    const error = new ClosedAfterHandshake(hasCertificate, { cause: new Error('read ECONNRESET') });
    const attempt = { url: 'ldaps://dc1', method: 'external' } as const;
    expect(connectFailure(error, undefined, attempt).sentence).toMatch(sentence);
  });

  test.each<[unknown, string]>([
    [new Error('Socket error. Message type: BindRequest (0x60)\nread EIO'), 'read EIO'],
    [new Error('the server is out of memory. Message type: BindRequest (0x60)'), 'the server is out of memory.'],
    ['text', 'text'],
  ])('%s without a code is reported without the context of ldapts', (error, sentence) => {
    expect(connectFailure(error, undefined)).toEqual({ sentence, isFinal: false });
  });
});

describe('a bind that is refused', () => {
  const adMessage = (data: string): string =>
    `80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data ${data}, v2580\u0000 Code: 0x31`;

  test.each<[string, RegExp]>([
    ['525', /does not exist.*source\.bind\.dn/],
    ['52e', /password is wrong.*source\.bind/],
    ['52E', /password is wrong.*source\.bind/],
    ['530', /at this time/],
    ['531', /from this host/],
    ['532', /password has expired/],
    ['533', /disabled/],
    ['568', /security identifiers/],
    ['701', /account has expired/],
    ['773', /must be changed/],
    ['775', /locked/],
    ['57', /the DN or the password is wrong/],
    ['999', /the DN or the password is wrong/],
  ])('by Active Directory with data %s has a reason', (data, reason) => {
    const { sentence, isFinal } = failureOf(49, adMessage(data));
    expect(sentence).toMatch(reason);
    expect(sentence).toMatch(/"cn=reader".*\(invalidCredentials\)$/);
    expect(isFinal).toBe(true);
  });

  test.each<[number, RegExp, boolean]>([
    [49, /"cn=reader".*invalidCredentials/, true],
    [48, /"cn=reader".*inappropriateAuthentication.*source\.bind/, true],
    [7, /"cn=reader".*authMethodNotSupported/, true],
    [34, /"cn=reader".*invalidDNSyntax.*source\.bind\.dn/, true],
    // Another URL of the list may be an encrypted one.
    [8, /"cn=reader".*ldaps:\/\/ or "startTls": true/, false],
    [13, /"cn=reader".*ldaps:\/\/ or "startTls": true/, false],
    [53, /"cn=reader".*unwillingToPerform.*: unauthenticated bind disallowed$/, true],
    [51, /result code 51/, false],
    [52, /result code 52/, false],
    [80, /"cn=reader".*result code 80.*: unauthenticated bind disallowed$/, false],
  ])('with result code %d', (code, sentence, isFinal) => {
    const failure = failureOf(code, 'unauthenticated bind disallowed Code: 0x35');
    expect(failure.sentence).toMatch(sentence);
    expect(failure.isFinal).toBe(isFinal);
    expect(connectFailure(Object.assign(new Error(''), { code }), undefined).sentence).not.toContain('undefined');
  });

  test('names the method: anonymous, or by client certificate', () => {
    const error = Object.assign(new Error(''), { code: 7 });
    expect(connectFailure(error, undefined, { url: 'ldap://dc1', method: 'anonymous' }).sentence).toMatch(/anonymous/);
    expect(connectFailure(error, undefined, { url: 'ldaps://dc1', method: 'external' }).sentence).toMatch(
      /SASL EXTERNAL.*source\.tls\.certFile/,
    );
  });
});
