import { expect, test } from '@jest/globals';
import { instant, sourceKey } from '../../../src/model/ids.ts';
import { relinkKeys } from '../../../src/store/identity/relink.ts';
import { openRefusedValues } from '../../../src/store/unique-values/refused-values.ts';
import { openUniqueValues } from '../../../src/store/unique-values/unique-values.ts';
import { openSnapshot } from '../../../src/store/snapshot/snapshot.ts';
import { remember } from '../operations.ts';
import { at, state, tables } from '../state.ts';

const user = (key: string) => ({ resourceType: 'User', key: sourceKey(key) }) as const;
const name = (value: string) => ({ path: 'userName', value });
const [ada, bob] = [user('ada'), user('bob')];

function open() {
  const db = tables();
  db.exec(`insert into target (id, name) values (1, 'app'), (2, 'other')`);
  return { db, values: openUniqueValues(db, 1), snapshot: openSnapshot(db, 1) };
}

test('a value belongs to one record at one target, in any spelling', () => {
  const { db, values } = open();
  values.assign(ada, name('Smith'));
  values.assign(ada, { path: 'nickName', value: 'Smith' });
  expect(values.of(ada)).toEqual({ userName: 'Smith', nickName: 'Smith' });
  expect(values.ownerOf('User', name('SMITH'))).toBe('ada');
  expect(values.holderOf(bob, name('smith'), undefined)).toEqual({ kind: 'record', key: 'ada' });
  expect(values.holderOf(ada, name('smith'), undefined)).toBeUndefined();
  expect(values.holderOf({ ...bob, resourceType: 'Group' }, name('smith'), undefined)).toBeUndefined();
  expect(openUniqueValues(db, 2).holderOf(bob, name('smith'), undefined)).toBeUndefined();
  values.assign(ada, name('smith2'));
  expect(values.of(ada)).toMatchObject({ userName: 'smith2' });
  expect(values.ownerOf('User', name('smith'))).toBeUndefined();
  values.release(ada, 'userName');
  expect(values.of(ada)).toEqual({ nickName: 'Smith' });
  values.release(ada);
  expect(values.of(ada)).toEqual({});
});

test('known accounts have their names: those of records, and listed ones with another externalId', () => {
  const { db, values, snapshot } = open();
  snapshot.apply('User', ada.key, remember('1', { userName: 'Smith' }), at(1));
  db.exec(`insert into orphan (target, remote_id, external_id, name, active, listed_at)
    values (1, '8', 'E8', 'jones', 1, 1), (1, '9', null, 'hand-made', 1, 1)`);
  expect(values.holderOf(bob, name('SMITH'), undefined)).toEqual({ kind: 'record', key: 'ada' });
  expect(values.holderOf(ada, name('SMITH'), undefined)).toBeUndefined();
  expect(values.holderOf(bob, name('Jones'), 'E1')).toEqual({ kind: 'account', id: '8' });
  expect(values.holderOf(bob, name('Jones'), 'e8')).toBeUndefined();
  expect(values.holderOf(bob, name('hand-made'), 'E1')).toBeUndefined();
  expect(values.holderOf(bob, { path: 'nickName', value: 'smith' }, undefined)).toBeUndefined();
});

test('the deletion of the account frees the value, and a deactivation does not', () => {
  const { values, snapshot } = open();
  snapshot.apply('User', ada.key, remember('1', { userName: 'smith' }), at(1));
  values.assign(ada, name('smith'));
  snapshot.apply('User', ada.key, { kind: 'remember', body: { userName: 'smith' }, active: false }, at(2));
  snapshot.apply('User', ada.key, { kind: 'missing' }, at(3));
  expect(values.ownerOf('User', name('smith'))).toBe('ada');
  snapshot.apply('User', ada.key, { kind: 'forget' }, at(4));
  expect(values.holderOf(bob, name('smith'), undefined)).toBeUndefined();
});

test('a refused value is free for others, and not tried again for its record until the refusal expires', () => {
  const { db, values } = open();
  values.assign(ada, name('smith'));
  openRefusedValues(db)(1, ada, [name('SMITH')], at(5));
  expect(values.of(ada)).toEqual({});
  expect(values.holderOf(ada, name('smith'), undefined)).toEqual({ kind: 'target' });
  expect(values.holderOf(bob, name('smith'), undefined)).toBeUndefined();
  values.retain({ User: ['userName'], Group: [] }, at(5));
  expect(values.holderOf(ada, name('smith'), undefined)).toEqual({ kind: 'target' });
  values.retain({ User: ['userName'], Group: [] }, at(6));
  expect(values.holderOf(ada, name('smith'), undefined)).toBeUndefined();
});

test('values at paths that are no longer unique are freed', () => {
  const { db, values } = open();
  db.exec(`insert into record (resource_type, key, active, attributes, changed_in)
    values ('User', 'ada', 1, '{}', 1), ('Group', 'ada', 1, '{}', 1)`);
  values.assign(ada, name('smith'));
  values.assign(ada, { path: 'nickName', value: 'x' });
  values.assign({ ...ada, resourceType: 'Group' }, { path: 'displayName', value: 'x' });
  values.retain({ User: ['userName'], Group: [] }, at(0));
  expect(values.of(ada)).toEqual({ userName: 'smith' });
  expect(values.of({ ...ada, resourceType: 'Group' })).toEqual({});
});

test('values of records that left the source without an account are freed', () => {
  const { db, values, snapshot } = open();
  for (const key of ['left', 'account', 'doubt', 'present']) values.assign(user(key), name(key));
  snapshot.apply('User', sourceKey('account'), remember('1', { userName: 'account' }), at(1));
  db.exec(`
    insert into record (resource_type, key, active, attributes, changed_in, removed_in)
    values ('User', 'present', 1, '{}', 1, null), ('User', 'left', 1, '{}', 1, 2);
    insert into requeue (target, resource_type, key, verify_first)
    values (1, 'User', 'doubt', 1), (1, 'User', 'left', 0)`);
  values.retain({ User: ['userName'], Group: [] }, at(0));
  const owned = ['left', 'account', 'doubt', 'present'].filter(
    (key) => values.ownerOf('User', name(key)) !== undefined,
  );
  expect(owned).toEqual(['account', 'doubt', 'present']);
});

test('waiting records come in the order of their keys, shorter keys first, page by page', () => {
  const { values } = open();
  const wait = (key: string): void =>
    values.addWaiting({ ...user(key), path: 'userName', values: ['x', 'y'], externalId: undefined });
  values.clearWaiting();
  ['10', 'b', '9', '100', '11'].forEach(wait);
  const keys: string[] = [];
  for (let page = values.waiting(undefined, 2); page.length > 0; page = values.waiting(page.at(-1), 2))
    keys.push(...page.map(({ key }) => key));
  expect(keys).toEqual(['9', 'b', '10', '11', '100']);
  values.clearWaiting();
  expect(values.waiting(undefined, 2)).toEqual([]);
});

test('a value follows its person to a new key', () => {
  const { db, values } = open();
  values.assign(ada, name('smith'));
  values.assign(user('new'), name('smith2'));
  relinkKeys(db, [{ from: ada.key, to: sourceKey('new') }], at(5));
  expect(values.of(user('new'))).toEqual({ userName: 'smith' });
  expect(values.of(ada)).toEqual({});
});

test('values stay when the target gets another name, and are gone when it is forgotten', async () => {
  const { store } = state();
  const assigned = async (target: string) => (await store.target(target)).uniqueValues.of(ada);
  (await store.target('app')).uniqueValues.assign(ada, name('smith'));
  await store.targets.rename('app', 'shop');
  expect(await assigned('shop')).toEqual({ userName: 'smith' });
  await store.dryRun(async () => {
    (await store.target('shop')).uniqueValues.assign(bob, name('jones'));
  });
  expect((await store.target('shop')).uniqueValues.ownerOf('User', name('jones'))).toBeUndefined();
  await store.targets.forget('shop', instant(1));
  expect(await assigned('shop')).toEqual({});
});
