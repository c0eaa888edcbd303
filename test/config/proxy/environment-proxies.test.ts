import { describe, expect, test } from '@jest/globals';
import { readEnvironmentProxies } from '../../../src/config/proxy/environment-proxies.ts';

test('each scheme has its variable, and lower case comes first', () => {
  const { rules, diagnostics } = readEnvironmentProxies({
    HTTP_PROXY: 'http://upper.example.com:3128',
    http_proxy: 'http://lower.example.com:3128',
    HTTPS_PROXY: 'https://secure.example.com/',
    NO_PROXY: 'a.example.com, .b.example.com  c.example.com:80,',
  });
  expect(diagnostics).toEqual([]);
  expect(rules).toEqual({
    http: { url: 'http://lower.example.com:3128' },
    https: { url: 'https://secure.example.com' },
    exceptions: ['a.example.com', '.b.example.com', 'c.example.com:80'],
    includesLoopback: false,
  });
});

test('an entry of NO_PROXY that covers nothing is a warning', () => {
  const env = { HTTPS_PROXY: 'http://proxy.example.com', NO_PROXY: '10.0.0.0/8 10.0.0.0/40 https://app.example.com/' };
  const { diagnostics } = readEnvironmentProxies(env);
  expect(diagnostics.map(({ level, message }) => [level, /"(.*?)"/.exec(message)?.[1]])).toEqual([
    ['warning', '10.0.0.0/40'],
    ['warning', 'https://app.example.com/'],
  ]);
});

test('an address without a scheme is an http proxy', () => {
  expect(readEnvironmentProxies({ https_proxy: 'proxy.example.com:3128' }).rules?.https?.url).toBe(
    'http://proxy.example.com:3128',
  );
});

test.each([{}, { HTTPS_PROXY: '', http_proxy: ' ' }, { NO_PROXY: '*' }])('%j names no proxy', (env) => {
  expect(readEnvironmentProxies(env)).toMatchObject({ rules: undefined, diagnostics: [] });
});

test('credentials are decoded, and secret', () => {
  const { rules, secrets } = readEnvironmentProxies({
    HTTPS_PROXY: 'http://sync:p%40ss%20word@proxy.example.com:3128',
  });
  expect(rules?.https?.url).toBe('http://proxy.example.com:3128');
  expect(rules?.https?.credentials?.username).toBe('sync');
  expect(rules?.https?.credentials?.password.reveal()).toBe('p@ss word');
  expect(secrets.map((secret) => secret.reveal())).toEqual(['p@ss word']);
  expect(JSON.stringify(rules)).not.toContain('p@ss');
});

test('a token in the place of the user name is secret', () => {
  const { secrets } = readEnvironmentProxies({ HTTPS_PROXY: 'http://t0ken@proxy.example.com:3128' });
  expect(secrets.map((secret) => secret.reveal())).toEqual(['t0ken']);
});

describe('a wrong variable', () => {
  test.each([
    ['socks5://user:s3cret@proxy.example.com', 'HTTPS_PROXY names a proxy, and its URL must begin with http://'],
    ['http://user:s3cret@', 'HTTPS_PROXY names a proxy, and its URL must be a URL such as'],
    ['http://user:s3cret@proxy.example.com/path', 'HTTPS_PROXY names a proxy, and its URL must end after'],
    ['http://user:s3cret%zz@proxy.example.com', 'credentials in the environment variable HTTPS_PROXY'],
  ])('%s is an error that shows no credentials', (HTTPS_PROXY, part) => {
    const { rules, diagnostics } = readEnvironmentProxies({ HTTPS_PROXY });
    expect(rules).toBeUndefined();
    expect(diagnostics).toMatchObject([{ level: 'error', path: '', code: 'config.proxy' }]);
    expect(diagnostics[0]?.message).toContain(part);
    expect(diagnostics[0]?.message).not.toContain('s3cret');
  });
});
