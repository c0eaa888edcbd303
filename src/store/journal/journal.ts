import type { Instant } from '../../model/ids.ts';
import type { FlatResource } from '../../model/resource.ts';
import { zeroCounts, type Counts } from '../../model/plan.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Operation } from '../../model/operation.ts';
import { inDoubtAfter } from '../../model/in-doubt.ts';
import { openRequeue } from './requeue.ts';
import type { Db } from '../database.ts';
import type { GroupCommit } from '../sqlite/group-commit.ts';
import { openOperations, operationColumns, type OperationRow } from './operations.ts';
import { removedSince } from './recent-removals.ts';
import { openSnapshot } from '../snapshot/snapshot.ts';
import type { PlanningScope, HoldChoice, Journal, Note, StoredOperation } from '../store.ts';
import type { SqliteTargetStore } from '../snapshot/target-store.ts';

const pageSize = 500;

/** Deeper lines of managers than this are not ordered; who is left is completed by a second request. */
const managerLevels = 1000;

export function openJournal(db: Db, commits: GroupCommit, targetOf: (name: string) => SqliteTargetStore): Journal {
  const operations = openOperations(db);
  const requeue = openRequeue(db);
  // Two questions, because SQLite would answer "(phase, wave, id) > …" by walking through the wave from its beginning.
  const restOfWave = db.prepare(`select ${operationColumns} from operation where pass = ? and target = ? and round = ?
    and phase = ? and wave = ? and id > ? order by id limit ?`);
  const laterWaves = db.prepare(`select ${operationColumns} from operation where pass = ? and target = ? and round = ?
    and (phase, wave) > (?, ?) order by phase, wave, id limit ?`);
  const insertNote = db.prepare(
    'insert into note (pass, target, resource_type, key, name, text, problem) values (?, ?, ?, ?, ?, ?, ?)',
  );
  const selectNotes = db.prepare(
    `select rowid as id, resource_type as resourceType, key, name, text, problem from note where pass = ? and target = ? and rowid > ? order by rowid limit ?`,
  );
  const selectRemainingMemberships = db
    .prepare(
      `select 1 from operation_member m join operation o on o.id = m.operation
    where m.key = ? and m.resource_type = 'User' and m.removed = 1 and o.pass = ? and o.target = ? and o.state <> 'done' limit 1`,
    )
    .pluck();
  const updateSent = db.prepare(`update operation set state = 'sent', sent_at = ? where id = ?`);
  const updateResult = db.prepare(
    'update operation set state = ?, status = ?, detail = ?, requests = ?, retries = ?, answered_at = ? where id = ?',
  );

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
    async begin(command, at, isApproved = false) {
      const interrupted = closeInterrupted(db, at);
      const { lastInsertRowid } = db
        .prepare('insert into pass (command, started, approved) values (?, ?, ?)')
        .run(command, at, isApproved ? 1 : 0);
      return { pass: Number(lastInsertRowid), interrupted };
    },
    end: (pass, at, result, note) =>
      commits.write(() => {
        db.prepare('update pass set ended = ?, result = ?, note = ? where id = ?').run(at, result, note ?? null, pass);
      }),
    async setReading(pass, reading) {
      db.prepare('update pass set reading = ? where id = ?').run(reading, pass);
    },
    saveSummary: (pass, target, summary) =>
      commits.write(() => {
        db.prepare('insert or replace into pass_target (pass, target, summary) values (?, ?, ?)').run(
          pass,
          targetOf(target).id,
          JSON.stringify(summary),
        );
      }),
    async add(pass, target, round, planned) {
      const { id } = targetOf(target);
      for (const one of planned) operations.add(pass, id, round, one);
    },
    async note(pass, target, notes) {
      const { id } = targetOf(target);
      for (const { resourceType, key, name, text, problem } of notes)
        insertNote.run(pass, id, resourceType, key, name, text, problem ? 1 : 0);
    },
    async notes(pass, target, after, limit) {
      const rows = selectNotes.all(pass, targetOf(target).id, after, limit) as (Omit<Note, 'problem'> & {
        id: number;
        problem: number;
      })[];
      return rows.map((row) => ({ ...row, problem: row.problem === 1 }));
    },
    async requeueRound(pass, target, round, extent) {
      requeueRound(db, { pass, target: targetOf(target).id, round }, extent);
    },
    async removedSince(target, since, currentPass) {
      return removedSince(db, targetOf(target).id, since, currentPass);
    },
    async orderByManager(pass, target, round, phase) {
      return orderByManager(db, { pass, target: targetOf(target).id, round, phase });
    },
    async hold(pass, target, round, choice) {
      hold(db, { pass, target: targetOf(target).id, round }, choice);
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
    hasRemainingMemberships(pass, target, user) {
      return selectRemainingMemberships.get(user, pass, targetOf(target).id) !== undefined;
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
          `select count(*) from operation where pass = ? and target = ? and round = ? and action = 'create' and resource_type = ?`,
        )
        .pluck()
        .get(pass, targetOf(target).id, round, resourceType) as number;
    },
    async unansweredCreate(target, resourceType, key) {
      const body = db
        .prepare(
          `select body from operation where target = ? and resource_type = ? and key = ? and action = 'create'
        and state = 'unknown' order by id desc limit 1`,
        )
        .pluck()
        .get(targetOf(target).id, resourceType, key) as string | undefined;
      return body === undefined ? undefined : (JSON.parse(body) as FlatResource);
    },
    hasFailedBefore(operation) {
      return (
        db
          .prepare(
            `select 1 from operation now join operation old on old.target = now.target and old.resource_type = now.resource_type and old.key = now.key
        and old.pass < now.pass and old.action = now.action and old.state = 'failed' and coalesce(old.edits, old.body) is coalesce(now.edits, now.body)
        where now.id = ? and now.action <> 'members' limit 1`,
          )
          .get(operation) !== undefined
      );
    },
    async recordEntries(pass, target, resourceType, key) {
      const { id } = targetOf(target);
      const rows = db
        .prepare(
          `select ${operationColumns} from operation o where pass = :pass and target = :id
        and ((o.resource_type = :resourceType and o.key = :key) or exists (select 1 from operation_member m where m.operation = o.id and m.resource_type = :resourceType and m.key = :key))
        order by phase, wave, id`,
        )
        .all({ pass, id, resourceType, key }) as OperationRow[];
      const notes = db
        .prepare(
          'select resource_type as resourceType, key, name, text, problem from note where pass = ? and target = ? and resource_type = ? and key = ?',
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
    markSent(operation, at) {
      return commits.write(() => updateSent.run(at, operation));
    },
    recordResult(pass, target, stored, { state, outcome, change, requeues, requests, retries, at }) {
      return commits.write(() => {
        const { id, snapshot } = targetOf(target.name);
        const { resourceType, key } = stored.operation;
        updateResult.run(state, statusOf(outcome), detailOf(outcome), requests, retries, at, stored.id);
        snapshot.apply(resourceType, key, change, at);
        for (const one of requeues) requeue({ pass, target: id, id: stored.id, resourceType, key }, one);
      });
    },
  };
}

function statusOf(outcome: Outcome): number | null {
  return 'status' in outcome ? (outcome.status ?? null) : null;
}

function detailOf(outcome: Outcome): string | null {
  return 'detail' in outcome ? (outcome.detail ?? null) : null;
}

const ofOpenPass = 'pass in (select id from pass where ended is null)';

/**
 * A pass that never ended was killed. What it had sent may or may not have taken effect, and what it had planned is found
 * again by comparing; only a create may not be repeated blindly.
 */
function closeInterrupted(db: Db, at: Instant): number {
  return db
    .transaction(() => {
      if (db.prepare('select 1 from pass where ended is null').get() === undefined) return 0;
      db.prepare(
        `insert into requeue (target, resource_type, key, verify_first) select target, resource_type, key, 1 from operation where ${ofOpenPass} and state = 'sent' and action in ('create', 'verifyCreate')
      on conflict (target, resource_type, key) do update set verify_first = 1`,
      ).run();
      markUnansweredInDoubt(db, at);
      db.prepare(
        `update operation set state = 'unknown', detail = 'the pass was interrupted before an answer was recorded' where ${ofOpenPass} and state = 'sent'`,
      ).run();
      db.prepare(
        `update operation set state = 'skipped', detail = 'the pass was interrupted before this was sent' where ${ofOpenPass} and state = 'planned'`,
      ).run();
      return db.prepare(`update pass set ended = ?, result = 'interrupted' where ended is null`).run(at).changes;
    })
    .immediate();
}

/** Whatever else was sent may have taken effect. */
function markUnansweredInDoubt(db: Db, at: Instant): void {
  const operations = openOperations(db);
  const rows = db
    .prepare(
      `select ${operationColumns}, target from operation where ${ofOpenPass} and state = 'sent' and action not in ('create', 'verifyCreate')`,
    )
    .all() as (OperationRow & { target: number })[];
  for (const row of rows) {
    const { operation } = operations.read(row);
    openSnapshot(db, row.target).apply(operation.resourceType, operation.key, inDoubtAfter(operation), at);
  }
}

interface RoundKey {
  readonly pass: number;
  readonly target: number;
  readonly round: number;
}

function requeueRound(db: Db, round: RoundKey, scope: PlanningScope): void {
  const onlyFollowUps = scope.kind === 'followUp' ? 'and this_pass = 1' : '';
  db.prepare(`delete from requeue where target = ? and verify_first = 0 ${onlyFollowUps}`).run(round.target);
  db.prepare('update requeue set this_pass = 0 where target = ?').run(round.target);
  db.prepare(`delete from requeue_membership where target = ? and in_doubt = 0 ${onlyFollowUps}`).run(round.target);
  db.prepare('update requeue_membership set this_pass = 0 where target = ?').run(round.target);
  db.prepare(
    `insert or ignore into requeue (target, resource_type, key) select target, resource_type, key from operation
    where pass = :pass and target = :target and round = :round and action <> 'members'`,
  ).run(round);
  db.prepare(
    `insert or ignore into requeue (target, resource_type, key) select target, resource_type, key from note
    where pass = :pass and target = :target and problem = 1`,
  ).run({ pass: round.pass, target: round.target });
  db.prepare(
    `insert or ignore into requeue_membership (target, group_key, member_key) select o.target, o.key, m.key from operation o
    join operation_member m on m.operation = o.id
    where o.pass = :pass and o.target = :target and o.round = :round and o.action = 'members'`,
  ).run(round);
}

/** Moves everybody one wave behind their manager, level by level, until nobody moves or only rings are left. */
function orderByManager(db: Db, round: RoundKey & { readonly phase: number }): number {
  // Without its hint SQLite would look for each manager among all operations of the phase.
  const move = db.prepare(`update operation set wave = :wave + 1
    where pass = :pass and target = :target and round = :round and phase = :phase and wave = :wave and refers_to is not null
      and exists (select 1 from operation m indexed by operation_by_key where m.key = operation.refers_to and m.resource_type = 'User' and m.pass = :pass and m.target = :target
        and m.round = :round and m.phase = :phase and m.wave >= :wave)`);
  let previousChanges = 0;
  for (let wave = 0; wave < managerLevels; wave += 1) {
    const { changes } = move.run({ ...round, wave });
    if (changes === 0) return 0;
    if (changes === previousChanges) return changes;
    previousChanges = changes;
  }
  return previousChanges;
}

function hold(db: Db, round: RoundKey, choice: HoldChoice): void {
  const where = 'pass = :pass and target = :target and round = :round';
  const run = (sql: string, parameters: Record<string, unknown> = {}): void => {
    db.prepare(sql).run({ ...round, ...parameters });
  };
  run(`update operation set state = 'held' where ${where} and phase in (select value from json_each(:phases))`, {
    phases: JSON.stringify(choice.phases),
  });
  if (choice.renames) run(`update operation set state = 'held' where ${where} and is_rename = 1`);
  if (!choice.memberships) return;
  const mixed = db
    .prepare(
      `select id from operation where ${where} and action = 'members'
    and exists (select 1 from operation_member where operation = operation.id and removed = 1)
    and exists (select 1 from operation_member where operation = operation.id and removed = 0)`,
    )
    .pluck()
    .all(round) as number[];
  for (const id of mixed) {
    // What is added goes on without what is removed.
    const { lastInsertRowid } = db
      .prepare(
        `insert into operation (pass, target, round, phase, wave, action, resource_type, key, name, reason)
      select pass, target, round, phase, wave, action, resource_type, key, name, reason from operation where id = ?`,
      )
      .run(id);
    db.prepare('update operation_member set operation = ? where operation = ? and removed = 0').run(
      lastInsertRowid,
      id,
    );
  }
  run(`update operation set state = 'held' where ${where} and action = 'members'
    and exists (select 1 from operation_member where operation = operation.id and removed = 1)`);
}

function counts(db: Db, pass: number, target: number, round: number): Counts {
  const result = zeroCounts();
  const actions = db
    .prepare(
      `select action, count(*) as count from operation
    where pass = ? and target = ? and round = ? and action <> 'members' group by action`,
    )
    .all(pass, target, round) as { action: Exclude<Operation['action'], 'members'>; count: number }[];
  for (const { action, count } of actions) if (action !== 'verifyCreate') result[action] = count;
  const members = db
    .prepare(
      `select m.removed, count(*) as count from operation o join operation_member m on m.operation = o.id
    where o.pass = ? and o.target = ? and o.round = ? and o.action = 'members' group by m.removed`,
    )
    .all(pass, target, round) as { removed: number; count: number }[];
  for (const { removed, count } of members) result[removed === 1 ? 'removeMembers' : 'addMembers'] = count;
  return result;
}
