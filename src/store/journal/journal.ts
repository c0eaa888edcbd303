import type { Counts } from '../../model/plan.ts';
import { openPassLog } from './pass-log.ts';
import { openUnansweredCreates } from './unanswered-creates.ts';
import { requeuePlanned } from './requeue/requeue.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { openOperations, operationColumns, operationColumnsOf, type OperationRow } from './operations.ts';
import { openUnansweredRemovals } from './unanswered-removals.ts';
import { openApprovals } from './approvals.ts';
import { openDrafts } from '../planning/drafts.ts';
import { openHolds } from './holds.ts';
import { isSuperseded, openNewsLog } from './news/supersede.ts';
import { openNameLog } from './names.ts';
import { openPlanOutline } from './plan/plan-outline.ts';
import { openPassEffects } from '../undo/pass-effects.ts';
import type { Note, StoredOperation } from '../store.ts';
import type { Journal } from '../interface/every-side.ts';
import type { SqliteTargetStore } from '../snapshot/target-store.ts';

const pageSize = 500;

/** Opens the journal: passes, operations and their results. */
export function openJournal(db: Db, commits: GroupCommit, targetOf: (name: string) => SqliteTargetStore): Journal {
  const operations = openOperations(db);
  // Two queries: with "(phase, wave, id) > …" SQLite would scan the wave from its beginning for each page.
  const restOfWave = db.prepare(`select ${operationColumns} from operation where pass = ? and target = ? and round = ?
    and phase = ? and wave = ? and id > ? order by id limit ?`);
  const laterWaves = db.prepare(`select ${operationColumns} from operation where pass = ? and target = ? and round = ?
    and (phase, wave) > (?, ?) order by phase, wave, id limit ?`);
  // Without the index hint SQLite scans all operations of the phase for each manager.
  const selectManagedCreates = db.prepare(`
    select o.id as "create", m.id as manager
    from operation o
    join operation m indexed by operation_by_key on m.key = o.refers_to
      and m.resource_type = 'User'
      and m.pass = :pass
      and m.target = :target
      and m.round = :round
      and m.phase = :phase
    where o.pass = :pass
      and o.target = :target
      and o.round = :round
      and o.phase = :phase
      and o.wave = 0
      and o.id > :after
    order by o.id
    limit :limit`);
  const updateWaves = db.prepare(`
    update operation
    set wave = w.value ->> 1
    from json_each(?) w
    where operation.id = w.value ->> 0`);

  const operationsAfter = (
    pass: number,
    target: string,
    round: number,
    after: StoredOperation | undefined,
    limit: number,
  ): readonly StoredOperation[] => {
    const { id } = targetOf(target);
    const rows = (
      after === undefined ? [] : restOfWave.all(pass, id, round, after.phase, after.wave, after.id, limit)
    ) as OperationRow[];
    const rest = limit - rows.length;
    if (rest > 0)
      rows.push(...(laterWaves.all(pass, id, round, after?.phase ?? -1, after?.wave ?? -1, rest) as OperationRow[]));
    return rows.map((row) => operations.read(row));
  };

  return {
    ...openPassLog(db, commits, targetOf),
    ...openUnansweredRemovals(db, commits, targetOf),
    ...openApprovals(db, targetOf),
    ...openHolds(db, targetOf),
    ...openNewsLog(db, targetOf),
    ...openNameLog(db, commits, targetOf),
    ...openPlanOutline(db, targetOf),
    ...openDrafts(db, targetOf),
    ...openPassEffects(db, targetOf),
    async add(pass, target, round, planned) {
      const { id } = targetOf(target);
      for (const one of planned) operations.add(pass, id, round, one);
    },
    async requeueRound(pass, target, round, extent) {
      requeuePlanned(db, { pass, target: targetOf(target).id, round }, extent);
    },
    async managedCreates(pass, target, round, phase, after, limit) {
      return selectManagedCreates.all({ pass, target: targetOf(target).id, round, phase, after, limit }) as {
        create: number;
        manager: number;
      }[];
    },
    async setWaves(waves) {
      updateWaves.run(JSON.stringify(waves.map(({ operation, wave }) => [operation, wave])));
    },
    async operations(pass, target, round, after, limit) {
      return operationsAfter(pass, target, round, after, limit);
    },
    async *allOperations(pass, target, round) {
      for (let last: StoredOperation | undefined; ;) {
        const page = operationsAfter(pass, target, round, last, pageSize);
        yield* page;
        last = page.at(-1);
        if (last === undefined) return;
      }
    },
    async counts(pass, target, round) {
      return counts(db, pass, targetOf(target).id, round);
    },
    async countPending(pass, target, round) {
      return db
        .prepare(`select count(*) from operation where pass = ? and target = ? and round = ? and state = 'planned'`)
        .pluck()
        .get(pass, targetOf(target).id, round) as number;
    },
    async countCreates(pass, target, round, resourceType) {
      return db
        .prepare(
          `
          select count(*)
          from operation
          where pass = ?
            and target = ?
            and round = ?
            and action = 'create'
            and resource_type = ?`,
        )
        .pluck()
        .get(pass, targetOf(target).id, round, resourceType) as number;
    },
    ...openUnansweredCreates(db, targetOf),
    async recordEntries(pass, target, resourceType, key) {
      const { id } = targetOf(target);
      const rows = db
        .prepare(
          `
          select ${operationColumnsOf('o')}
          from (
            select n.id as entry
            from operation n indexed by operation_by_key
            where n.key = :key and n.resource_type = :resourceType
            union
            select m.operation
            from operation_member m indexed by operation_member_by_key
            where m.key = :key and m.resource_type = :resourceType
          )
          cross join operation o on o.id = entry
          where pass = :pass and target = :id
          order by phase, wave, id`,
        )
        .all({ pass, id, resourceType, key }) as OperationRow[];
      const notes = db
        .prepare(
          `
          select resource_type as resourceType, key, name, text, problem
          from note
          where pass = ?
            and target = ?
            and resource_type = ?
            and key = ?`,
        )
        .all(pass, id, resourceType, key) as (Omit<Note, 'problem'> & { problem: number })[];
      return {
        operations: rows.map((row) => operations.read(row)),
        notes: notes.map((row) => ({ ...row, problem: row.problem === 1 })),
      };
    },
    async skipRemaining(pass, target, detail) {
      let skipped = 0;
      await commits.write(() => {
        skipped = db
          .prepare(
            `update operation set state = 'skipped', detail = ? where pass = ? and target = ? and state = 'planned'`,
          )
          .run(detail, pass, targetOf(target).id).changes;
      });
      return skipped;
    },
  };
}

const countedActions = ['create', 'update', 'deactivate', 'reactivate', 'delete'] as const;

/** Without "group by": SQLite would sort the operations of a first load in memory. */
function counts(db: Db, pass: number, target: number, round: number): Counts {
  const ofActions = countedActions.map((action) => `count(*) filter (where action = '${action}') as "${action}"`);
  const actions = db
    .prepare(
      // A create that was refused because of a unique value is repeated by a later round with the next value.
      `select ${ofActions.join(', ')} from operation o
    where pass = ? and target = ? and round = ? and action <> 'members' and not ${isSuperseded('o')}
      and not (state = 'skipped' and exists (
        select 1
        from operation later indexed by operation_by_key
        where later.key = o.key
          and later.resource_type = o.resource_type
          and later.target = o.target
          and later.pass = o.pass
          and later.round > o.round
          and later.action = o.action
      ))`,
    )
    .get(pass, target, round) as Pick<Counts, (typeof countedActions)[number]>;
  const members = db
    .prepare(
      `select count(*) filter (where m.removed = 0) as addMembers,
      count(*) filter (where m.removed = 1) as removeMembers
    from operation o join operation_member m on m.operation = o.id
    where o.pass = ? and o.target = ? and o.round = ? and o.action = 'members' and not ${isSuperseded('o')}`,
    )
    .get(pass, target, round) as Pick<Counts, 'addMembers' | 'removeMembers'>;
  return { ...actions, ...members };
}
