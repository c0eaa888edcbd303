import { describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { ErrorCode } from '../../../../src/model/error-codes.ts';
import { IncompleteReading } from '../../../../src/model/errors.ts';
import type { EntryAttribute } from '../../../../src/source/ldap/protocol/entry.ts';
import { readAllValues } from '../../../../src/source/ldap/protocol/ranges.ts';
import {
  done,
  entry,
  scriptedDirectory,
  type SearchRequest,
  type SearchScript,
} from '../../../world/directory/scripted-server.ts';
import { neverAborted, openClientTo } from '../client-fixture.ts';
import { entryBytes } from '../entries.ts';

jest.setTimeout(60_000);

const group = 'CN=all,DC=example,DC=test';
const member = (number: number): string => `CN=p${number},DC=example,DC=test`;
const members = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => member(from + index));

/**
 * Responds like Active Directory to `member;range=FROM-*`: with at most `most` values, and with an error beyond the
 * end.
 */
function ranged(id: number, asked: string, values: readonly string[], most: number): readonly Buffer[] {
  const from = Number(/range=(\d+)-/.exec(asked)?.[1]);
  if (values.length > 0 && from >= values.length)
    return [done(id, { code: 1, message: '00002120: SvcErr: DSID-031401B2, problem 5012 (DIR_ERROR), data 0' })];
  const some = values.slice(from, from + most);
  const last = from + some.length >= values.length ? '*' : String(from + some.length - 1);
  return [
    entry(id, entryBytes(group, some.length === 0 ? {} : { member: [], [`member;range=${from}-${last}`]: some })),
    done(id),
  ];
}

const first = (values: readonly string[], most: number): EntryAttribute => ({
  name: `member;range=0-${values.length > most ? most - 1 : '*'}`,
  values: values.slice(0, most).map((value) => Buffer.from(value)),
});

interface Read {
  readonly values: readonly string[] | undefined;
  readonly failure: Error | undefined;
  readonly asked: readonly string[];
}

async function read(begin: EntryAttribute, script: SearchScript): Promise<Read> {
  await using server = await scriptedDirectory(script);
  const client = await openClientTo(server);
  const asked = (): readonly string[] => server.searches.flatMap(({ attributes }) => attributes);
  try {
    const values = await readAllValues(client, group, 'member', begin, 300, neverAborted);
    return { values: values.map((value) => value.toString()), failure: undefined, asked: asked() };
  } catch (error) {
    return { values: undefined, failure: error as Error, asked: asked() };
  } finally {
    client.close();
  }
}

const attributeOf = ({ attributes: [attribute = ''] }: SearchRequest): string => attribute;

test('4,200 members in ranges of 1,500', async () => {
  const all = members(4_200);
  const found = await read(first(all, 1_500), (asked, line) => {
    expect([asked.base, asked.scope]).toEqual([group, 0]);
    return line.send(...ranged(asked.id, attributeOf(asked), all, 1_500));
  });
  expect(found.values).toEqual(all);
  expect(found.asked).toEqual(['member;range=1499-*', 'member;range=2998-*']);
});

test('any number of members, in ranges of any size', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 2, max: 9 }), async (count, most) => {
      const all = members(count);
      expect(
        (await read(first(all, most), (asked, line) => line.send(...ranged(asked.id, attributeOf(asked), all, most))))
          .values,
      ).toEqual(all);
    }),
    { seed: 1499, numRuns: 60 },
  );
});

describe('members that come and go between two ranges', () => {
  /** The members change before the answer with this number. */
  const changing = (before: readonly string[], after: readonly string[], number: number): Promise<Read> =>
    read(first(before, 10), (asked, line, at) =>
      line.send(...ranged(asked.id, attributeOf(asked), at < number ? before : after, 10)),
    );

  const all = members(35);

  test.each<[string, readonly string[], readonly string[]]>([
    ['one goes that was read already', all, all.filter((_, index) => index !== 3)],
    ['one goes that was not', all, all.filter((_, index) => index !== 30)],
    ['the last that is known goes', all, all.filter((_, index) => index !== 18)],
    ['one comes at the front', all, ['CN=new', ...all]],
    ['one comes at the end', all, [...all, 'CN=new']],
    ['many go', all, all.slice(0, 5)],
    ['values are removed until the next range is beyond the end', all, all.slice(0, 12)],
    ['others take the place of all of them', all, members(35, 100)],
    ['the order turns', all, [...all].reverse()],
  ])('%s', async (_, before, after) => {
    for (const number of [1, 2]) {
      const found = await changing(before, after, number);
      expect(found.failure).toBeUndefined();
      expect(found.values).toEqual(after);
    }
  });

  test('never give a list that mixes what was and what is, unless nothing shows it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 11, max: 40 }),
        fc.array(fc.tuple(fc.boolean(), fc.nat(50)), { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 4 }),
        async (count, edits, number) => {
          const before = members(count);
          const after = [...before];
          const onlyGoes = edits.every(([comes]) => !comes);
          for (const [comes, at] of edits) {
            if (comes) after.splice(at % (after.length + 1), 0, `CN=new${at}-${after.length}`);
            else after.splice(at % Math.max(1, after.length), 1);
          }
          fc.pre(after.length > 0 && (onlyGoes || edits.every(([comes]) => comes)));
          const { values } = await changing(before, after, number);
          expect([before, after]).toContainEqual(values);
        },
      ),
      { seed: 1500, numRuns: 60 },
    );
  });

  test('at every attempt end the read', async () => {
    let turn = 0;
    const found = await read(first(all, 10), (asked, line) =>
      line.send(...ranged(asked.id, attributeOf(asked), members(35, (turn += 1) * 100), 10)),
    );
    expect(found.failure).toBeInstanceOf(IncompleteReading);
    expect(found.failure).toMatchObject({ code: 'ldap.valuesChanged' });
  });
});

describe('a server that does not return all values causes an error', () => {
  const begin = first(members(35), 10);

  test.each<[string, SearchScript, ErrorCode]>([
    ['it denies access', ({ id }, line) => line.send(done(id, { code: 50 })), 'ldap.accessDenied'],
    ['it is busy', ({ id }, line) => line.send(done(id, { code: 51 })), 'ldap.unavailable'],
    ['the group was deleted', ({ id }, line) => line.send(done(id, { code: 32 })), 'ldap.valuesChanged'],
    [
      'it returns no attributes',
      ({ id }, line) => line.send(entry(id, entryBytes(group)), done(id)),
      'ldap.valuesChanged',
    ],
    [
      'it returns no range',
      ({ id }, line) => line.send(entry(id, entryBytes(group, { member: members(3) })), done(id)),
      'ldap.valuesChanged',
    ],
    [
      'it always returns the first range',
      ({ id }, line) => line.send(entry(id, entryBytes(group, { 'member;range=0-9': members(10) })), done(id)),
      'ldap.valuesChanged',
    ],
    [
      'it returns the last value for ever',
      ({ id, attributes: [asked = ''] }, line) => {
        const from = Number(/range=(\d+)-/.exec(asked)?.[1]);
        return line.send(entry(id, entryBytes(group, { [`member;range=${from}-${from}`]: [member(9)] })), done(id));
      },
      'ldap.valuesChanged',
    ],
    [
      'it repeats values for ever',
      ({ id, attributes: [asked = ''] }, line) => {
        const from = Number(/range=(\d+)-/.exec(asked)?.[1]);
        return line.send(
          entry(id, entryBytes(group, { [`member;range=${from}-${from + 10}`]: [...members(1, 9), ...members(10)] })),
          done(id),
        );
      },
      'ldap.valuesChanged',
    ],
    [
      'it returns an empty range for ever',
      ({ id }, line) => line.send(entry(id, entryBytes(group, { 'member;range=10-19': [] })), done(id)),
      'ldap.valuesChanged',
    ],
    ['it does not respond', () => undefined, 'ldap.connectionLost'],
    [
      'it closes the connection',
      (_, line) => {
        line.end();
      },
      'ldap.connectionLost',
    ],
  ])('%s', async (_, script, code) => {
    const found = await read(begin, script);
    expect(found.values).toBeUndefined();
    expect(found.failure).toBeInstanceOf(IncompleteReading);
    expect(found.failure).toMatchObject({ code });
  });
});
