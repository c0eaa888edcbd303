import { describe, expect, test } from '@jest/globals';
import { proxyFor, type ProxyRules } from '../../../src/model/http/proxy.ts';

const http = { url: 'http://http-proxy.example.com:3128' };
const https = { url: 'http://https-proxy.example.com:3128' };

const usesProxy = (url: string, rules: Partial<ProxyRules>): boolean =>
  proxyFor(new URL(url), { http, https, exceptions: [], includesLoopback: false, ...rules }) !== undefined;

test('the scheme of the URL decides which proxy is used', () => {
  const rules = { http, https, exceptions: [], includesLoopback: false };
  expect(proxyFor(new URL('http://app.example.com'), rules)).toBe(http);
  expect(proxyFor(new URL('https://app.example.com'), rules)).toBe(https);
  expect(proxyFor(new URL('https://app.example.com'), { ...rules, https: undefined })).toBeUndefined();
  expect(proxyFor(new URL('https://app.example.com'), undefined)).toBeUndefined();
});

describe('NO_PROXY', () => {
  test.each<[entry: string, url: string, isCovered: boolean]>([
    ['app.example.com', 'https://app.example.com/scim', true],
    ['APP.Example.com', 'https://app.example.com', true],
    ['app.example.com.', 'https://app.example.com', true],
    ['app.example.com', 'https://app.example.com.', true],
    ['example.com', 'https://app.example.com', true],
    ['example.com', 'https://notexample.com', false],
    ['example.com', 'https://example.com.evil.test', false],
    ['.example.com', 'https://app.example.com', true],
    ['.example.com', 'https://a.b.example.com', true],
    ['.example.com', 'https://example.com', false],
    ['*.example.com', 'https://app.example.com', true],
    ['*.example.com', 'https://example.com', false],
    ['*', 'https://app.example.com', true],
    ['*:8443', 'https://app.example.com', false],
    ['*:8443', 'https://app.example.com:8443', true],
    ['app.example.com:8443', 'https://app.example.com:8443', true],
    ['app.example.com:8443', 'https://app.example.com', false],
    ['app.example.com:443', 'https://app.example.com', true],
    ['app.example.com:443', 'http://app.example.com', false],
    ['app.example.com:80', 'http://app.example.com', true],
    ['.example.com:443', 'https://app.example.com', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.3', 'https://10.1.2.30', false],
    ['2001:db8::1', 'https://[2001:db8::1]', true],
    ['[2001:db8::1]', 'https://[2001:db8::1]', true],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]', false],
    ['[2001:db8::1]:8443', 'https://[2001:db8::1]:8443', true],
    ['10.0.0.0/8', 'https://10.255.1.2', true],
    ['10.1.2.3/8', 'https://10.255.1.2:8443', true],
    ['10.0.0.0/8', 'https://11.0.0.1', false],
    ['10.0.0.0/8', 'https://10.example.com', false],
    ['192.168.16.0/20', 'https://192.168.31.255', true],
    ['192.168.16.0/20', 'https://192.168.32.0', false],
    ['10.1.2.3/32', 'https://10.1.2.4', false],
    ['0.0.0.0/0', 'https://8.8.8.8', true],
    ['0.0.0.0/0', 'https://[2001:db8::1]', false],
    ['2001:DB8::/32', 'https://[2001:db8:1::1]', true],
    ['[2001:db8::]/32', 'https://[2001:db9::1]', false],
    ['::ffff:10.0.0.0/104', 'https://[::ffff:10.1.2.3]', true],
    ['10.0.0.0/33', 'https://10.0.0.0', false],
    ['10.0.0/8', 'https://10.0.0.0', false],
    ['10.0.0.256/8', 'https://10.0.0.0', false],
    ['', 'https://app.example.com', false],
    ['.', 'https://app.example.com', false],
    [':443', 'https://app.example.com', false],
  ])('the entry %j at %s: covered is %s', (entry, url, isCovered) => {
    expect(usesProxy(url, { exceptions: ['other.test', entry] })).toBe(!isCovered);
  });
});

test.each(['http://127.0.0.1:8080', 'http://127.8.9.1', 'https://localhost', 'http://app.localhost', 'https://[::1]'])(
  '%s is reached through a proxy only where that is stated',
  (url) => {
    expect(usesProxy(url, {})).toBe(false);
    expect(usesProxy(url, { includesLoopback: true })).toBe(true);
  },
);
