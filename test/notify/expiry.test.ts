import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { certificateExpiries, tokenExpiry } from '../../src/notify/credential-expiry.ts';
import { instant } from '../../src/model/ids.ts';
import { expiryStage } from '../../src/notify/expiry-stage.ts';
import { certificatesFor } from '../world/directory/servers/certificates.ts';

const day = 86_400_000;
const now = instant(1000 * day);

describe('expiryStage', () => {
  test.each([
    [14 * day + 1, undefined],
    [14 * day, 0],
    [3 * day + 1, 0],
    [3 * day, 1],
    [1, 1],
    [0, 2],
    [-day, 2],
  ])('%i ms before the end: %s', (left, expected) => {
    expect(expiryStage(instant(now + left), [14, 3], now)).toBe(expected);
  });

  test('without days, only the end counts', () => {
    expect([1, -1].map((left) => expiryStage(instant(now + left), [], now))).toEqual([undefined, 0]);
  });
});

const part = (content: string): string => Buffer.from(content).toString('base64url');
const jwt = (claims: string): string => `${part('{"alg":"none"}')}.${part(claims)}.c2ln`;

describe('tokenExpiry', () => {
  test.each([
    ['a JWT', jwt('{"exp":1800000000}'), 1_800_000_000_000],
    ['a JWT with fractions of a second', jwt('{"exp":1800000000.5}'), 1_800_000_000_500],
    ['a header with its scheme', `Bearer ${jwt('{"exp":1800000000}')}`, 1_800_000_000_000],
    ['a JWT without exp', jwt('{"sub":"app"}'), undefined],
    ['a JWT whose exp is a text', jwt('{"exp":"soon"}'), undefined],
    ['a JWT beyond all time', jwt('{"exp":1e300}'), undefined],
    ['claims that are no JSON', jwt('no'), undefined],
    ['claims that are null', jwt('null'), undefined],
    ['claims without an end', jwt(`{"exp":1800000000,"pad":"${'x'.repeat(20_000)}"}`), undefined],
    ['a plain token', 'a-token', undefined],
    ['a token with two dots', '..', undefined],
  ])('%s', (_, token, expected) => {
    expect(tokenExpiry(token)).toBe(expected);
  });
});

describe('certificateExpiries', () => {
  test('the end of each certificate, in the order of the file', async () => {
    const { caFile, expired } = await certificatesFor('127.0.0.1');
    const pem = readFileSync(caFile, 'utf8') + readFileSync(expired.certFile, 'utf8');
    const [first = 0, second] = certificateExpiries(pem);
    expect(second).toBe(Date.UTC(2021, 0, 1));
    expect(first).toBeGreaterThan(Date.UTC(2026, 0, 1));
  });

  test.each(['', 'no certificate', '-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n'])(
    '%j has none',
    (pem) => {
      expect(certificateExpiries(pem)).toEqual([]);
    },
  );
});
