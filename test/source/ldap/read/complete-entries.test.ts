import { expect, jest, test } from '@jest/globals';
import { completeEntries } from '../../../../src/source/ldap/read/complete-entries.ts';
import { toBatch, type RawEntry } from '../../../../src/source/ldap/read/batches.ts';
import { compileFilter } from '../../../../src/source/ldap/protocol/filter.ts';
import type { PartSearch } from '../../../../src/source/ldap/read/part-searches.ts';
import { rowReader, type EntryReaderOptions } from '../../../../src/source/ldap/read/rows.ts';
import { noSchema } from '../../../../src/source/ldap/protocol/schema.ts';
import type { DirectoryProfile } from '../../../../src/source/ldap/settings.ts';
import { done, entry, scriptedDirectory, type SearchScript } from '../../../world/directory/scripted-server.ts';
import { neverAborted, openClientTo } from '../client-fixture.ts';
import { entryBytes } from '../entries.ts';

jest.setTimeout(60_000);

const directoryProfile = {
  name: 'any',
  id: { attribute: 'entryUUID', form: 'text' },
  users: { filter: '(a=b)' },
  groups: {
    filter: '(c=d)',
    memberDn: ['member'],
    memberLogin: [],
    login: 'uid',
    memberUrl: ['memberURL'],
    primaryGroup: false,
  },
  inactive: [],
  references: [],
  unicodeForms: 'equal',
  binary: [],
  mapping: { user: {}, group: {} },
  changes: [],
} as DirectoryProfile;

const part = (name: 'users' | 'groups'): PartSearch => {
  const readerOptions: EntryReaderOptions = {
    directoryProfile,
    part: name,
    key: undefined,
    used: new Set(['memberOf']),
    activeCondition: undefined,
    honourShadowExpire: false,
    schema: noSchema,
  };
  return {
    part: name,
    base: 'dc=x',
    filter: compileFilter('(a=b)'),
    attributes: [],
    readerOptions,
    readRow: rowReader(readerOptions),
  };
};

async function complete(
  of: PartSearch,
  entries: readonly Buffer[],
  script: SearchScript,
): Promise<{ readonly rows: readonly RawEntry[]; readonly asked: readonly (readonly string[])[] }> {
  await using server = await scriptedDirectory(script);
  const client = await openClientTo(server);
  try {
    const rows = await completeEntries(
      of,
      entries,
      { secondConnection: async () => client, pageSize: 0, timeoutMs: 60_000 },
      neverAborted,
    );
    return { rows, asked: server.searches.map(({ base, attributes }) => [base, ...attributes]) };
  } finally {
    client.close();
  }
}

const nothing: SearchScript = () => {
  throw new Error('no request is expected');
};

test('complete entries need no request', async () => {
  const entries = [
    entryBytes('cn=a', { member: ['cn=b'] }),
    entryBytes('cn=c', { description: ['see http://x and ;range=0-1'] }),
  ];
  for (const name of ['users', 'groups'] as const)
    expect(await complete(part(name), entries, nothing)).toEqual({
      rows: entries.map((bytes) => ({ bytes })),
      asked: [],
    });
});

test('a user in more groups than one range holds is in all of them', async () => {
  const bytes = entryBytes('cn=ada', { entryUUID: ['1'], 'memberOf;range=0-1': ['cn=a', 'cn=b'] });
  const { rows, asked } = await complete(part('users'), [bytes], ({ id }, line) =>
    line.send(entry(id, entryBytes('cn=ada', { 'memberOf;range=1-*': ['cn=b', 'cn=c'] })), done(id)),
  );
  expect(asked).toEqual([['cn=ada', 'memberof;range=1-*']]);
  expect(toBatch(part('users'), rows, { next: 1 }).parse([0])).toMatchObject([
    { kind: 'record', record: { attributes: { memberOf: ['cn=a', 'cn=b', 'cn=c'] } } },
  ]);
});

test('values that are requested separately change the digest', async () => {
  const bytes = entryBytes('cn=all', { entryUUID: ['1'], 'member;range=0-1': ['cn=a', 'cn=b'] });
  const digest = async (...more: readonly string[]): Promise<string | undefined> => {
    const { rows } = await complete(part('groups'), [bytes], ({ id }, line) =>
      line.send(entry(id, entryBytes('cn=all', { 'member;range=1-*': ['cn=b', ...more] })), done(id)),
    );
    return toBatch(part('groups'), rows, { next: 1 }).rows[0]?.digest.toString('hex');
  };
  const digests = [await digest(), await digest('cn=c'), await digest('cn=d'), await digest('cn=c', 'cn=d')];
  expect(new Set(digests).size).toBe(4);
  expect(await digest('cn=c')).toBe(digests[1]);
});

test('a dynamic group may have very many members', async () => {
  const count = 150_000;
  const bytes = entryBytes('cn=all', { entryUUID: ['1'], memberURL: ['ldap:///dc=x??sub?(uid=*)'] });
  const { rows } = await complete(part('groups'), [bytes], async ({ id }, line) => {
    for (let at = 0; at < count; at += 1_000)
      await line.send(...Array.from({ length: 1_000 }, (_, index) => entry(id, entryBytes(`uid=p${at + index},dc=x`))));
    await line.send(done(id));
  });
  expect(rows[0]?.completion?.memberDns).toHaveLength(count);
});

test.each<[string, string, RegExp]>([
  ['names another server', 'ldap://other/dc=x??sub', /"ldap:\/\/other\/dc=x\?\?sub"/],
  ['is not an LDAP URL', 'see https://wiki/', /"see https:\/\/wiki\/"/],
  ['has an invalid filter', 'ldap:///dc=x??sub?(uid', /column 2$/],
])('a group whose URL %s has a problem, not an empty list of members', async (_, url, problem) => {
  const bytes = entryBytes('cn=some', { entryUUID: ['1'], memberURL: [url] });
  expect((await complete(part('groups'), [bytes], nothing)).rows).toEqual([
    { bytes, completion: { memberDns: [], ranged: new Map(), problem: expect.stringMatching(problem) } },
  ]);
});

test('a base that does not exist has no members; a search that fails ends the read', async () => {
  const bytes = entryBytes('cn=some', { entryUUID: ['1'], memberURL: ['ldap:///dc=x??sub?(uid=*)'] });
  expect(
    (await complete(part('groups'), [bytes], ({ id }, line) => line.send(done(id, { code: 32 })))).rows[0]?.completion
      ?.memberDns,
  ).toEqual([]);
  await expect(
    complete(part('groups'), [bytes], ({ id }, line) =>
      line.send(entry(id, entryBytes('uid=a,dc=x')), done(id, { code: 4 })),
    ),
  ).rejects.toMatchObject({ code: 'ldap.sizeLimitExceeded' });
});
