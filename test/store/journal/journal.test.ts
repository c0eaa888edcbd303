import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { sourceKey } from '../../../src/model/ids.ts';
import type { Operation } from '../../../src/model/operation.ts';
import type { Outcome } from '../../../src/model/outcome.ts';
import { stateOf } from '../../../src/sync/settle.ts';
import type { StoredOperation } from '../../../src/store/store.ts';
import {
  acknowledged,
  add,
  all,
  answer,
  begin,
  brief,
  change,
  verifyCreate,
  create,
  createGroup,
  requeued,
  edit,
  everything,
  markSent,
  members,
  people,
  planned,
  remove,
  stored,
  target,
  under,
} from '../operations.ts';
import { notesOf } from '../notes.ts';
import { at, atEnd, openEverySide, state, type EverySide, type State } from '../state.ts';

/** The state as a later process opens it. */
function nextProcess(file: string): EverySide {
  const store = openEverySide(file);
  atEnd(() => store.close());
  return store;
}

describe('a pass', () => {
  test('is recorded with its command and its result', async () => {
    const {
      store: { journal },
      db,
    } = state();
    const { pass, interrupted } = await journal.begin('sync --full', at(10), { name: 'ada', host: 'hr-box' });
    await journal.setReading(pass, 3);
    await journal.saveSummary(pass, target, { a: 1 });
    await journal.saveSummary(pass, target, { a: 2 });
    await journal.end(pass, at(20), 'done', 'by ada');
    expect(interrupted).toBe(0);
    expect(db.prepare('select * from pass').all()).toEqual([
      {
        id: pass,
        command: 'sync --full',
        started: 10,
        ended: 20,
        reading: 3,
        result: 'done',
        note: 'by ada',
        is_operator_action: 0,
        judgements: null,
        operator: 'ada',
        host: 'hr-box',
      },
    ]);
    expect(db.prepare('select summary from pass_target').all()).toEqual([{ summary: '{"a":2}' }]);
  });

  test('without an end is interrupted, and reported once', async () => {
    const { file, store, ask } = state();
    const first = await store.journal.begin('sync', at(10));
    await store.journal.end(first.pass, at(20), 'done', undefined);
    expect(await store.journal.begin('sync', at(30))).toMatchObject({ interrupted: 0 });
    expect(await nextProcess(file).journal.begin('sync', at(40))).toMatchObject({ interrupted: 1 });
    expect(await nextProcess(file).journal.begin('sync', at(50))).toMatchObject({ interrupted: 1 });
    expect(ask('select result from pass order by id')).toEqual(['done', 'interrupted', 'interrupted', null]);
  });

  test('of the same process stays open beside another one', async () => {
    const { store, ask } = state();
    await store.journal.begin('daemon', at(30));
    expect(await store.journal.begin('daemon', at(40))).toMatchObject({ interrupted: 0 });
    expect(ask('select result from pass order by id')).toEqual([null, null]);
  });

  test('whose lane failed at one target leaves the operations at another one open', async () => {
    const one = state();
    const pass = await begin(one, [create('ada'), create('bob')]);
    await one.store.journal.add(pass, 'other', 0, [planned(create('ada'))]);
    await markSent(one, pass, 'create ada', 110);
    await one.store.journal.closeTarget(pass, target, at(120));
    expect((await all(one, pass)).map(brief)).toEqual(['create ada unknown', 'create bob skipped']);
    expect(one.ask(`select count(*) from operation where state = 'planned'`)).toEqual([1]);
  });
});

describe('a killed pass', () => {
  async function killed(one: State, operations: readonly Operation[], sent: readonly string[]): Promise<number> {
    const pass = await begin(one, operations);
    await one.store.journal.requeueRound(pass, target, 0, everything);
    for (const text of sent) await markSent(one, pass, text, 110);
    await nextProcess(one.file).journal.begin('sync', at(300));
    return pass;
  }

  test('had sent some operations; the others are skipped', async () => {
    const one = state();
    await acknowledged(one, ['bob', 'eve']);
    const pass = await killed(
      one,
      [create('ada'), change('bob', [edit('title', null, 'x')]), create('cy'), remove('eve')],
      ['create ada', 'update bob'],
    );
    expect((await all(one, pass)).map(brief)).toEqual([
      'create ada unknown',
      'update bob unknown',
      'create cy skipped',
      'delete eve skipped',
    ]);
    expect(one.ask('select detail from operation where pass = ? order by id', pass)).toEqual([
      'the pass was interrupted before an answer was recorded',
      'the pass was interrupted before an answer was recorded',
      'the pass was interrupted before this was sent',
      'the pass was interrupted before this was sent',
    ]);
  });

  test('a sent create is verified first, other sent operations are in doubt, and all are requeued', async () => {
    const one = state();
    await acknowledged(one, ['bob', 'dan', 'eve']);
    await killed(
      one,
      [
        create('ada'),
        change('bob', [edit('title', null, 'x')]),
        create('cy'),
        remove('dan'),
        members('eng', 'add bob', 'remove dan'),
        members('ops', 'add bob'),
      ],
      ['create ada', 'update bob', 'delete dan', 'members eng'],
    );
    expect(requeued(one)).toEqual([
      'User ada verifyFirst',
      'User bob',
      'User cy',
      'User dan',
      'eng>bob inDoubt',
      'eng>dan inDoubt',
      'ops>bob',
    ]);
    const store = await one.store.target(target);
    expect(store.known('User', sourceKey('bob'))?.inDoubt).toEqual(['title']);
    expect(store.known('User', sourceKey('dan'))?.inDoubt).toEqual(['active']);
    expect(store.known('User', sourceKey('eve'))).not.toHaveProperty('inDoubt');
  });

  test('outcomes that were recorded are kept', async () => {
    const one = state();
    const pass = await begin(one, [create('ada')]);
    await answer(one, pass, 'create ada', {
      outcome: { kind: 'rejected', status: 400, detail: 'no' },
      followUp: 'nextPass',
    });
    await nextProcess(one.file).journal.begin('sync', at(300));
    expect((await all(one, pass)).map(brief)).toEqual(['create ada failed']);
  });

  test('the body of a create without a response is known, but not that of a create with one', async () => {
    const one = state();
    await killed(one, [create('ada', { title: 'x' }), create('bob')], ['create ada']);
    const ask = (key: string) => one.store.journal.unansweredCreate(target, 'User', sourceKey(key));
    expect([await ask('ada'), await ask('bob'), await ask('unknown')]).toEqual([
      { userName: 'ada', title: 'x' },
      undefined,
      undefined,
    ]);
  });
});

describe('operations', () => {
  test('are read as they were planned', async () => {
    const one = state();
    const operations = [
      planned(create('ada', { active: true, emails: [{ value: 'a@x' }] }), 70),
      planned(change('bob', [edit('userName', 'b', 'bob')]), 60, 2, true),
      planned(change('cy', [], 'deactivate'), 10),
      planned(remove('eng', 'Group'), 40),
      planned(verifyCreate('dan'), 5),
      planned(members('ops', 'add ada bob', 'remove cy'), 20),
      planned(createGroup('new'), 100),
    ];
    const pass = await begin(one, operations);
    const read = await all(one, pass);
    expect(read.map(({ id: _, state: __, ...rest }) => rest)).toEqual(
      [...operations].sort((a, b) => a.phase - b.phase),
    );
    expect(new Set(read.map(({ state: own }) => own))).toEqual(new Set(['planned']));
  });

  test('are ordered by phase, wave and planning, with any page size', async () => {
    const place = fc.record({ phase: fc.integer({ min: 0, max: 3 }), wave: fc.integer({ min: 0, max: 2 }) });
    const one = state();
    await fc.assert(
      fc.asyncProperty(fc.array(place, { maxLength: 25 }), fc.integer({ min: 1, max: 7 }), async (places, limit) => {
        const pass = await begin(
          one,
          places.map(({ phase, wave }, index) => planned(create(`${index}`), phase, wave)),
        );
        const paged: StoredOperation[] = [];
        for (;;) {
          const page = await one.store.journal.operations(pass, target, 0, paged.at(-1), limit);
          if (page.length === 0) break;
          expect(page.length).toBeLessThanOrEqual(limit);
          paged.push(...page);
        }
        const expected = places
          .map((own, index) => ({ ...own, index }))
          .sort((a, b) => a.phase - b.phase || a.wave - b.wave || a.index - b.index);
        expect(paged.map(({ operation }) => String(operation.key))).toEqual(expected.map(({ index }) => `${index}`));
      }),
      { numRuns: 40 },
    );
  });

  test('are read by round, target and pass', async () => {
    const one = state();
    const pass = await begin(one, [create('ada')]);
    await add(one, pass, [create('bob')], 1);
    await one.store.journal.add(pass, 'other', 0, [planned(create('cy'))]);
    expect((await all(one, pass)).map(brief)).toEqual(['create ada']);
    expect((await all(one, pass, 1)).map(brief)).toEqual(['create bob']);
    expect((await one.store.journal.operations(pass, 'other', 0, undefined, 9)).map(brief)).toEqual(['create cy']);
    expect(await all(one, pass + 1)).toEqual([]);
  });

  test('are counted: users and groups by action, memberships by member', async () => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(one, [
      create('ada'),
      create('bob'),
      createGroup('eng'),
      change('cy', []),
      change('cy', [], 'reactivate'),
      change('dan', [], 'deactivate'),
      remove('eve'),
      remove('ops', 'Group'),
      verifyCreate('zoe'),
      members('eng', 'add ada bob', 'remove cy'),
      members('ops', 'add ada'),
    ]);
    await add(one, pass, [create('late')], 1);
    expect(await journal.counts(pass, target, 0)).toEqual({
      create: 3,
      update: 1,
      deactivate: 1,
      reactivate: 1,
      delete: 2,
      addMembers: 3,
      removeMembers: 1,
    });
    expect([
      await journal.countCreates(pass, target, 0, 'User'),
      await journal.countCreates(pass, target, 0, 'Group'),
      await journal.countCreates(pass, target, 1, 'User'),
    ]).toEqual([2, 1, 1]);
  });

  test('that were not sent are skipped, others are kept', async () => {
    const one = state();
    const pass = await begin(one, [create('ada'), create('bob'), planned(create('cy'), 9)]);
    await answer(one, pass, 'create ada', { followUp: 'none' });
    await one.store.journal.hold([(await stored(one, pass, 'create cy')).id]);
    expect(await one.store.journal.skipRemaining(pass, target, 'the target is down')).toBe(1);
    expect((await all(one, pass)).map(brief)).toEqual(['create ada done', 'create bob skipped', 'create cy held']);
    expect(one.ask(`select detail from operation where state = 'skipped'`)).toEqual(['the target is down']);
  });

  test('requests and responses are recorded', async () => {
    const one = state();
    const pass = await begin(one, [create('ada')]);
    await markSent(one, pass, 'create ada', 111);
    expect(one.db.prepare('select state, sent_at, answered_at from operation').get()).toEqual({
      state: 'sent',
      sent_at: 111,
      answered_at: null,
    });
    await answer(one, pass, 'create ada', {
      outcome: { kind: 'rejected', status: 400, detail: 'userName is too long' },
      followUp: 'nextPass',
      requests: 3,
      retries: 2,
      at: at(222),
    });
    expect(
      one.db.prepare('select state, status, detail, requests, retries, sent_at, answered_at from operation').get(),
    ).toEqual({
      state: 'failed',
      status: 400,
      detail: 'userName is too long',
      requests: 3,
      retries: 2,
      sent_at: 111,
      answered_at: 222,
    });
  });

  test('of one record: its own, its memberships, and its notes', async () => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(one, [
      planned(create('ada'), 70),
      planned(members('eng', 'add ada bob'), 110),
      planned(members('ops', 'add bob'), 110),
      planned(change('ada', []), 50),
      planned(createGroup('ada'), 100),
    ]);
    const note = { resourceType: 'User', key: sourceKey('ada'), name: 'n', text: 't', problem: true } as const;
    await journal.note(pass, target, [note, { ...note, resourceType: 'Group' }]);
    const { operations, notes } = await journal.recordEntries(pass, target, 'User', sourceKey('ada'));
    expect(operations.map(brief)).toEqual(['update ada', 'create ada', 'members eng']);
    expect(notes).toEqual([note]);
    expect(await journal.recordEntries(pass, 'other', 'User', sourceKey('ada'))).toEqual({ operations: [], notes: [] });
  });

  test('notes are read in their order over several pages', async () => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(one, []);
    const notes = Array.from(
      { length: 1001 },
      (_, number) =>
        ({
          resourceType: 'User',
          key: sourceKey(`k${number}`),
          name: 'n',
          text: `t${number}`,
          problem: number === 2,
        }) as const,
    );
    await journal.note(pass, target, notes);
    expect(await notesOf(one.store, pass, target)).toEqual(notes);
    expect(await notesOf(one.store, pass, 'other')).toEqual([]);
  });
});

describe('the state of an operation after an outcome', () => {
  const on: Operation = create('ada');
  test.each<[string, Operation, Outcome, string]>([
    ['done', on, { kind: 'done', status: 201 }, 'done'],
    ['done with all members', members('eng', 'add ada'), { kind: 'done', status: 204, rejectedMembers: [] }, 'done'],
    [
      'done without one member',
      members('eng', 'add ada bob'),
      { kind: 'done', status: 204, rejectedMembers: people('bob') },
      'failed',
    ],
    [
      'adopted',
      on,
      { kind: 'adopted', status: 200, resource: { remoteId: '1' as never, body: {}, active: true } },
      'adopted',
    ],
    ['not found, to be changed', change('ada', []), { kind: 'notFound', status: 404, detail: '' }, 'failed'],
    ['not found, to be deleted', remove('ada'), { kind: 'notFound', status: 404, detail: '' }, 'done'],
    ['not found, to be verified', verifyCreate('ada'), { kind: 'notFound', status: 404, detail: '' }, 'done'],
    ['refused', on, { kind: 'rejected', status: 400, detail: '' }, 'failed'],
    ['unavailable', on, { kind: 'unavailable', detail: '' }, 'failed'],
    ['unknown', on, { kind: 'unknown', detail: '' }, 'unknown'],
    ['skipped', on, { kind: 'skipped', detail: '' }, 'skipped'],
  ])('%s', (_, operation, outcome, expected) => {
    expect(stateOf(operation, outcome)).toBe(expected);
  });
});

test('a hold keeps operations back, but not necessarily the additions of a membership operation', async () => {
  const one = state();
  const pass = await begin(one, [
    planned(members('eng', 'add ada bob', 'remove cy dan'), 20),
    planned(members('ops', 'add ada'), 110),
    planned(members('old', 'remove ada'), 20),
  ]);
  const { journal } = one.store;
  const ids = await Promise.all(['members eng', 'members old'].map(async (text) => (await stored(one, pass, text)).id));
  await journal.splitMembers(ids.slice(0, 1).map((id) => ({ id, classes: ['ended'] })));
  await journal.hold(ids);
  expect((await all(one, pass)).map(({ phase, state: own, operation }) => [phase, own, operation])).toEqual([
    [20, 'held', members('eng', 'remove cy dan')],
    [20, 'held', members('old', 'remove ada')],
    [20, 'planned', members('eng', 'add ada bob')],
    [110, 'planned', members('ops', 'add ada')],
  ]);
  expect(await journal.counts(pass, target, 0)).toMatchObject({ addMembers: 3, removeMembers: 3 });
});

describe('creates whose manager is created too', () => {
  test('are read page by page, and executed by their wave', async () => {
    const one = state();
    const { journal } = one.store;
    const pass = await begin(one, [
      planned(create('x', under('y')), 70),
      planned(create('y', under('z')), 70),
      planned(create('z', under('there')), 70),
    ]);
    const pairs = [
      { create: 1, manager: 2 },
      { create: 2, manager: 3 },
    ];
    expect(await journal.managedCreates(pass, target, 0, 70, 0, 10)).toEqual(pairs);
    expect(await journal.managedCreates(pass, target, 0, 70, 0, 1)).toEqual(pairs.slice(0, 1));
    expect(await journal.managedCreates(pass, target, 0, 70, 1, 10)).toEqual(pairs.slice(1));
    await journal.setWaves([
      { operation: 1, wave: 2 },
      { operation: 2, wave: 1 },
    ]);
    expect((await all(one, pass)).map(brief)).toEqual(['create z', 'create y', 'create x']);
  });

  test('are of one round, phase and resource type', async () => {
    const one = state();
    const pass = await begin(one, [
      planned(create('a', under('b')), 70),
      planned(create('c', under('g')), 70),
      planned(create('b'), 60),
      planned(createGroup('g'), 70),
    ]);
    await add(one, pass, [planned(create('b'), 70)], 1);
    expect(await one.store.journal.managedCreates(pass, target, 0, 70, 0, 10)).toEqual([]);
  });
});
