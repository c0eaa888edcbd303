import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { ErrorCode } from '../../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../../src/model/errors.ts';
import { berElement, berInteger, berOctets, tags } from '../../../../src/source/ldap/protocol/ber.ts';
import { oids } from '../../../../src/source/ldap/protocol/controls.ts';
import { pagedSearch } from '../../../../src/source/ldap/protocol/paged.ts';
import {
  done,
  entry,
  pageDone,
  reference,
  scriptedDirectory,
  type SearchRequest,
  type SearchScript,
} from '../../../world/directory/scripted-server.ts';
import { drain, neverAborted, numbersOf, person, search, openClientTo, upTo } from '../client-fixture.ts';

jest.setTimeout(60_000);

interface Read {
  readonly numbers: readonly number[];
  readonly failure: Error | undefined;
  readonly searches: readonly SearchRequest[];
}

/** Everything by pages of this size, and what was asked. */
async function read(script: SearchScript, pageSize = 2): Promise<Read> {
  await using server = await scriptedDirectory(script);
  const client = await openClientTo(server);
  const { all, failure } = await drain(pagedSearch(client, search({ timeoutMs: 300 }), pageSize, neverAborted));
  client.close();
  await client.closed;
  return { numbers: numbersOf(all), failure, searches: server.searches };
}

const cookies = ({ searches }: Read): readonly unknown[] => searches.map(({ page }) => page);

/** A server that gives these pages one after the other. */
const pages =
  (all: readonly (readonly number[])[]): SearchScript =>
  ({ id, page }, line) => {
    const at = Number(page?.cookie === '' ? 0 : page?.cookie);
    const next = at + 1 < all.length ? String(at + 1) : '';
    return line.send(...(all[at] ?? []).map((number) => entry(id, person(number))), pageDone(id, next));
  };

describe('pages', () => {
  test.each<[string, readonly (readonly number[])[]]>([
    ['one', [[1]]],
    ['none', [[]]],
    ['several', [[1, 2], [3, 4], [5]]],
    ['an empty one in the middle', [[1, 2], [], [5]]],
    ['an empty one at first', [[], [1, 2]]],
    ['an empty one at the end', [[1, 2], []]],
    ['many empty ones', [[1], ...Array.from({ length: 50 }, () => []), [2]]],
  ])('%s', async (_, all) => {
    const found = await read(pages(all));
    expect(found.failure).toBeUndefined();
    expect(found.numbers).toEqual(all.flat());
    expect(cookies(found)).toEqual(all.map((_page, index) => ({ size: 2, cookie: index === 0 ? '' : String(index) })));
    expect(found.searches.every(({ controls }) => controls.every(({ critical }) => critical))).toBe(true);
  });

  test('any', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.nat(1_000), { maxLength: 4 }), { minLength: 1, maxLength: 8 }),
        async (all) => {
          expect((await read(pages(all), 4)).numbers).toEqual(all.flat());
        },
      ),
      { seed: 2696, numRuns: 40 },
    );
  });

  test('with one cookie for all of them', async () => {
    const found = await read(({ id }, line, number) =>
      line.send(entry(id, person(number)), pageDone(id, number < 4 ? 'same' : '')),
    );
    expect(found.failure).toBeUndefined();
    expect(found.numbers).toEqual([1, 2, 3, 4]);
  });
});

describe('a server that knows no pages', () => {
  test('is asked for none where the size is 0', async () => {
    const found = await read(
      ({ id }, line) => line.send(...upTo(5).map((number) => entry(id, person(number))), done(id)),
      0,
    );
    expect([found.failure, found.numbers, cookies(found)]).toEqual([undefined, upTo(5), [undefined]]);
  });

  test.each([0, 1, 3, 5])('gives %d at once, which is everything', async (count) => {
    const found = await read(({ id }, line) =>
      line.send(...upTo(count).map((number) => entry(id, person(number))), done(id)),
    );
    expect([found.failure, found.numbers]).toEqual([undefined, upTo(count)]);
  });
});

describe('a truncated result is an error', () => {
  const some: SearchScript = ({ id }, line) =>
    line.send(entry(id, person(1)), entry(id, person(2)), pageDone(id, 'more'));
  const second =
    (script: SearchScript): SearchScript =>
    (asked, line, number) =>
      number === 1 ? some(asked, line, number) : script(asked, line, number);

  test.each<[string, SearchScript, number, readonly number[], ErrorCode]>([
    [
      'size limit without pages',
      ({ id }, line) => line.send(entry(id, person(1)), done(id, { code: 4 })),
      0,
      [1],
      'ldap.sizeLimitExceeded',
    ],
    [
      'size limit on the first page',
      ({ id }, line) => line.send(entry(id, person(1)), done(id, { code: 4 })),
      2,
      [1],
      'ldap.sizeLimitExceeded',
    ],
    [
      'size limit on the first page, with a cookie',
      ({ id }, line) => line.send(entry(id, person(1)), pageDone(id, 'more', { code: 4 })),
      2,
      [1],
      'ldap.sizeLimitExceeded',
    ],
    [
      'size limit on the first page, with an empty cookie',
      ({ id }, line) => line.send(entry(id, person(1)), pageDone(id, '', { code: 4, message: 'size limit\n' })),
      2,
      [1],
      'ldap.sizeLimitExceeded',
    ],
    [
      'size limit on a later page',
      second(({ id }, line) => line.send(entry(id, person(3)), done(id, { code: 4 }))),
      2,
      [1, 2, 3],
      'ldap.sizeLimitExceeded',
    ],
    [
      'size limit on a later page that is empty',
      second(({ id }, line) => line.send(pageDone(id, '', { code: 4 }))),
      2,
      [1, 2],
      'ldap.sizeLimitExceeded',
    ],
    ['time limit', second(({ id }, line) => line.send(done(id, { code: 3 }))), 2, [1, 2], 'ldap.timeLimitExceeded'],
    ['an administrative limit', ({ id }, line) => line.send(done(id, { code: 11 })), 2, [], 'ldap.adminLimitExceeded'],
    [
      'a referral',
      ({ id }, line) => line.send(done(id, { code: 10, referrals: ['ldap://other/dc=example'] })),
      2,
      [],
      'ldap.referral',
    ],
    [
      'a reference',
      ({ id }, line) => line.send(entry(id, person(1)), reference(id, 'ldap://other/ou=x,dc=example'), done(id)),
      0,
      [],
      'ldap.referral',
    ],
    [
      'a reference on a later page',
      second(({ id }, line) => line.send(reference(id, 'ldap://other/'), pageDone(id, ''))),
      2,
      [1, 2],
      'ldap.referral',
    ],
    [
      'a cookie that the server refuses',
      second(({ id }, line) => line.send(done(id, { code: 2, message: 'paged results cookie is invalid' }))),
      2,
      [1, 2],
      'ldap.searchFailed',
    ],
    ['silence on a later page', second(() => undefined), 2, [1, 2], 'ldap.connectionLost'],
    [
      'the connection closes on a later page',
      second((_, line) => {
        line.end();
      }),
      2,
      [1, 2],
      'ldap.connectionLost',
    ],
    [
      'a full page without a cookie',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), done(id)),
      2,
      [1, 2],
      'ldap.pageCookieMissing',
    ],
    [
      'a later page without a cookie',
      second(({ id }, line) => line.send(entry(id, person(3)), done(id))),
      2,
      [1, 2, 3],
      'ldap.pageCookieMissing',
    ],
    [
      'a malformed cookie',
      ({ id }, line) =>
        line.send(
          entry(id, person(1)),
          done(id, { controls: [{ oid: oids.paged, value: Buffer.from('3003020100', 'hex') }] }),
        ),
      2,
      [1],
      'ldap.malformedMessage',
    ],
  ])('%s', async (_, script, pageSize, numbers, code) => {
    const found = await read(script, pageSize);
    expect(found.failure).toBeInstanceOf(IncompleteReading);
    expect(found.failure).toMatchObject({ code });
    expect(found.numbers).toEqual(numbers);
  });
});

test('references to the own partitions of Active Directory are ignored', async () => {
  const own = [
    'ldap://corp.example/CN=Configuration,DC=corp,DC=example',
    'ldap://DomainDnsZones.corp.example/DC=DomainDnsZones,DC=corp,DC=example',
    'ldap://ForestDnsZones.corp.example/DC=ForestDnsZones,DC=corp,DC=example',
  ];
  const found = await read(({ id }, line) =>
    line.send(entry(id, person(1)), ...own.map((url) => reference(id, url)), pageDone(id, '')),
  );
  expect([found.failure, found.numbers]).toEqual([undefined, [1]]);
  const child = await read(({ id }, line) =>
    line.send(
      entry(id, person(1)),
      reference(id, ...own, 'ldap://child.corp.example/DC=child,DC=corp,DC=example'),
      pageDone(id, ''),
    ),
  );
  expect(child.failure?.message).toContain(
    'other servers: ldap://child.corp.example/DC=child,DC=corp,DC=example (referral)',
  );
});

test('the estimated size in the response is ignored', async () => {
  const guess = (cookie: string): Buffer => berElement(tags.sequence, berInteger(1), berOctets(cookie));
  const found = await read(({ id }, line, number) =>
    line.send(
      entry(id, person(number)),
      done(id, { controls: [{ oid: '1.2.3' }, { oid: oids.paged, value: guess(number === 1 ? 'x' : '') }] }),
    ),
  );
  expect([found.failure, found.numbers]).toEqual([undefined, [1, 2]]);
});
