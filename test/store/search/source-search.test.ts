import { expect, test } from '@jest/globals';
import { normaliseDn } from '../../../src/source/ldap/names/dn.ts';
import { createMirrorOf } from '../../../src/store/joined/mirror-tables.ts';
import { openSourceSearch } from '../../../src/store/search/source-search.ts';
import { tables } from '../state.ts';

interface Joined {
  readonly source: number;
  readonly user: string;
  readonly record: string;
  readonly dn?: string;
  readonly attributes?: object;
  readonly isRemoved?: boolean;
}

/** A state with joined sources: 1 and 2 with a mirror, 3 without one. */
function searchOf(...all: readonly Joined[]) {
  const db = tables();
  db.exec(`insert into joined_source (id, name) values (1, 'ad'), (2, 'phone'), (3, 'new')`);
  for (const source of [1, 2]) createMirrorOf(db, source);
  all.forEach(({ source, user, record, dn, attributes = {}, isRemoved = false }, index) => {
    const id = index + 1;
    const prefix = `joined_${source}_`;
    db.prepare(
      `insert into ${prefix}record (id, resource_type, key, active, attributes, changed_in, removed_in)
      values (?, 'User', ?, 1, '{}', 1, ?)`,
    ).run(id, record, isRemoved ? 2 : null);
    if (dn !== undefined) {
      db.prepare(`insert into ${prefix}handle (id, text) values (?, ?)`).run(id, `dn:${dn}`);
      db.prepare(`insert into ${prefix}handle_owner (handle, record) values (?, ?)`).run(id, id);
    }
    if (user !== '')
      db.prepare(
        `insert into joined_user (source, key, state, value, joined_key, attributes) values (?, ?, 'joined', '', ?, ?)`,
      ).run(source, user, record, JSON.stringify(attributes));
  });
  const search = openSourceSearch(db);
  const keys = (found: readonly { key: string }[]): readonly string[] => found.map(({ key }) => key);
  return {
    byDn: (dn: string) => keys(search.withDn(dn, normaliseDn)),
    byValue: (text: string) => keys(search.withJoinedValue(text)),
  };
}

const ada = { source: 1, user: '1', record: 'g1', dn: 'uid=ada,ou=people,dc=x' };

test.each([
  ['as the directory writes it', 'uid=ada,ou=people,dc=x', ['1']],
  ['in other letter case and with spaces', 'UID=Ada, OU=People, DC=X', ['1']],
  ['of a record that belongs to no user', 'uid=printer,ou=people,dc=x', []],
  ['of an entry that the source no longer has', 'uid=old,ou=people,dc=x', []],
  ['in another joined source, with case', 'cn=Bob,o=phone', ['2']],
  ['that is the end of another one', 'ou=people,dc=x', []],
])('a DN %s', (_, dn, expected) => {
  const { byDn } = searchOf(
    ada,
    { source: 1, user: '', record: 'g9', dn: 'uid=printer,ou=people,dc=x' },
    { source: 1, user: '3', record: 'g3', dn: 'uid=old,ou=people,dc=x', isRemoved: true },
    { source: 2, user: '2', record: 'g1', dn: 'cn=Bob,o=phone' },
  );
  expect(byDn(dn)).toEqual(expected);
});

test('the key of a record in one source is no key in another one', () => {
  const { byDn } = searchOf(ada, { source: 2, user: '2', record: 'g1' });
  expect(byDn('uid=ada,ou=people,dc=x')).toEqual(['1']);
});

test.each([
  ['the key of the record', 'g1', ['1']],
  ['a value', 'ada@example.com', ['1']],
  ['a value in other letter case', 'MÜLLER', ['1']],
  ['one of several values', '+49 30 2', ['1']],
  ['a value with signs of JSON and of patterns', '100%_"\\', ['1']],
  ['a part of a value', 'example.com', []],
  ['the name of an attribute', 'mail', []],
])('%s of a joined record', (_, text, expected) => {
  const attributes = {
    mail: ['ada@example.com'],
    sn: ['müller'],
    phones: ['+49 30 1', '+49 30 2'],
    note: ['100%_"\\'],
  };
  const { byValue } = searchOf(
    { ...ada, attributes },
    { source: 1, user: '2', record: 'g2', attributes: { a: ['b'] } },
  );
  expect(byValue(text)).toEqual(expected);
});
