import { describe, expect, test } from '@jest/globals';
import { judgeAccess, type AccessRequest, type AccessRules } from '../../../src/page/server/access.ts';

const token = 'correct-horse-battery-staple';
const local: AccessRules = { isLoopback: true, token: undefined, proxy: undefined };
const remote: AccessRules = { isLoopback: false, token, proxy: undefined };
const proxied: AccessRules = { isLoopback: false, token, proxy: new Set(['10.0.0.5']) };

const request = (changes: Partial<AccessRequest> = {}): AccessRequest => ({
  method: 'GET',
  host: '127.0.0.1:9464',
  address: '127.0.0.1',
  authorization: undefined,
  forwardedFor: undefined,
  forwardedProto: undefined,
  isPublic: false,
  ...changes,
});

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const judge = (changes: Partial<AccessRequest>, rules: AccessRules, blocked: readonly string[] = []) => {
  const access = judgeAccess(request(changes), rules, (client) => blocked.includes(client));
  return access.kind === 'refused' ? access.status : access.kind === 'wrong' ? `wrong ${access.client}` : access.kind;
};

describe('on loopback', () => {
  test.each([
    [{}, 'allowed'],
    [{ method: 'HEAD' }, 'allowed'],
    [{ method: 'POST' }, 405],
    [{ method: 'OPTIONS' }, 405],
    [{ host: 'localhost:9464' }, 'allowed'],
    [{ host: 'LOCALHOST' }, 'allowed'],
    [{ host: '[::1]:9464', address: '::1' }, 'allowed'],
    [{ host: '127.8.9.1' }, 'allowed'],
    // The name of another site that leads to this computer.
    [{ host: 'rebind.example.com' }, 403],
    [{ host: '127.0.0.1.example.com' }, 403],
    [{ host: 'localhost.example.com:9464' }, 403],
    [{ host: undefined }, 403],
    [{ host: 'rebind.example.com', isPublic: true }, 403],
  ] as const)('%j: %s', (changes, expected) => {
    expect(judge(changes, local)).toBe(expected);
  });
});

describe('with a token', () => {
  test.each([
    [{}, 'unknown'],
    [{ authorization: `Bearer ${token}` }, 'allowed'],
    [{ authorization: `bearer ${token}` }, 'allowed'],
    [{ authorization: basic(`anna:${token}`) }, 'allowed'],
    [{ authorization: basic(`:${token}`) }, 'allowed'],
    [{ authorization: basic(token) }, 'unknown'],
    [{ authorization: basic(`${token}:`) }, 'wrong 10.0.0.9'],
    [{ authorization: `Bearer ${token}x` }, 'wrong 10.0.0.9'],
    [{ authorization: 'Bearer' }, 'unknown'],
    [{ authorization: `Digest ${token}` }, 'unknown'],
    [{ isPublic: true }, 'allowed'],
    [{ host: 'sync.corp.example', authorization: `Bearer ${token}` }, 'allowed'],
  ] as const)('%j: %s', (changes, expected) => {
    expect(judge({ address: '10.0.0.9', ...changes }, remote)).toBe(expected);
  });

  test('a client that tried too often is refused without a look at its token', () => {
    expect(judge({ address: '10.0.0.9', authorization: `Bearer ${token}` }, remote, ['10.0.0.9'])).toBe('blocked');
  });
});

describe('behind a proxy', () => {
  const authorization = `Bearer ${token}`;
  test.each([
    [{ address: '10.0.0.5', authorization, forwardedProto: 'https' }, 'allowed'],
    [{ address: '::ffff:10.0.0.5', authorization }, 'allowed'],
    [{ address: '10.0.0.5', authorization, forwardedProto: 'http' }, 403],
    [{ address: '10.0.0.5', authorization, forwardedProto: 'https, http' }, 403],
    [{ address: '10.0.0.6', authorization }, 403],
    [{ address: '127.0.0.1', authorization }, 'allowed'],
    // The proxy adds the last address; those before it are a claim of the client.
    [{ address: '10.0.0.5', authorization: 'Bearer x', forwardedFor: '1.1.1.1, 192.0.2.7' }, 'wrong 192.0.2.7'],
    [{ address: '127.0.0.1', authorization: 'Bearer x', forwardedFor: '1.1.1.1' }, 'wrong 127.0.0.1'],
  ] as const)('%j: %s', (changes, expected) => {
    expect(judge(changes, proxied)).toBe(expected);
  });
});
