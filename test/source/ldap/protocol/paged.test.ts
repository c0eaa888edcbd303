import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
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

const incomplete = 'The reading is not complete: nothing was planned, everything stays as it is.';

describe('a reading that is cut off is never taken for a whole one', () => {
  const some: SearchScript = ({ id }, line) =>
    line.send(entry(id, person(1)), entry(id, person(2)), pageDone(id, 'more'));
  const second =
    (script: SearchScript): SearchScript =>
    (asked, line, number) =>
      number === 1 ? some(asked, line, number) : script(asked, line, number);

  test.each<[string, SearchScript, number, readonly number[], RegExp]>([
    [
      'size limit without pages',
      ({ id }, line) => line.send(entry(id, person(1)), done(id, { code: 4 })),
      0,
      [1],
      /gave only some of the entries below "dc=example,dc=test" and stopped \(sizeLimitExceeded\); raise the size limit/,
    ],
    [
      'size limit on the first page',
      ({ id }, line) => line.send(entry(id, person(1)), done(id, { code: 4 })),
      2,
      [1],
      /sizeLimitExceeded/,
    ],
    [
      'size limit on the first page, with a cookie',
      ({ id }, line) => line.send(entry(id, person(1)), pageDone(id, 'more', { code: 4 })),
      2,
      [1],
      /sizeLimitExceeded/,
    ],
    [
      'size limit on the first page, with an empty cookie',
      ({ id }, line) => line.send(entry(id, person(1)), pageDone(id, '', { code: 4, message: 'size limit\n' })),
      2,
      [1],
      /sizeLimitExceeded.*; it says: size limit\. The reading/,
    ],
    [
      'size limit on a later page',
      second(({ id }, line) => line.send(entry(id, person(3)), done(id, { code: 4 }))),
      2,
      [1, 2, 3],
      /sizeLimitExceeded/,
    ],
    [
      'size limit on a later page that is empty',
      second(({ id }, line) => line.send(pageDone(id, '', { code: 4 }))),
      2,
      [1, 2],
      /sizeLimitExceeded/,
    ],
    ['time limit', second(({ id }, line) => line.send(done(id, { code: 3 }))), 2, [1, 2], /timeLimitExceeded/],
    ['a limit of the administrator', ({ id }, line) => line.send(done(id, { code: 11 })), 2, [], /adminLimitExceeded/],
    [
      'a referral',
      ({ id }, line) => line.send(done(id, { code: 10, referrals: ['ldap://other/dc=example'] })),
      2,
      [],
      /are on other servers: ldap:\/\/other\/dc=example \(referral\)/,
    ],
    [
      'a reference',
      ({ id }, line) => line.send(entry(id, person(1)), reference(id, 'ldap://other/ou=x,dc=example'), done(id)),
      0,
      [],
      /are on other servers: ldap:\/\/other\/ou=x,dc=example \(referral\)/,
    ],
    [
      'a reference on a later page',
      second(({ id }, line) => line.send(reference(id, 'ldap://other/'), pageDone(id, ''))),
      2,
      [1, 2],
      /are on other servers: ldap:\/\/other\//,
    ],
    [
      'a cookie that is refused',
      second(({ id }, line) => line.send(done(id, { code: 2, message: 'paged results cookie is invalid' }))),
      2,
      [1, 2],
      /result code 2; it says: paged results cookie is invalid/,
    ],
    ['silence on a later page', second(() => undefined), 2, [1, 2], /has not answered for 300 ms/],
    [
      'the end on a later page',
      second((_, line) => {
        line.end();
      }),
      2,
      [1, 2],
      /closed the connection/,
    ],
    [
      'a whole page without a word about the next',
      ({ id }, line) => line.send(entry(id, person(1)), entry(id, person(2)), done(id)),
      2,
      [1, 2],
      /gave a page of the entries below "dc=example,dc=test" without saying whether there is another \(RFC 2696\)/,
    ],
    [
      'a later page without a word about the next',
      second(({ id }, line) => line.send(entry(id, person(3)), done(id))),
      2,
      [1, 2, 3],
      /without saying whether there is another/,
    ],
    [
      'a word about the next page that cannot be read',
      ({ id }, line) =>
        line.send(
          entry(id, person(1)),
          done(id, { controls: [{ oid: oids.paged, value: Buffer.from('3003020100', 'hex') }] }),
        ),
      2,
      [1],
      /The directory sent what cannot be read: expected element 0x04, found the end/,
    ],
  ])('%s', async (_, script, pageSize, numbers, message) => {
    const found = await read(script, pageSize);
    expect(found.failure).toBeInstanceOf(IncompleteReading);
    expect(found.failure?.message).toMatch(message);
    expect(found.failure?.message.endsWith(incomplete)).toBe(true);
    expect(found.numbers).toEqual(numbers);
  });
});

test('partitions of Active Directory that hold nobody are no other servers', async () => {
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

test('the size of the result that a server guesses does not matter', async () => {
  const guess = (cookie: string): Buffer => berElement(tags.sequence, berInteger(1), berOctets(cookie));
  const found = await read(({ id }, line, number) =>
    line.send(
      entry(id, person(number)),
      done(id, { controls: [{ oid: '1.2.3' }, { oid: oids.paged, value: guess(number === 1 ? 'x' : '') }] }),
    ),
  );
  expect([found.failure, found.numbers]).toEqual([undefined, [1, 2]]);
});
