import { describe, expect, test } from '@jest/globals';
import Database from 'better-sqlite3';
import { instant, remoteId } from '../../../src/model/ids.ts';
import { openConditions } from '../../../src/store/notifications/conditions.ts';
import { acknowledged, add, answer, begin, change, create, everything, target } from '../operations.ts';
import { at, state, type State } from '../state.ts';

const refused = { kind: 'rejected', status: 403, detail: 'no right' } as const;
const inactive = { kind: 'remember', body: { active: false }, active: false } as const;
const later = instant(100_000);

const openOf = ({ db }: State, openSince = later): unknown => {
  const [app] = openConditions(db).targets({ openSince, driftSince: at(0) });
  return app?.openLeavers;
};

/** What no step of a pass in this test would write. */
function write({ file }: State, sql: string): void {
  const db = new Database(file);
  db.exec(sql);
  db.close();
}

const nothing = { total: 0, since: undefined, first: [] };

describe('leavers who may still have access', () => {
  test('a removal that failed, since it was first planned, until it succeeds', async () => {
    const one = state();
    const { journal } = one.store;
    await acknowledged(one, ['ada', 'bob']);
    const failing = async (started: number): Promise<void> => {
      const { pass } = await journal.begin('sync', at(started));
      await add(one, pass, [change('ada', [], 'deactivate')]);
      await journal.requeueRound(pass, target, 0, everything);
      await answer(one, pass, 'deactivate ada', { outcome: refused, followUp: 'nextPass' });
      await journal.end(pass, at(started + 1), 'failed', undefined);
    };
    await failing(500);
    await failing(600);
    expect(openOf(one)).toEqual({
      ...{ total: 1, since: 500 },
      first: [{ key: 'ada', name: 'ada', action: 'deactivate', detail: 'no right', since: 500 }],
    });
    expect(openOf(one, at(499))).toEqual(nothing);
    const { pass } = await journal.begin('sync', at(700));
    await add(one, pass, [change('ada', [], 'deactivate')]);
    await answer(one, pass, 'deactivate ada', { change: inactive, followUp: 'none' });
    expect(openOf(one)).toEqual(nothing);
  });

  test('another operation that failed, a create, and a frozen user are none', async () => {
    const one = state();
    const { journal } = one.store;
    await acknowledged(one, ['ada', 'bob']);
    const pass = await begin(one, [change('ada', [], 'deactivate'), change('bob', []), create('cy')]);
    await journal.requeueRound(pass, target, 0, everything);
    for (const text of ['deactivate ada', 'update bob', 'create cy'])
      await answer(one, pass, text, { outcome: refused, followUp: 'nextPass' });
    expect(openOf(one)).toMatchObject({ total: 1 });
    write(
      one,
      `insert into freeze (key, name, since, operator, host, reason) values ('ada', '', 1, 'eve', 'h', 'law')`,
    );
    expect(openOf(one)).toEqual(nothing);
  });

  test('a removal that was answered, and that the look before the last pass has not shown', async () => {
    const one = state();
    const { journal } = one.store;
    await acknowledged(one, ['ada']);
    const pass = await begin(one, [change('ada', [], 'deactivate')]);
    await journal.saveSummary(pass, target, {});
    const look = { remoteId: remoteId('r-ada'), look: 1, due: at(600), unprovenRemovals: 0 } as const;
    await answer(one, pass, 'deactivate ada', {
      ...{ outcome: { kind: 'done', status: 204 }, change: inactive, followUp: 'none' },
      verification: { ...look, isSeen: false, externalId: undefined, mayHaveDuplicates: false },
    });
    expect(openOf(one)).toEqual(nothing);
    const { pass: next } = await journal.begin('sync', at(700));
    await journal.saveSummary(next, target, {});
    expect(openOf(one)).toMatchObject({ total: 1, since: 200, first: [{ key: 'ada', action: 'deactivate' }] });
  });
});

test('accounts of leavers that are active again, and those that were closed a short time ago', async () => {
  const one = state();
  await one.store.target(target);
  write(
    one,
    `insert into drift (target, difference, resource_type, key, name, remote_id, path, acknowledged, shown, policy,
      found_at, seen_at, closed_at)
    select 1, column1, 'User', column2, '', 'r', 'active', 'false', 'true', 'repair', 1, 1, column3
    from (
      values ('reactivated', 'ada', null), ('reactivated', 'bob', 900), ('reactivated', 'cy', 400),
        ('changed', 'dan', null)
    )`,
  );
  const [app] = openConditions(one.db).targets({ openSince: at(0), driftSince: at(500) });
  expect(app?.leaverDrift).toEqual({ open: 1, repaired: 1 });
});

test('what was done within a time, and the passes of a daemon', async () => {
  const one = state();
  const { journal } = one.store;
  await acknowledged(one, ['ada', 'bob']);
  const { pass } = await journal.begin('daemon -c x.json', at(500));
  await journal.end(pass, at(600), 'failed', 'no source');
  const conditions = openConditions(one.db);
  expect(conditions.done(at(0), at(1000))).toEqual([{ target, action: 'create', count: 2 }]);
  expect([conditions.done(at(200), at(1000)), conditions.done(at(0), at(199))]).toEqual([[], []]);
  expect(conditions.passes(at(0), at(1000))).toEqual({ total: 2, failed: 1 });
  expect(conditions.passes(at(100), at(1000))).toEqual({ total: 1, failed: 1 });
  expect(conditions.lastReadingAt()).toBeUndefined();
  await journal.setReading(1, 4);
  expect(conditions.lastReadingAt()).toBe(100);
  expect(conditions.daemonPasses(2)).toEqual([{ started: 500, ended: 600, hasRead: true }]);
});
