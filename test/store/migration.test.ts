import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { remoteId, sourceKey } from '../../src/model/ids.ts';
import type { Member, Operation } from '../../src/model/operation.ts';
import { managerPath } from '../../src/model/path.ts';
import { openDatabase, openReadOnlyDatabase, type Db } from '../../src/store/database.ts';
import { openReadOnlyStore } from '../../src/store/read-only-store.ts';
import { lockFile } from '../../src/store/sqlite/lock.ts';
import type { StoredOperation } from '../../src/store/store.ts';
import type { HistoryFilter } from '../../src/store/journal/history.ts';
import { notesOf } from './notes.ts';
import {
  all,
  answer,
  begin,
  brief,
  change,
  create,
  edit,
  everything,
  followUps,
  members,
  people,
  target,
  work,
  workOf,
} from './operations.ts';
import { bookmark, migrationsUpTo, oldState, renamed, retiredSchemaWords, summary, type Dump } from './schema-2.ts';
import { at, atEnd, changed, currentSchema, dump, errorOf, person, present, read, state, type State } from './state.ts';

const migrated = (): State => state(oldState().file);

describe('a state file of schema 2', () => {
  test('has rows in every table, under its old name', () => {
    const { before } = oldState();
    expect(Object.keys(before).sort()).toEqual(
      Object.values(renamed)
        .map(([table]) => table)
        .sort(),
    );
    expect(Object.entries(before).filter(([, rows]) => rows.length === 0)).toEqual([]);
  });

  test('keeps every row and every value under the new names', () => {
    const { file, before } = oldState();
    const after = dump(state(file).db) as Dump;
    const expected = Object.fromEntries(
      Object.entries(renamed).map(([table, [oldTable, columns]]) => [
        table,
        before[oldTable]?.map((row) => {
          const values = Object.keys(row).map((old) => {
            const column = Object.keys(columns).find((name) => columns[name] === old) ?? old;
            return [column, row[old]] as const;
          });
          return Object.fromEntries(values);
        }),
      ]),
    );
    for (const row of expected['operation'] ?? []) if (row['action'] === 'claim') row['action'] = 'verifyCreate';
    for (const row of expected['reading'] ?? [])
      row['bookmark'] = JSON.stringify({ cookies: bookmark.cookies, version: bookmark.version, method: bookmark.way });
    // Approvals have a table of their own.
    for (const row of expected['pass'] ?? []) delete row['approved'];
    // Later migrations add tables and columns.
    expect(after).toMatchObject(expected);
  });

  test('the current schema contains no retired word', () => {
    const names = migrated()
      .ask(`select coalesce(sql, name) from sqlite_schema`)
      .join('\n')
      .replaceAll(/--.*/g, '')
      .split(/\W+/)
      .flatMap((name) => [name, ...name.split('_')]);
    expect(retiredSchemaWords.filter((word) => names.includes(word))).toEqual([]);
  });

  test('keeps its foreign keys and checks, and is intact', () => {
    const db = openDatabase(oldState().file);
    atEnd(() => db.close());
    expect(db.pragma('foreign_key_check')).toEqual([]);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    for (const table of ['requeue (target, resource_type, key)', 'pending_manager (target, key, manager)'])
      expect(() => db.exec(`insert into ${table} values (9, 'User', 'x')`)).toThrow('FOREIGN KEY');
    expect(() =>
      db.exec(
        `insert into record (resource_type, key, active, attributes, changed_in) values ('Robot', 'x', 1, '{}', 1)`,
      ),
    ).toThrow('CHECK');
  });

  test.each([
    ['that is absent', null, null],
    ['that is not JSON', 'nonsense', 'nonsense'],
    ['that is not an object', '7', '7'],
    ['of another method', '{"cookie":"x"}', '{"cookie":"x"}'],
    ['of Active Directory', '{"way":"dirSync","cookie":"TVNEUw=="}', '{"cookie":"TVNEUw==","method":"dirSync"}'],
  ])('migrates a bookmark %s', async (_, old, expected) => {
    const { file } = oldState((db) => db.prepare('update reading set bookmark = ?').run(old));
    expect((await state(file).store.mirror.last())?.bookmark ?? null).toBe(expected);
  });
});

describe('after the migration, the store returns', () => {
  test('the mirror', async () => {
    const one = migrated();
    const { mirror } = one.store;
    expect(await mirror.last()).toEqual({
      number: 5,
      at: 5000,
      facts: {},
      fingerprint: 'print',
      signature: 'meaning',
      columns: { users: [], groups: [], mapping: { user: { userName: 'uid' }, group: {} } },
      rejected: 0,
      bookmark: JSON.stringify({ cookies: bookmark.cookies, version: bookmark.version, method: 'syncLog' }),
      completed: 4000,
    });
    expect(await mirror.counts()).toEqual({ users: 3, groups: 1, memberships: 2 });
    expect(await mirror.record('User', sourceKey('ada'))).toEqual({
      resourceType: 'User',
      key: 'ada',
      active: true,
      attributes: { mail: ['ada@x'], manager: ['bob'] },
    });
    expect(await mirror.record('User', sourceKey('gone'))).toBeUndefined();
    expect(await mirror.groupsOf(sourceKey('ada'))).toEqual(['eng']);
    expect(await mirror.membersOf(sourceKey('eng'), '', 9)).toEqual(['ada', 'bob']);
    expect(await mirror.unresolvedMembers(sourceKey('eng'), 9)).toEqual({ total: 1, handles: ['dn:cn=unresolved'] });
    expect(changed(one, 5)).toEqual(['User cy', '-User gone', '-eng>gone']);
  });

  test('accounts, memberships, and what is in doubt', async () => {
    const store = await migrated().store.target(target);
    expect(await store.state()).toEqual({
      plannedReading: 4,
      mappingFingerprint: 'rules',
      discovery: { patch: true, bulk: { supported: true, maxOperations: 9 }, raw: {} },
      listedAt: 77,
      leaversUnmatched: false,
      loadedAt: at(400),
      plannedAt: undefined,
    });
    expect(store.known('User', sourceKey('ada'))).toEqual({
      resourceType: 'User',
      key: 'ada',
      remoteId: 'r-ada',
      body: { userName: 'ada', [managerPath]: 'bob' },
      active: true,
      version: 'W/"1"',
      origin: 'created',
      inDoubt: ['title', 'active'],
    });
    expect(store.known('User', sourceKey('gone'))).toMatchObject({ active: false, inactiveSince: 250 });
    expect((await store.inDoubt(9)).map(({ key }) => String(key))).toEqual(['ada']);
    expect(store.owner('User', remoteId('r-bob'))).toBe('bob');
    expect((await store.knownByName('Group', 'eng')).map(({ key }) => String(key))).toEqual(['eng']);
    expect(await store.totals()).toEqual({ users: 3, activeUsers: 2, groups: 1, memberships: 3 });
    const inner: Member = { resourceType: 'Group', key: sourceKey('inner') };
    expect(store.countMembers(sourceKey('eng'))).toBe(3);
    const one = migrated();
    const addition: Operation = { ...members('eng', 'add ada gone inner'), add: [...people('ada gone inner'), inner] };
    const { memberships } = await workOf(one, 0, work(addition));
    expect([...(memberships.get(0)?.existing ?? [])].sort()).toEqual(['Group:inner', 'User:gone']);
    const ofGroup = await (await one.store.serving(target)).membersOf(sourceKey('eng'), false);
    expect(ofGroup.members.map(({ id }) => String(id))).toEqual(['r-ada', 'r-gone']);
  });

  test('requeued records and memberships', async () => {
    const one = migrated();
    const store = await one.store.target(target);
    const keys = async () =>
      (await store.candidates(0, 99)).page.map(({ resourceType, key }) => `${resourceType} ${key}`);
    expect(await store.hasFollowUps()).toBe(true);
    const creates = work(...['ada', 'bob', 'cy'].map((key) => create(key)));
    expect([...(await workOf(one, 0, creates)).unansweredCreates.keys()]).toEqual(['User:cy']);
    await store.selectCandidates(followUps);
    expect(await keys()).toEqual(['User bob', 'Group eng']);
    await store.selectCandidates({ kind: 'changed', after: 5, deletions: { days: 0, zone: 'UTC', now: at(250) } });
    expect(await keys()).toEqual(['User ada', 'User bob', 'User cy', 'User gone', 'Group eng']);
    await store.selectCandidates({ kind: 'changed', after: 4, deletions: undefined });
    expect(new Set(await keys())).toEqual(new Set(['User cy', 'User gone', 'User ada', 'User bob', 'Group eng']));
    await store.selectCandidates(followUps);
    await store.selectReferrers([sourceKey('late')]);
    expect(await keys()).toContain('User ada');
    await store.selectCandidates(followUps);
    await store.selectMemberships(everything, []);
    expect((await store.memberships(0, 99)).page).toEqual(
      [
        { member: 'ada', isDesired: true, isKnown: true, isInDoubt: true },
        { member: 'bob', isDesired: true, isKnown: false, isInDoubt: false },
        { member: 'gone', isDesired: false, isKnown: true, isInDoubt: false },
        { member: 'inner', memberType: 'Group', isDesired: false, isKnown: true, isInDoubt: false },
      ].map((one) => ({ group: 'eng', memberType: 'User', ...one })),
    );
  });

  test('operations of every action, and notes', async () => {
    const one = migrated();
    const { journal } = one.store;
    const operations = await all(one, 1);
    const read = (text: string): StoredOperation | undefined => operations.find((each) => brief(each).startsWith(text));
    expect(operations.map(brief)).toEqual([
      'create cy unknown',
      'update ada failed',
      'deactivate gone done',
      'reactivate bob held',
      'delete old done',
      'verifyCreate zoe done',
      'members eng done',
    ]);
    expect(read('update')).toMatchObject({
      isRenaming: true,
      operation: {
        resourceType: 'User',
        edits: [{ path: 'userName', from: 'ada', to: 'ada2' }],
        body: { userName: 'ada2' },
      },
    });
    expect(read('verifyCreate')?.operation).toEqual({
      action: 'verifyCreate',
      resourceType: 'User',
      key: 'zoe',
      name: "zoe's name",
      reason: 'because',
      body: { userName: 'zoe' },
    });
    expect(read('members')?.operation).toMatchObject({
      resourceType: 'Group',
      add: [{ resourceType: 'User', key: 'ada' }],
      remove: [{ resourceType: 'User', key: 'eve' }],
    });
    expect(await journal.counts(1, target, 0)).toEqual({
      create: 1,
      update: 1,
      deactivate: 1,
      reactivate: 1,
      delete: 1,
      addMembers: 1,
      removeMembers: 1,
    });
    expect(await notesOf({ journal }, 1, target)).toEqual([
      { resourceType: 'User', key: 'dan', name: 'Dan', text: 'has no userName', problem: true },
      { resourceType: 'Group', key: 'eng', name: 'eng', text: 'is protected', problem: false },
    ]);
    const entries = await journal.recordEntries(1, target, 'Group', sourceKey('eng'));
    expect([entries.operations.map(brief), entries.notes.length]).toEqual([['members eng done'], 1]);
    expect(await journal.unansweredCreate(target, 'User', sourceKey('cy'))).toEqual({
      userName: 'cy',
      [managerPath]: 'bob',
    });
    const ofSecondPass = operations.slice(0, 1).map((operation) => ({ ...operation, id: 10 }));
    const { failedBefore } = await workOf(one, 2, ofSecondPass);
    expect(failedBefore.has(10)).toBe(true);
    const since = { removals: at(0), others: at(0) };
    const kinds = new Set(['usersRemoved', 'groupsRemoved', 'membershipsRemoved', 'usersMissing'] as const);
    expect(await journal.changedSince(target, since, 0, kinds)).toEqual([
      { kind: 'usersRemoved', count: 1 },
      { kind: 'groupsRemoved', count: 1 },
      { kind: 'membershipsRemoved', count: 1 },
      { kind: 'usersMissing', count: 0 },
    ]);
  });

  test('the data of status, history and explain', () => {
    const { file } = oldState();
    const view = openReadOnlyStore(file);
    atEnd(() => view?.close());
    expect(view?.lastPass()).toMatchObject({ id: 3, command: 'daemon', ended: undefined });
    expect(view?.targets()).toEqual([
      {
        name: target,
        users: { active: 2, inactive: 1 },
        groups: 1,
        memberships: 3,
        due: 6,
        uncertain: 2,
        missing: 0,
        deletionsRefused: 0,
        secondLooks: { removals: 0, unseen: 0, first: undefined, searched: [] },
        behind: 1,
        orphans: 0,
        unowned: 0,
        listed: 77,
        last: { pass: 1, at: 100, ended: 400, result: 'failed', summary },
        failing: [
          { resourceType: 'Group', key: 'eng', name: 'eng', detail: 'is protected', nextTry: undefined },
          { resourceType: 'User', key: 'ada', name: "ada's name", detail: 'taken', nextTry: undefined },
        ],
        ignoredWrites: [],
        learned: [],
        discovery: expect.objectContaining({ patch: true }),
        discoveryReadAt: undefined,
        drift: { counts: {}, comparedAt: undefined, runningSince: undefined },
      },
      expect.objectContaining({ name: 'other', due: 0, uncertain: 0, behind: 5, last: undefined }),
    ]);
    const history = (filter: HistoryFilter): unknown[] =>
      [...(view?.history(filter) ?? [])].map((row) => `${row.pass} ${row.operation.action} ${row.operation.key}`);
    expect(history({ user: ['ADA'] })).toEqual(['3 update ada', '1 update ada', '1 members eng']);
    expect(history({ user: ['zoe'] })).toEqual(['1 verifyCreate zoe']);
    expect(history({ group: ['eng'], target })).toEqual(['3 members eng', '1 members eng']);
    expect(view?.snapshot(target)?.known('User', sourceKey('bob'))).toMatchObject({ origin: 'adopted' });
    expect(view?.holder()).toBeUndefined();
  });
});

describe('after the migration', () => {
  test('the interrupted pass is closed: creates are verified first, other sent operations are in doubt', async () => {
    const one = migrated();
    const { interrupted } = await one.store.journal.begin('sync', at(600));
    expect(interrupted).toBe(1);
    expect((await all(one, 3)).map(brief)).toEqual([
      'verifyCreate cy unknown',
      'members eng unknown',
      'update ada skipped',
    ]);
    expect(one.ask(`select member_key from requeue_membership where in_doubt = 1 order by member_key`)).toEqual([
      'ada',
      'bob',
    ]);
    expect(one.ask('select verify_first from requeue where key = ?', 'cy')).toEqual([1]);
  });

  test('outcomes are recorded: forgetting an account also removes its memberships', async () => {
    const one = migrated();
    const pass = await begin(one, [change('ada', [])]);
    await answer(one, pass, 'update ada', {
      outcome: { kind: 'notFound', status: 404, detail: 'gone' },
      change: { kind: 'forget' },
      followUp: 'nextPass',
    });
    const store = await one.store.target(target);
    expect(store.known('User', sourceKey('ada'))).toBeUndefined();
    expect(store.countMembers(sourceKey('eng'))).toBe(2);
    expect(one.ask('select in_doubt from requeue_membership where member_key = ?', 'ada')).toEqual([0]);
  });

  test('the next reading is compared with the last one', async () => {
    const one = migrated();
    const { number } = await read(one, {
      users: [person('ada', 'ada@x'), person('bob'), person('new')],
      groups: [{ key: 'eng', attributes: { name: ['eng'] } }],
      memberships: ['eng>ada', 'eng>new'],
    });
    expect(number).toBe(6);
    expect(present(one)).toEqual([
      'User ada {"mail":["ada@x"]}',
      'User bob {}',
      'User new {}',
      'Group eng {"name":["eng"]}',
      'eng>ada',
      'eng>new',
    ]);
    expect(changed(one, 6)).toEqual(
      expect.arrayContaining(['User ada', 'User bob', 'User new', '-User cy', '-eng>bob', 'eng>new']),
    );
    expect(changed(one, 6)).not.toContain('eng>ada');
  });
});

describe('the migration takes the lock', () => {
  const opened: [string, (file: string) => Db | undefined][] = [
    ['read-write', openDatabase],
    ['read-only', openReadOnlyDatabase],
  ];
  const versionOf = (file: string): unknown => {
    const db = new Database(file, { readonly: true });
    try {
      return db.pragma('user_version', { simple: true });
    } finally {
      db.close();
    }
  };

  test.each(opened)('and releases it, opened %s', (name, open) => {
    const { file } = oldState();
    const db = open(file);
    atEnd(() => db?.close());
    expect(db?.prepare('select count(*) from source_membership').pluck().get()).toBe(3);
    expect(versionOf(file)).toBe(name === 'read-only' ? 2 : currentSchema);
    const other = new Database(file);
    atEnd(() => other.close());
    lockFile(other, file).release();
  });

  test('a read-only connection stays read-only after the migration', () => {
    const db = openReadOnlyDatabase(oldState().file);
    atEnd(() => db?.close());
    expect(() => db?.exec('delete from record')).toThrow('readonly');
  });

  test('and fails while another process holds it, but a copy of it can be read', () => {
    const { file } = oldState();
    const holder = new Database(file);
    atEnd(() => holder.close());
    const lock = lockFile(holder, file);
    const sentence =
      `the state file ${file} was written by an older scimsync (schema 2, this one needs ${currentSchema}) ` +
      'and cannot be brought up to date: "scimsync daemon" (process 4711 on here, since 1970-01-01T00:00:00.000Z) ' +
      `is at work on ${file}; wait until it has ended, or stop it.`;
    expect(errorOf(() => openDatabase(file))).toMatchObject({ code: 'state.upgradeFailed', message: sentence });
    const copy = openReadOnlyDatabase(file);
    expect(copy?.pragma('user_version', { simple: true })).toBe(currentSchema);
    copy?.close();
    expect(versionOf(file)).toBe(2);
    lock.release();
    openDatabase(file).close();
    expect(versionOf(file)).toBe(currentSchema);
  });

  test.each(opened)('a failed migration changes nothing and reports the failure, opened %s', (_, open) => {
    const { file } = oldState((db) => db.exec('create table requeue (x)'));
    expect(() => open(file)).toThrow(
      expect.objectContaining({ code: 'state.upgradeFailed', message: expect.stringMatching(/schema 2, .*requeue/) }),
    );
    expect(versionOf(file)).toBe(2);
    const db = new Database(file, { readonly: true });
    atEnd(() => db.close());
    expect(db.prepare('select count(*) from edge where gone is null').pluck().get()).toBe(2);
  });
});

test('a state of schema 7: each observed kind of write states its type and action', async () => {
  const { file } = oldState((db) => {
    for (const sql of migrationsUpTo(7)) db.exec(sql);
    db.pragma('user_version = 7');
    const samples = {
      'create of users by POST': { confirmed: 3 },
      'update of users by PATCH inside Bulk, answered without the resource': { confirmed: 0, contradictedAt: 9 },
      'update of groups by PATCH': { confirmed: 2 },
      'first members of groups by PATCH': { confirmed: 1 },
      'new members of groups by PATCH': { confirmed: 1 },
      'removed members of groups by PATCH': { confirmed: 1 },
    };
    db.prepare('update target set samples = ?').run(JSON.stringify(samples));
  });
  const { store } = state(file);
  const { samples, facts, under } = await (await store.target(target)).learned();
  expect(samples).toEqual({
    'create of users by POST': { resourceType: 'User', action: 'create', confirmed: 3 },
    'update of users by PATCH inside Bulk, answered without the resource': {
      ...{ resourceType: 'User', action: 'update', confirmed: 0 },
    },
    'update of groups by PATCH': { resourceType: 'Group', action: 'update', confirmed: 2 },
    'first members of groups by PATCH': { resourceType: 'Group', action: 'firstMembers', confirmed: 1 },
    'new members of groups by PATCH': { resourceType: 'Group', action: 'addMembers', confirmed: 1 },
    'removed members of groups by PATCH': { resourceType: 'Group', action: 'removeMembers', confirmed: 1 },
  });
  const [fact, ...others] = facts;
  expect([others, under]).toEqual([[], undefined]);
  expect(fact).toEqual({
    kind: 'writeIgnored',
    subject: 'update of users by PATCH inside Bulk, answered without the resource',
    status: undefined,
    resource: '',
    resources: 1,
    passes: 1,
    pass: 0,
    learnedAt: 9,
    confirmedAt: 9,
  });
});

test('the guard: approved passes become approvals, memberships get their cause, loads have ended', async () => {
  const { file } = oldState((db) => {
    db.exec(`insert into operation_member (operation, kind, key, removed) values (7, 'User', 'gone', 1);
      insert into operation (pass, target, round, phase, action, kind, key, name, reason, state, requests, answered_at)
      values (2, 1, 0, 10, 'delete', 'User', 'zoe', 'zoe', 'left', 'done', 1, 460)`);
  });
  const { store, ask } = state(file);
  expect(ask('select key from operation_member where cause is not null')).toEqual(['gone']);
  expect(ask('select key from operation where approval is not null')).toEqual(['zoe']);
  expect(ask('select outcome from approval')).toEqual(['used']);
  expect(ask('select command from approval where pass = 2')).toEqual(['sync --allow-removals 1']);
  const since = { removals: at(0), others: at(0) };
  const kinds = new Set(['usersRemoved', 'membershipsRemoved'] as const);
  // "zoe" was approved, and the membership of "gone" ended with the account.
  expect(await store.journal.changedSince(target, since, 0, kinds)).toEqual([
    { kind: 'usersRemoved', count: 1 },
    { kind: 'membershipsRemoved', count: 1 },
  ]);
  expect((await (await store.target(target)).state()).loadedAt).toBe(400);
  expect((await (await store.target('other')).state()).loadedAt).toBeUndefined();
});

test('a state of schema 10 keeps what the last reading meant: its facts, and the signs of each user', async () => {
  const facts = {
    directory: 'openldap',
    signs: { pwdAccountLockedTime: 1, pwdEndTime: 0 },
    undecodable: 2,
    judgements: [{ code: 'source.groupSpellings', subject: 'it', numbers: {}, reason: 'spelt twice', refused: false }],
  };
  const { file } = oldState((db) => {
    for (const sql of migrationsUpTo(10)) db.exec(sql);
    db.pragma('user_version = 10');
    db.prepare('update reading set facts = ?').run(JSON.stringify(facts));
    db.prepare(`update record set signs = '["pwdAccountLockedTime"]' where key = 'ada'`).run();
  });
  const one = state(file);
  expect((await one.store.mirror.last())?.facts).toEqual(facts);
  expect(one.ask(`select key || signs from record where signs is not null`)).toEqual(['ada["pwdAccountLockedTime"]']);
});

test('a state of schema 17: earlier operations wait for no name, and later ones can', async () => {
  const { file } = oldState((db) => {
    for (const sql of migrationsUpTo(17)) db.exec(sql);
    db.pragma('user_version = 17');
    db.exec(`update operation set state = 'held', detail = 'waits for the rename of key ada' where key = 'bob'`);
  });
  const one = state(file);
  const { journal } = one.store;
  expect((await all(one, 1)).map(({ waitsFor }) => waitsFor).filter((key) => key !== undefined)).toEqual([]);
  expect(await journal.waitingForNames(1, target, 10)).toEqual({ total: 0, first: [] });
  const { pass } = await journal.begin('sync', at(1_000));
  const renaming = { phase: 40, wave: 0, isRenaming: true };
  await journal.add(pass, target, 0, [
    { operation: change('ada', [edit('userName', 'ada', 'eve')]), ...renaming },
    { operation: change('cy', [edit('userName', 'cy', 'ada')]), ...renaming, waitsFor: sourceKey('ada') },
  ]);
  const [renameOfAda] = await journal.operations(pass, target, 0, undefined, 10);
  await journal.hold(renameOfAda === undefined ? [] : [renameOfAda.id]);
  await journal.holdWaiting(pass, target, 0, []);
  expect(await journal.waitingForNames(pass, target, 10)).toEqual({
    total: 1,
    first: [{ resourceType: 'User', key: 'cy', name: 'cy', reason: 'waits for the rename of key ada' }],
  });
});

test('a state of schema 22: former keys of users stay, and groups get their own', async () => {
  const { file } = oldState((db) => {
    for (const sql of migrationsUpTo(22)) db.exec(sql);
    db.pragma('user_version = 22');
    db.exec(`insert into former_key (key, now_key, at) values ('a1', 'ada', 1)`);
  });
  const { keyChanges } = state(file).store;
  expect(['a1', 'other'].map((key) => keyChanges.currentKey(key))).toEqual(['ada', 'other']);
  expect(keyChanges.currentKey('a1', 'Group')).toBe('a1');
});

test('a state of schema 26: key changes stay as they were decided, and a reused key can wait', async () => {
  const { file } = oldState((db) => {
    for (const sql of migrationsUpTo(26)) db.exec(sql);
    db.pragma('user_version = 26');
    db.exec(`insert into key_change (from_key, to_key, name, reason, since, state)
      values ('a1', 'ada', 'ada@x', 'same userName', 1, 'pending'), ('b1', 'bob', '', '', 2, 'different')`);
  });
  const one = state(file);
  expect(one.store.keyChanges.pendingPairs()).toEqual([{ resourceType: 'User', from: 'a1', to: 'ada' }]);
  expect(one.ask(`select from_key || state from key_change order by 1`)).toEqual(['a1pending', 'b1different']);
  expect(one.store.keyChanges.pending()).toMatchObject({ total: 1, reused: 0 });
});
