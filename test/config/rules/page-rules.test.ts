import { describe, expect, test } from '@jest/globals';
import { configWith, issueLines, loadFrom } from '../fixtures.ts';

const files = { '/etc/sync/cert.pem': 'x', '/etc/sync/key.pem': 'x' };
const token = { env: 'PAGE_TOKEN' };
const env = { PAGE_TOKEN: 'page-token', TOKEN: 'tok-en-1' };
const load = (http: object) => loadFrom(configWith('http', http), files, env);

describe('the status page', () => {
  test.each([
    [{}, []],
    [{ listen: '127.0.0.1:0' }, []],
    [{ listen: '[::1]:9464' }, []],
    [{ listen: 'localhost:9464', token }, []],
    [{ listen: '9464' }, ['http.listen config.invalidValue']],
    [{ listen: '127.0.0.1:70000' }, ['http.listen config.invalidValue']],
    [{ listen: '0.0.0.0:9464' }, ['http.listen config.pageUnprotected']],
    [{ listen: '10.0.0.1:9464', token }, ['http.listen config.pageUnprotected']],
    [{ listen: '10.0.0.1:9464', certFile: 'cert.pem', keyFile: 'key.pem' }, ['http.listen config.pageUnprotected']],
    [{ listen: '10.0.0.1:9464', token, certFile: 'cert.pem', keyFile: 'key.pem' }, []],
    [{ listen: '10.0.0.1:9464', token, proxy: 'proxy.corp.example' }, []],
    [{ listen: '127.0.0.1:9464', proxy: '127.0.0.1' }, ['http.token config.pageUnprotected']],
    [{ certFile: 'cert.pem' }, ['http.keyFile config.clientCertificateIncomplete']],
    [{ certFile: 'nope.pem', keyFile: 'key.pem' }, ['http.certFile config.fileUnreadable']],
    [{ token: { env: 'NOWHERE' } }, ['http.token config.secretMissing']],
    [{ port: 1 }, ['http.port config.unknownKey']],
  ])('%j', (http, expected) => {
    expect(issueLines(load(http))).toEqual(expected);
  });

  test('without "http", there is none; its token is a secret', () => {
    const absent = loadFrom(configWith('schedule', '* * * * *'));
    expect('config' in absent && absent.config.page).toBe(undefined);
    const loaded = load({ token });
    if (!('config' in loaded)) throw new Error(issueLines(loaded).join('\n'));
    expect(loaded.config.page?.listen).toEqual({ host: '127.0.0.1', port: 9464 });
    expect(loaded.config.secrets.map((secret) => secret.reveal())).toContain('page-token');
  });
});
