import { describe, expect, test } from '@jest/globals';
import { mailEndpoint } from '../../../src/config/mail-endpoint.ts';
import { configWith, issueLines, loadFrom, warningLines } from '../fixtures.ts';

describe('mailEndpoint', () => {
  test.each([
    ['smtp://mail.example.com', undefined, 'mail.example.com 587 startTls'],
    ['smtp://mail.example.com:25', false, 'mail.example.com 25 none'],
    ['smtp://mail.example.com/', true, 'mail.example.com 587 startTls'],
    ['smtps://mail.example.com', undefined, 'mail.example.com 465 tls'],
    ['smtp://localhost:25', undefined, 'localhost 25 none'],
    ['smtp://127.0.0.1:2525', true, '127.0.0.1 2525 startTls'],
    ['smtp://[::1]:25', undefined, '::1 25 none'],
    ['smtp://127.0.0.1.example.com', undefined, '127.0.0.1.example.com 587 startTls'],
    ['https://mail.example.com', undefined, undefined],
    ['smtp://', undefined, undefined],
    ['smtp://mail.example.com/inbox', undefined, undefined],
    ['smtp://mail.example.com?tls=no', undefined, undefined],
    ['mail.example.com', undefined, undefined],
  ])('%s, startTls %s', (url, startTls, expected) => {
    const endpoint = mailEndpoint(url, startTls);
    expect(endpoint && `${endpoint.host} ${endpoint.port} ${endpoint.encryption}`).toBe(expected);
  });
});

describe('channels of mail', () => {
  const mail = (changes: object): object => ({
    ...{ name: 'mail', type: 'mail', url: 'smtp://mail.example.com', from: 'scimsync@example.com' },
    ...{ to: ['ops@example.com'], ...changes },
  });
  const loaded = (changes: object) => loadFrom(configWith('notify', [mail(changes)]));

  test.each([
    [{ url: 'smtp://mail.example.com/x' }, 'url config.url'],
    [{ url: 'smtp://ada:pass@mail.example.com' }, 'url config.credentialsInUrl'],
    [{ tls: { caFile: 'nowhere.pem' } }, 'tls.caFile config.fileUnreadable'],
    [{ auth: { username: 'ada', password: { env: 'NOWHERE' } } }, 'auth.password config.secretMissing'],
    [{ to: [] }, 'to config.empty'],
    [{ to: ['Ops <ops@example.com>'] }, 'to[0] config.invalidValue'],
    [{ to: ['ops@example.com\r\nBcc: all@example.com'] }, 'to[0] config.invalidValue'],
    [{ from: 'a@example.com, b@example.com' }, 'from config.invalidValue'],
  ])('mistake: %j', (changes, expected) => {
    expect(issueLines(loaded(changes))).toEqual([`notify[0].${expected}`]);
  });

  test('a client certificate has both files', () => {
    expect(issueLines(loaded({ tls: { certFile: 'nowhere.pem' } }))).toContain(
      'notify[0].tls.keyFile config.clientCertificateIncomplete',
    );
  });

  test.each([
    [{}, []],
    [{ startTls: false }, ['notify[0].startTls config.notEncrypted']],
    [{ url: 'smtp://127.0.0.1:25', startTls: false }, []],
    [{ url: 'smtps://mail.example.com', startTls: true }, ['notify[0].startTls config.noEffect']],
    [{ url: 'smtp://127.0.0.1:25', tls: {} }, ['notify[0].tls config.noEffect']],
    [{ auth: { username: 'ada', password: 'a-mail-password' } }, ['notify[0].auth.password config.secretLiteral']],
  ])('warning: %j', (changes, expected) => {
    expect(warningLines(loaded(changes))).toEqual(expected);
  });
});
